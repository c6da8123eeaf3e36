import { randomBytes } from 'node:crypto';
import type { Failure } from '../../src-preload/contract/values.ts';
import { keychainService } from './keychain.ts';
import { type ProbeAnswer, sha256 } from './probe.ts';
import { Secret } from './secret.ts';
import type { Vault, VaultEntry } from './vault.ts';
import { vaultError } from './vault-failures.ts';

export interface SelfTestStep {
  step: 'write' | 'read-back' | 'delete';
  outcome: { status: 'passed' } | { status: 'failed'; failure: Failure } | { status: 'not-run' };
}

/** Always the same: what a crash in the middle leaves is overwritten and deleted by the next run. */
const entry: VaultEntry = { service: keychainService, account: 'self-test' };

/**
 * Shows that the vault in use keeps what it is given (T-2): writes a random value, lets a second process read it
 * back, and deletes it. Each step says how it went; the deletion also runs when reading did not work.
 *
 * @param probe asks a second process for the entry; `null` when none answered
 */
export async function testVault(
  vault: Vault,
  probe: (entry: VaultEntry) => Promise<ProbeAnswer | null>,
): Promise<SelfTestStep[]> {
  const value = new Secret(randomBytes(24).toString('base64url'));
  const written = await vault.set(entry, value);
  if (written.status !== 'ok') {
    return [
      { step: 'write', outcome: { status: 'failed', failure: vaultError(written).failure } },
      { step: 'read-back', outcome: { status: 'not-run' } },
      { step: 'delete', outcome: { status: 'not-run' } },
    ];
  }
  return [
    { step: 'write', outcome: { status: 'passed' } },
    { step: 'read-back', outcome: readBack(await probe(entry), value) },
    { step: 'delete', outcome: await deleted(vault) },
  ];
}

function readBack(answer: ProbeAnswer | null, value: Secret): SelfTestStep['outcome'] {
  if (!answer) {
    return failed({
      code: 'probe_failed',
      title: 'A second process of Lanyard did not answer.',
      hint: 'Try again. If it stays so, restart Lanyard.',
    });
  }
  if (answer.status === 'ok') {
    if (answer.sha256 === sha256(value)) return { status: 'passed' };
    return failed({
      code: 'probe_mismatch',
      title: 'A second process read another value than was written.',
      hint: 'Try again, and use another place for keys if it stays so.',
    });
  }
  if (answer.status === 'not-found') {
    return failed({
      code: 'probe_not_found',
      title: 'A second process does not see what was written.',
      hint: 'Use another place for keys: this one would forget them.',
    });
  }
  return failed(vaultError(answer).failure);
}

async function deleted(vault: Vault): Promise<SelfTestStep['outcome']> {
  const answer = await vault.delete(entry);
  if (answer.status !== 'ok' && answer.status !== 'not-found') return failed(vaultError(answer).failure);
  const after = await vault.get(entry);
  if (after.status === 'not-found') return { status: 'passed' };
  if (after.status !== 'ok') return failed(vaultError(after).failure);
  return failed({
    code: 'still_there',
    title: 'The value is still there after it was deleted.',
    hint: 'Delete the entry "self-test" of Lanyard in the system’s own tool.',
  });
}

function failed(failure: Failure): SelfTestStep['outcome'] {
  return { status: 'failed', failure };
}
