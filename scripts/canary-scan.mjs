/**
 * The last step of `npm test`: looks for secrets that the suite used in what it left behind. Fails naming file and kind.
 * Usage: node scripts/canary-scan.mjs <register> <since, ms> <directory>...
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describeLeaks, leaksInFiles } from '../e2e/support/leak-scan.ts';

const [register = '', since = '0', ...directories] = process.argv.slice(2);
const canaries = existsSync(register)
  ? readFileSync(register, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
  : [];

/** What the suite left in the system's directory for temporary files. */
const temporary = readdirSync(tmpdir())
  .filter((name) => /lanyard/i.test(name))
  .map((name) => join(tmpdir(), name))
  .filter((path) => isDirectorySince(path, Number(since)));

const leaks = [...directories, ...temporary].flatMap((directory) =>
  leaksInFiles(directory, canaries, [relative(directory, register)]).map(({ kind, where }) => ({
    kind,
    where: join(directory, where),
  })),
);
const looked = `${canaries.length} secrets, ${directories.length + temporary.length} directories`;
if (leaks.length === 0) process.stderr.write(`No secret was left behind (${looked}).\n`);
else process.stderr.write(`Secrets were left behind (${looked}):\n${describeLeaks(leaks)}\n`);
process.exitCode = leaks.length === 0 ? 0 : 1;

function isDirectorySince(path, time) {
  try {
    const { mtimeMs } = statSync(path);
    return statSync(path).isDirectory() && mtimeMs >= time;
  } catch {
    // Gone meanwhile.
    return false;
  }
}
