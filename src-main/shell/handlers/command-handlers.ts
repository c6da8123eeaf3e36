import type { commandCalls } from '../../../src-preload/contract/command.ts';
import type { HookGuides } from '../../command/hooks/hook-guide.ts';
import type { CommandInstallation } from '../../command/installation.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

/** The `lanyard` command in terminals. */
export function commandHandlers(
  installation: CommandInstallation,
  guides: HookGuides,
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
    'command.tools': ({ bundleId }) => ({ tools: guides.list(bundleId) }),
    'command.copyToolLines': ({ bundleId, tool }) =>
      outcome(async () => clipboard.writeText(guides.lines(bundleId, tool))),
    'command.testTool': ({ bundleId, tool }) => guides.test(bundleId, tool),
  };
}
