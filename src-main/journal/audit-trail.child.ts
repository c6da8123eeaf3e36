import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import { AuditTrail } from './audit-trail.ts';
import { fileVault } from './file-vault.fixture.ts';

/**
 * A process that writes a trail: `node audit-trail.child.ts <directory> <name> <count> [<die after>]`. Says each number
 * once it is written. With `die after` it ends by SIGKILL while it writes the entries after that one.
 */
const [directory = '', name = '', count = '', dieAfter = ''] = process.argv.slice(2);
const startTime = (await processStartTime(process.pid)) ?? '';
const trail = new AuditTrail({
  directory,
  vault: fileVault(join(directory, '..', 'vault')),
  clock: systemClock,
  lock: { self: async () => ({ pid: process.pid, startTime }), isRunning: isAlive, newId: randomUUID },
  redact: (text) => text,
  knownOf: () => ({}),
  onChanged: () => {},
  log: { error: (event, fields) => process.stderr.write(`${event} ${JSON.stringify(fields)}\n`) },
  maxFileBytes: 4_000,
});
for (let n = 0; n < Number(count); n += 1) {
  trail.record({ kind: 'launch.started', detail: { name, n } });
  if (dieAfter !== '' && n > Number(dieAfter)) {
    // A few turns on: somewhere between the lock, the write and the head.
    for (let turn = 0; turn < n % 7; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    process.kill(process.pid, 'SIGKILL');
  }
  await trail.settled();
  process.stdout.write(`${n}\n`);
}
await trail.stop();
