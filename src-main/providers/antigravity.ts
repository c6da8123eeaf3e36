import { loginFailed, unreachable } from './common-failures.ts';
import type { CredentialPlace, ProviderDefinition } from './definition.ts';

const keychain: CredentialPlace = {
  kept: 'keychain',
  where: "Antigravity's entry in the system keychain",
  keyedBy: 'nothing: there is one login per user of the machine',
  sharedWith: 'machine',
  known: 'documented',
};

/**
 * From its documentation and reports of versions 1.0 to 1.1; it could not be had for trying. It has no login command and
 * no directory of its own: it signs in on its way to its prompt, for the whole machine.
 */
export const antigravity: ProviderDefinition = {
  id: 'antigravity',
  name: 'Antigravity CLI',
  vendor: 'Google',
  mark: 'Ag',
  aliases: ['agy', 'antigravity-cli'],
  program: { names: ['agy'], args: [], installCommand: null },
  configDir: null,
  environment: {
    set: {},
    unset: ['GEMINI_API_KEY', 'ANTIGRAVITY_API_KEY', 'GOOGLE_APPLICATION_CREDENTIALS'],
  },
  allowedHosts: ['accounts.google.com', 'antigravity.google'],
  flows: [
    {
      id: 'browser',
      label: 'Google account',
      kind: 'browser',
      args: [],
      transport: 'pty',
      paste: {
        kind: 'code',
        accepts: '[^\\s#]{4,}',
        example: 'the code that the page shows, such as 4/0Ab32j92kQx',
        enterSeparately: true,
        join: 'code',
      },
      patterns: {
        prompt: '[Pp]aste the (?:authorization )?code|[Ee]nter the (?:authorization )?code',
        success: 'Signed in|Logged in as',
        failures: [
          unreachable('Antigravity', 'Google'),
          { ...loginFailed('Antigravity', 'authentication (?:failed|timed out)'), final: true },
        ],
      },
      answers: [{ question: '1\\. Google OAuth', reply: '' }],
      opens: 'captured',
      renews: false,
      endsBy: 'proof',
    },
  ],
  // Lists models only for somebody who is signed in.
  proof: { kind: 'status-command', args: ['models'] },
  identity: null,
  logout: { args: null },
  apiKey: null,
  isolation: {
    linux: {
      ...keychain,
      where: "Antigravity's entry in the system keychain, or ~/.gemini/antigravity-cli where there is none",
    },
    macos: keychain,
    windows: keychain,
  },
  verified: 'unverified',
};
