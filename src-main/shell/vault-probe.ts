import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { App } from 'electron';
import { vaultProbeSwitch } from '../house/modes.ts';
import { answerProbe, type ProbeVaults } from '../vault/probe.ts';
import { Secret } from '../vault/secret.ts';

export function isVaultProbe(argv: readonly string[]): boolean {
  return argv.includes(vaultProbeSwitch);
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
