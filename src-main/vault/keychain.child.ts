import { systemClock } from '../clock.ts';
import { Keychain } from './keychain.ts';
import { Secret } from './secret.ts';

/**
 * Uses the keychain of the session it is started in and prints the answers, one JSON object per line:
 * `node keychain.child.ts <get|set|delete>...`. Values are as good as printed: this is a test's own keychain.
 */
const keychain = new Keychain(systemClock, 30_000);
const entry = { service: 'Lanyard test', account: 'codex/1' };

for (const step of process.argv.slice(2)) {
  process.stdout.write(`${JSON.stringify({ step, ...(await take(step)) })}\n`);
}

async function take(step: string): Promise<Record<string, unknown>> {
  if (step === 'set') return { ...(await keychain.set(entry, new Secret('sk-käse-1234'))) };
  if (step === 'delete') return { ...(await keychain.delete(entry)) };
  const read = await keychain.get(entry);
  return read.status === 'ok' ? { status: read.status, value: read.secret.reveal() } : { ...read };
}
