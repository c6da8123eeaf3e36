import { ownFileEverywhere } from './credential-place.ts';
import type { FlowDefinition, ProviderDefinition } from './definition.ts';

/** A definition that says no more than it must: nobody can sign in. */
export function leastDefinition(id: string, name: string): ProviderDefinition {
  return {
    id,
    name,
    vendor: name,
    mark: name.slice(0, 2),
    aliases: [],
    program: { names: [], args: [], installCommand: null },
    configDir: null,
    environment: { set: {}, unset: [] },
    allowedHosts: [],
    flows: [],
    proof: { kind: 'none' },
    identity: null,
    logout: null,
    apiKey: null,
    verified: 'unverified',
  };
}

/** `login` on pipes, a link for the browser, and the program's end after success. */
export function leastFlow(changes: Partial<FlowDefinition> = {}): FlowDefinition {
  return {
    id: 'browser',
    label: 'Browser',
    kind: 'browser',
    args: ['login'],
    transport: 'pipe',
    paste: { kind: 'none' },
    patterns: { success: '^Logged in', failures: [] },
    answers: [],
    opens: 'printed',
    renews: false,
    endsBy: 'exit',
    ...changes,
  };
}

/** A complete definition for tests: two flows, a status command, and a value in every field that may be merged. */
export function sampleDefinition(changes: Partial<ProviderDefinition> = {}): ProviderDefinition {
  return {
    ...leastDefinition('acme', 'Acme'),
    vendor: 'Acme Corp',
    aliases: ['acme-cli'],
    program: { names: ['acme'], args: ['auth'], installCommand: 'npm install -g acme' },
    configDir: { variable: 'ACME_HOME', seed: [{ path: 'settings.json', json: { quiet: true } }] },
    environment: { set: { ACME_COLOR: 'never' }, unset: ['ACME_TOKEN'] },
    allowedHosts: ['acme.test'],
    flows: [
      leastFlow({ paste: { kind: 'callback' } }),
      leastFlow({
        id: 'device',
        label: 'Device code',
        kind: 'device-code',
        args: ['login', '--device'],
        transport: 'pty',
        patterns: { code: '([A-Z]{4}-[A-Z]{4})', success: '^Logged in', failures: [] },
        renews: true,
        verificationUrl: 'https://acme.test/device',
        fixedPort: 1455,
      }),
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
