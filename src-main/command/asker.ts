import { basename } from 'node:path';
import { ancestryOf, type RunningProgram } from '../process/ancestry.ts';

/** Who asks for something from outside of the app. */
export interface Asker {
  /** The program itself; null where it cannot be seen. */
  program: RunningProgram | null;
  /** What started it, the nearest first. */
  parents: readonly RunningProgram[];
  /**
   * The same for the same file started by the same programs; null where nobody can say that it is the same one, and an
   * answer must hold for one request only.
   */
  key: string | null;
}

/** Programs that adopt what lost its parent: below them anybody may have started it. */
const adopters = new Set(['systemd', 'init', 'launchd', 'tini', 'dumb-init']);

/**
 * The program behind a request. The `lanyard` command asks for whoever called it, so it is its caller that is named; one
 * that speaks to the socket itself is named itself.
 *
 * @param pid of what is connected, from the kernel where it can be had; 0 where not
 * @param isCommand whether a process is the `lanyard` command, by its file
 */
export async function askerOf(
  pid: number,
  isCommand: (program: RunningProgram) => boolean | Promise<boolean>,
  platform: NodeJS.Platform = process.platform,
): Promise<Asker> {
  const chain = await ancestryOf(pid, platform);
  const [first] = chain;
  const [program, ...parents] = first && (await isCommand(first)) ? chain.slice(1) : chain;
  return { program: program ?? null, parents, key: program ? keyOf(program, parents) : null };
}

function keyOf(program: RunningProgram, parents: readonly RunningProgram[]): string | null {
  const orphaned = program.pid === 1 || adopters.has(basename(program.name));
  if (orphaned || program.path === null || program.file === null) return null;
  return JSON.stringify([program.path, program.file, parents.map(({ path, name }) => path ?? name)]);
}
