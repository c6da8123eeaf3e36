import { spawn } from 'node:child_process';
import type { OpenForm } from '../cloud/open-form.ts';
import { processStartTime } from '../process/kill-tree.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { openCloudHouse } from './cloud-house.fixture.ts';

/**
 * The app, as far as a crash is about it: opens a session, starts a command with a child of its own under it, prints what
 * it has as JSON, and goes on: `node cloud-house.child.ts <request>`. A test kills it.
 */
const { data, sts, form, kept } = JSON.parse(process.argv[2] ?? '{}') as {
  data: string;
  sts: string;
  /** What is in the vault; a test made it up. */
  kept: [string, string][];
  form: OpenForm;
};
const vault = new MemoryVault('keychain');
for (const [name, value] of kept) vault.values.set(name, value);
const house = await openCloudHouse({ data, endpoints: { sts }, vault });
await house.recover();
const { session } = await house.desk.open(form);
const { env, secrets } = await house.runs.prepare(session.id);
const whole = {
  ...env,
  ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()])),
};
const child = spawn('/bin/sh', ['-c', 'setsid sleep 1000 & sleep 1000'], {
  env: whole,
  detached: true,
  stdio: 'ignore',
});
const startTime = (await processStartTime(child.pid ?? 0)) ?? '';
await house.runs.started(session.id, { pid: child.pid ?? 0, startTime }, ['sh']);
process.stdout.write(`${JSON.stringify({ sessionId: session.id, pid: child.pid, startTime })}\n`);
