import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { App } from 'electron';
import { answerProbe, type ProbeVaults } from '../vault/probe.ts';
import { Secret } from '../vault/secret.ts';
import { ownProgram } from './own-program.ts';

/** Makes the app's executable the self-test's second process. What to do comes on its input. */
const probeSwitch = '--lanyard-vault-probe';

export function isVaultProbe(argv: readonly string[]): boolean {
  return argv.includes(probeSwitch);
}

/** How to start this app as the self-test's second process. */
export function vaultProbeProgram(app: App): { file: string; args: string[] } {
  return ownProgram(app, probeSwitch);
}

/** Runs this process as the self-test's second one and ends it; exit code 1 when it was asked nothing it understands. */
export async function runAsVaultProbe(app: App, vaults: ProbeVaults): Promise<void> {
  app.dock?.hide();
  try {
    const [line] = await once(createInterface({ input: process.stdin }), 'line');
    const answer = await answerProbe(new Secret(String(line)), vaults);
    process.stdout.write(answer, () => app.exit(0));
  } catch {
    app.exit(1);
  }
}
