import type { commandCalls } from '../../../src-preload/contract/command.ts';
import type { CommandInstallation } from '../../command/installation.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

/** The `lanyard` command in terminals. */
export function commandHandlers(
  installation: CommandInstallation,
  clipboard: TextClipboard,
): HandlersOf<typeof commandCalls> {
  return {
    'command.state': () => installation.state(),
    'command.install': () => outcome(() => installation.install()),
    'command.remove': () => outcome(() => installation.remove()),
    'command.copyPathLine': () =>
      outcome(async () => {
        const { pathLine } = await installation.state();
        if (pathLine !== null) await clipboard.writeText(pathLine);
      }),
  };
}
