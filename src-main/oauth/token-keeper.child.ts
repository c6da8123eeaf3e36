import { createInterface } from 'node:readline';
import { sealedFileAt } from '../vault/sealed-file.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { account, discovered, keeperOf } from './token-keeper.fixture.ts';

/**
 * A second process that asks for a bearer: `node token-keeper.child.ts <vault> <lock> <issuer> <client> <callers>`, the
 * vault's key on stdin. Says `ready`, waits for `go`, then prints the bearer that each caller got, as a hash. With
 * `stall` for the number of callers it says `saving` when the new tokens are about to be saved, and hangs there.
 */
const [path = '', lock = '', issuer = '', client = '', callers = '1'] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const vault = sealedFileAt(path);
const { status } = await vault.unlockWithKey(new Secret((await lines.next()).value ?? ''));
if (status !== 'ok') throw new Error(status);
const keeper = keeperOf(
  callers === 'stall'
    ? {
        get: (entry) => vault.get(entry),
        delete: (entry) => vault.delete(entry),
        set: () => {
          process.stdout.write('saving\n');
          return new Promise(() => {});
        },
      }
    : vault,
  lock,
  () => discovered(issuer, client),
);
process.stdout.write('ready\n');
await lines.next();
const count = callers === 'stall' ? 1 : Number(callers);
const bearers = await Promise.all(Array.from({ length: count }, () => keeper.currentBearer(account)));
const { createHash } = await import('node:crypto');
for (const bearer of bearers) {
  const text =
    bearer.status === 'ok' ? createHash('sha256').update(bearer.token.reveal()).digest('hex') : bearer.status;
  process.stdout.write(`${text}\n`);
}
process.exit(0);
