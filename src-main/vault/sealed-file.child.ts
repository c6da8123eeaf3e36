import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { createInterface } from 'node:readline';
import { sealedFileAt } from './sealed-file.fixture.ts';
import { Secret } from './secret.ts';

/**
 * A second process on a sealed file: `node sealed-file.child.ts <path> <name> <count> [<die at>]`, its key on stdin.
 * Writes entries `<name>/0`, `<name>/1`, ... with values of a length that grows and shrinks, and says `started`, then
 * each number once it is written. With `die at` it ends by SIGKILL instead of its n-th call of the file system.
 */
const [path = '', name = '', count = '', dieAt = ''] = process.argv.slice(2);
const vault = sealedFileAt(path);
for await (const line of createInterface({ input: process.stdin })) {
  const unlocked = await vault.unlockWithKey(new Secret(line));
  if (unlocked.status !== 'ok') throw new Error(unlocked.status);
  break;
}
if (dieAt !== '') dieAtCall(Number(dieAt));
process.stdout.write('started\n');
for (let n = 0; n < Number(count); n += 1) {
  const text = `canary-${name}-${n}-${'x'.repeat((n % 7) * 1000)}`;
  const { status } = await vault.set(
    { service: 'Lanyard test', account: `${name}/${n % 40}` },
    new Secret(text),
  );
  if (status !== 'ok') throw new Error(status);
  process.stdout.write(`${n}\n`);
}
process.exit(0);

function dieAtCall(last: number): void {
  let calls = 0;
  for (const call of ['writeFile', 'open', 'rename', 'rm', 'readFile', 'readdir', 'stat', 'mkdir'] as const) {
    const real = promises[call] as (...args: unknown[]) => unknown;
    const counted = (...args: unknown[]) => {
      calls += 1;
      if (calls === last) process.kill(process.pid, 'SIGKILL');
      return real(...args);
    };
    Object.assign(promises, { [call]: counted });
  }
  syncBuiltinESMExports();
}
