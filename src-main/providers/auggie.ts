import { unreachable } from './common-failures.ts';
import { ownFileEverywhere } from './credential-place.ts';
import type { ProviderDefinition } from './definition.ts';

/** 0.36.0 was seen up to its callback: it takes no organisation but Augment Code's own. */
export const auggie: ProviderDefinition = {
  id: 'auggie',
  name: 'Auggie',
  vendor: 'Augment Code',
  mark: 'Au',
  aliases: ['augment', 'auggie-cli'],
  program: {
    names: ['auggie'],
    args: [],
    installCommand: 'npm install -g @augmentcode/auggie',
    npmPackage: '@augmentcode/auggie',
    version: { args: ['--version'] },
  },
  // Its session is in ~/.augment, and no variable of its own moves it.
  configDir: { variable: 'HOME', usual: '.', seed: [] },
  environment: {
    set: {
      // The same on Windows.
      USERPROFILE: '{dir}',
      AUGMENT_DISABLE_AUTO_UPDATE: '1',
    },
    unset: ['AUGMENT_API_TOKEN', 'AUGMENT_API_URL', 'AUGMENT_SESSION_AUTH', 'GITHUB_API_TOKEN'],
  },
  allowedHosts: ['augmentcode.com'],
  flows: [
    {
      id: 'browser',
      label: 'Augment account',
      kind: 'browser',
      args: ['login', '--headless'],
      transport: 'pipe',
      paste: { kind: 'callback' },
      patterns: {
        // It never prints its link, only the host that it could not reach.
        link: '(?!)',
        failures: [
          {
            pattern: 'Invalid tenant URL',
            code: 'tenant_refused',
            title: 'Auggie did not accept the organisation that the page sent it to.',
            hint: 'Try again, and choose an organisation of Augment Code on the page.',
          },
          // "Authentication failed" comes first and says nothing; the reason is the line after it.
          unreachable('Auggie', 'Augment Code'),
        ],
      },
      answers: [],
      opens: 'captured',
      renews: false,
      endsBy: 'exit',
      verified: 'unverified',
    },
  ],
  // `auggie token print` proves it, too, but prints the token to do so.
  proof: { kind: 'credential-file', path: '.augment/session.json', field: 'accessToken' },
  identity: {
    from: { kind: 'file', path: '.augment/session.json' },
    organisationId: 'tenantURL',
    organisation: 'tenantURL',
  },
  logout: { args: ['logout'] },
  apiKey: null,
  isolation: ownFileEverywhere(
    ".augment/session.json in the account's directory, which is the program's home directory",
    'documented',
  ),
  verified: '0.36.0',
};
