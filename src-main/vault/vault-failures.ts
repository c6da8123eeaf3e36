import { LanyardError } from '../failures.ts';
import type { VaultFault } from './vault.ts';

/**
 * What a person is told about a vault's fault: the one vocabulary for every place where a vault is used. The code is
 * `<keychain|sealed_file>_<status>`, or `vault_not_chosen`.
 */
export function vaultError(fault: VaultFault): LanyardError {
  const { backend, detail } = fault;
  if (backend === null) {
    return new LanyardError({
      code: 'vault_not_chosen',
      title: 'It is not known where keys are kept.',
      hint: 'Choose it in Settings > Security, then try again.',
      detail,
    });
  }
  const prefix = backend === 'keychain' ? 'keychain' : 'sealed_file';
  const words = backend === 'keychain' ? keychainWords : sealedFileWords;
  return new LanyardError({
    code: `${prefix}_${fault.status.replace('-', '_')}`,
    ...words[fault.status],
    detail,
  });
}

type Words = Record<VaultFault['status'], { title: string; hint: string }>;

const keychainWords: Words = {
  locked: {
    title: 'The keychain is locked.',
    hint: 'Unlock it and try again. Nothing was saved.',
  },
  denied: {
    title: 'The keychain refused.',
    hint: 'Allow Lanyard to use the keychain and try again.',
  },
  unavailable: {
    title: 'This machine has no usable keychain.',
    hint: 'Start a keychain service such as GNOME Keyring or KWallet, or use a sealed file instead.',
  },
  corrupt: {
    title: 'An entry in the keychain is damaged.',
    hint: 'Save the key again. The damaged entry stays until then.',
  },
  unwritable: {
    title: 'The keychain could not be written.',
    hint: 'Look at the keychain in the system’s own tool, then try again.',
  },
  'timed-out': {
    title: 'The keychain did not answer.',
    hint: 'Look for a question of the keychain behind other windows, then try again.',
  },
};

const sealedFileWords: Words = {
  locked: {
    title: 'The sealed file is locked.',
    hint: 'Unlock it with its passphrase and try again.',
  },
  denied: {
    title: 'The sealed file cannot be read.',
    hint: 'Check that the data directory and the file in it are yours, then try again.',
  },
  unavailable: {
    title: 'The sealed file is not there.',
    hint: 'Put it back into the data directory, or make a new one in Settings > Security.',
  },
  corrupt: {
    title: 'The sealed file is damaged.',
    hint: 'Put a copy of it back, or set it aside and make a new one in Settings > Security. Setting it aside keeps it.',
  },
  unwritable: {
    title: 'The sealed file could not be written.',
    hint: 'Check that the data directory can be written and has space, then try again. Nothing was changed.',
  },
  'timed-out': {
    title: 'The sealed file could not be reached in time.',
    hint: 'Another Lanyard may be writing it, or the disk does not answer. Try again.',
  },
};
