import type { Problem } from '../../src-preload/contract/values.ts';

/** Everything that is wrong with one file, directory or row. */
export interface ProblemGroup {
  source: string;
  problems: Problem[];
}

/** What is wrong, source by source, in the order in which each is first named; in it, line by line. */
export function bySource(problems: readonly Problem[]): ProblemGroup[] {
  const groups = new Map<string, ProblemGroup>();
  for (const problem of problems) {
    const group = groups.get(problem.source);
    if (group) group.problems.push(problem);
    else groups.set(problem.source, { source: problem.source, problems: [problem] });
  }
  for (const group of groups.values())
    group.problems.sort((one, other) => (one.line ?? 0) - (other.line ?? 0));
  return [...groups.values()];
}

/** How much could not be read, in one line: a file counts once, however much is wrong in it. */
export function problemSummary(problems: readonly Problem[]): string {
  const files = bySource(problems.filter(isInFile)).length;
  const entries = problems.filter((problem) => !isInFile(problem)).length;
  if (files > 0) {
    const what = [counted(files, 'file', 'files'), counted(entries, 'entry', 'entries')].filter(Boolean);
    return `${what.join(' and ')} could not be read whole. Everything else works.`;
  }
  return entries === 1
    ? 'One entry could not be read and was set aside. Everything else works.'
    : `${entries} entries could not be read and were set aside. Everything else works.`;
}

/** Other sources are directories of accounts and rows of a store that has no file of that name. */
const isInFile = ({ source }: Problem) => source.endsWith('.json');

function counted(number: number, one: string, more: string): string {
  return number === 0 ? '' : `${number.toLocaleString('en')} ${number === 1 ? one : more}`;
}
