import type { commandCalls } from '../../../src-preload/contract/command.ts';
import type { HookGuides } from '../../command/hooks/hook-guide.ts';
import { addressOf, type KeptCredentials } from '../../command/hooks/kept-credentials.ts';
import type { CommandInstallation } from '../../command/installation.ts';
import type { Audit } from '../../journal/audit.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { outcome } from './outcome.ts';

export interface CommandHandlerParts {
  installation: CommandInstallation;
  guides: HookGuides;
  kept: Pick<KeptCredentials, 'list' | 'remove'>;
  audit: Audit;
  clipboard: TextClipboard;
}

/** The `lanyard` command in terminals. */
export function commandHandlers(parts: CommandHandlerParts): HandlersOf<typeof commandCalls> {
  const { installation, guides, kept, audit, clipboard } = parts;
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
    'command.kept': ({ bundleId }) => ({
      kept: kept.list(bundleId).map((row) => ({ ...row, address: addressOf(row) })),
    }),
    'command.forgetKept': ({ keptId }) =>
      outcome(async () => {
        const row = await kept.remove(keptId);
        if (!row) return;
        const { bundleId, tool, host } = row;
        audit.record({ kind: 'credential.deleted', bundleId, detail: { hook: tool, host, count: 1 } });
      }),
  };
}
