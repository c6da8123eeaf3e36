import type { Audit } from '../journal/audit.ts';
import type { RunningProgram } from './running.ts';

export interface RunList {
  started(program: RunningProgram): void;
  ended(id: string): void;
}

/** The same list, which also takes down what was started as whom and that it ended. */
export function recordedRuns(list: RunList, audit: Audit): RunList {
  const known = new Map<string, { bundleId: string; detail: { where: string; program: string } }>();
  return {
    started: (program) => {
      const { id, bundleId, origin: where } = program;
      const run = { bundleId, detail: { where, program: programName(program.command) } };
      known.set(id, run);
      audit.record({ kind: 'launch.started', ...run });
      list.started(program);
    },
    ended: (id) => {
      const run = known.get(id);
      if (known.delete(id) && run) audit.record({ kind: 'launch.ended', ...run });
      list.ended(id);
    },
  };
}

/** Arguments may hold secrets: only the first word, without its directory. */
function programName(command: string): string {
  const [first = ''] = command.trim().split(/\s/);
  return first.split(/[/\\]/).at(-1) ?? '';
}
