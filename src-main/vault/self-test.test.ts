import { describe, expect, it } from 'vitest';
import { MemoryVault } from './memory-vault.fixture.ts';
import { answerProbe, type ProbeAnswer, probeInput, readProbeAnswer } from './probe.ts';
import { Secret } from './secret.ts';
import { testVault } from './self-test.ts';
import type { Vault, VaultEntry } from './vault.ts';

/** The second process, without the process: its whole text goes through. */
function probeOf(vault: Vault, noise = '') {
  const texts: string[] = [];
  const probe = async ({ service, account }: VaultEntry): Promise<ProbeAnswer | null> => {
    const input = probeInput({ backend: 'keychain', service, account });
    const output = await answerProbe(input, {
      keychain: vault,
      sealedFile: () => Promise.reject(new Error('no')),
    });
    texts.push(input.reveal(), output);
    return readProbeAnswer(`${noise}${output}`);
  };
  return { probe, texts };
}

const statuses = (steps: Awaited<ReturnType<typeof testVault>>) =>
  steps.map(({ step, outcome }) => [
    step,
    outcome.status === 'failed' ? outcome.failure.code : outcome.status,
  ]);

describe('testVault', () => {
  it('T-2: writes, reads back, deletes; the value itself crosses to nobody', async () => {
    const vault = new MemoryVault('keychain');
    const written: string[] = [];
    const set = vault.set.bind(vault);
    vault.set = (entry, secret) => {
      written.push(secret.reveal());
      return set(entry, secret);
    };
    const { probe, texts } = probeOf(vault, 'a warning of the desktop\n');
    expect(statuses(await testVault(vault, probe))).toEqual([
      ['write', 'passed'],
      ['read-back', 'passed'],
      ['delete', 'passed'],
    ]);
    expect(vault.values.size).toBe(0);
    expect(written[0]?.length).toBeGreaterThan(20);
    for (const text of texts) expect(text).not.toContain(written[0]);
  });

  it('T-3: nothing can be written: the first step says why, the others are not run', async () => {
    const vault = new MemoryVault('keychain');
    vault.fault = 'locked';
    expect(statuses(await testVault(vault, probeOf(vault).probe))).toEqual([
      ['write', 'keychain_locked'],
      ['read-back', 'not-run'],
      ['delete', 'not-run'],
    ]);
  });

  it.each<[string, ProbeAnswer | null, string]>([
    ['does not answer', null, 'probe_failed'],
    ['does not see it', { status: 'not-found' }, 'probe_not_found'],
    ['reads something else', { status: 'ok', sha256: '0'.repeat(64) }, 'probe_mismatch'],
    ['is refused', { status: 'denied', backend: 'keychain', detail: 'no' }, 'keychain_denied'],
  ])(
    'T-2: a second process that %s fails its step, and the value is deleted all the same',
    async (_, answer, code) => {
      const vault = new MemoryVault('keychain');
      expect(statuses(await testVault(vault, async () => answer))).toEqual([
        ['write', 'passed'],
        ['read-back', code],
        ['delete', 'passed'],
      ]);
      expect(vault.values.size).toBe(0);
    },
  );

  it('T-3: a deletion that did nothing is seen', async () => {
    const vault = new MemoryVault('keychain');
    vault.delete = async () => ({ status: 'ok' });
    expect(statuses(await testVault(vault, probeOf(vault).probe)).at(-1)).toEqual(['delete', 'still_there']);
  });

  it('an answer that is none, or a request that is none, is not understood', async () => {
    expect(readProbeAnswer('')).toBeNull();
    expect(readProbeAnswer('lanyard-vault-probe:{"status":"fine"}\n')).toBeNull();
    expect(readProbeAnswer('lanyard-vault-probe:{\n')).toBeNull();
    const vaults = {
      keychain: new MemoryVault('keychain'),
      sealedFile: () => Promise.reject(new Error('no')),
    };
    await expect(answerProbe(new Secret('{"backend":"clay"}'), vaults)).rejects.toThrow();
  });
});
