import { join } from 'node:path';
import { leastDefinition, leastFlow } from '../../src-main/providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';

/** A provider of a person's own, whose CLI prints the same link every time: for pictures and for what stands still. */
export const acmeProvider: ProviderDefinition = {
  ...leastDefinition('acme', 'Acme'),
  program: {
    names: [join(import.meta.dirname, 'fixtures', 'acme-cli')],
    args: [],
    shownAs: 'acme',
    installCommand: null,
  },
  configDir: { variable: 'ACME_HOME', seed: [] },
  allowedHosts: ['login.acme.example'],
  flows: [
    leastFlow({ paste: { kind: 'callback' }, patterns: { success: '^Logged in as', failures: [] } }),
    leastFlow({
      id: 'device',
      label: 'Device code',
      kind: 'device-code',
      args: ['login', '--device'],
      patterns: {
        code: '\\b([A-Z]{4}-[A-Z]{4})\\b',
        codeAnchor: 'code',
        success: '^Logged in as',
        failures: [],
      },
      verificationUrl: 'https://login.acme.example/device',
    }),
  ],
  proof: { kind: 'status-command', args: ['status'], text: 'Logged in as' },
};

/** The same CLI, as if it could wait for the browser on one port only. */
export const acmeOnPort: ProviderDefinition = {
  ...acmeProvider,
  id: 'acme-port',
  name: 'Acme on a port',
  flows: acmeProvider.flows.map((flow) => (flow.id === 'browser' ? { ...flow, fixedPort: 8976 } : flow)),
};
