import { describe, expect, it } from 'vitest';
import type { VaultBackend } from '../../src-preload/contract/vault.ts';
import type { VaultFault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { inTerminalWords } from './terminal-words.ts';

const statuses: VaultFault['status'][] = [
  'locked',
  'denied',
  'unavailable',
  'corrupt',
  'unwritable',
  'timed-out',
];
const backends: (VaultBackend | null)[] = ['keychain', 'sealed-file', null];

describe('inTerminalWords', () => {
  it.each(backends)('no fault of the vault leads to a window: %s', (backend) => {
    for (const status of statuses) {
      const { failure } = vaultError({ backend, status, detail: '' } as VaultFault);
      expect(inTerminalWords(failure).hint).not.toMatch(/Settings|Choose it/);
    }
  });

  it('what is locked is opened with a command', () => {
    const { failure } = vaultError({ backend: 'sealed-file', status: 'locked', detail: '' } as VaultFault);
    expect(inTerminalWords(failure)).toEqual({ ...failure, hint: 'Run: lanyard unlock' });
  });

  it.each(['Error', 'unknown', ' Unknown error.'])(
    'a detail that says nothing is left out: "%s"',
    (detail) => {
      const failure = { code: 'other', title: 'No.', hint: 'Do this.' };
      expect(inTerminalWords({ ...failure, detail })).toEqual(failure);
      expect(inTerminalWords({ ...failure, detail: 'ENOSPC' })).toEqual({ ...failure, detail: 'ENOSPC' });
    },
  );

  it('a failure that has a hint for everywhere keeps it', () => {
    const failure = { code: 'other', title: 'No.', hint: 'Do this.' };
    expect(inTerminalWords(failure)).toBe(failure);
  });
});
