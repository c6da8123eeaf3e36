import { ownFileEverywhere } from './credential-place.ts';
import type { ProviderDefinition } from './definition.ts';

/** A complete definition for tests: two flows, a status command, and a value in every field that may be merged. */
export function sampleDefinition(changes: Partial<ProviderDefinition> = {}): ProviderDefinition {
  return {
    id: 'acme',
    name: 'Acme',
    vendor: 'Acme Corp',
    mark: 'Ac',
    aliases: ['acme-cli'],
    program: { names: ['acme'], args: ['auth'], installCommand: 'npm install -g acme' },
    configDir: { variable: 'ACME_HOME', seed: [{ path: 'settings.json', json: { quiet: true } }] },
    environment: { set: { ACME_COLOR: 'never' }, unset: ['ACME_TOKEN'] },
    allowedHosts: ['acme.test'],
    flows: [
      {
        id: 'browser',
        label: 'Browser',
        kind: 'browser',
        args: ['login'],
        transport: 'pipe',
        paste: { kind: 'callback' },
        patterns: { success: '^Logged in', failures: [] },
        answers: [],
        opens: 'printed',
        renews: false,
        endsBy: 'exit',
      },
      {
        id: 'device',
        label: 'Device code',
        kind: 'device-code',
        args: ['login', '--device'],
        transport: 'pty',
        paste: { kind: 'none' },
        patterns: { code: '([A-Z]{4}-[A-Z]{4})', success: '^Logged in', failures: [] },
        answers: [],
        opens: 'printed',
        renews: true,
        endsBy: 'exit',
        verificationUrl: 'https://acme.test/device',
        fixedPort: 1455,
      },
    ],
    proof: { kind: 'status-command', args: ['status'], json: { field: 'loggedIn', equals: true } },
    identity: { from: { kind: 'status-json' }, email: 'email', plan: 'plan' },
    logout: { args: ['logout'] },
    apiKey: {
      variable: 'ACME_TOKEN',
      accepts: 'ak-[a-z0-9]{20}',
      example: 'ak- and 20 letters or digits',
      check: { url: 'https://api.acme.test/me', headers: { authorization: 'Bearer {key}' } },
    },
    isolation: ownFileEverywhere("session.json in the account's directory"),
    verified: '1.0.0',
    timeoutSeconds: 600,
    ...changes,
  };
}
