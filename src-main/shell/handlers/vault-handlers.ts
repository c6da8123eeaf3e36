import type { vaultCalls } from '../../../src-preload/contract/vault.ts';
import { type ChosenVault, minPassphraseLength } from '../../vault/chosen-vault.ts';
import { Secret } from '../../vault/secret.ts';
import type { SelfTestStep } from '../../vault/self-test.ts';
import { vaultError } from '../../vault/vault-failures.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface VaultHandlerParts {
  vault: ChosenVault;
  selfTest: () => Promise<SelfTestStep[]>;
  platform: NodeJS.Platform;
}

/** Where keys are kept. */
export function vaultHandlers({
  vault,
  selfTest,
  platform,
}: VaultHandlerParts): HandlersOf<typeof vaultCalls> {
  return {
    'vault.state': async () => {
      const { backend, status, fault, sealedFile, entries } = await vault.state();
      return {
        backend,
        status,
        failure: fault && vaultError(fault).failure,
        sealedFile,
        keys: entries,
        minPassphraseLength,
        autoLock: vault.autoLock,
        // Electron 33: its `lock-screen` comes on macOS and Windows.
        knowsScreenLock: platform !== 'linux',
      };
    },
    'vault.choose': ({ backend, passphrase, leaveBehind }) =>
      outcome(() =>
        vault.choose({
          backend,
          passphrase: passphrase === undefined ? null : new Secret(passphrase),
          leaveBehind: leaveBehind ?? false,
        }),
      ),
    'vault.unlock': ({ passphrase }) => outcome(() => vault.unlock(new Secret(passphrase))),
    'vault.lock': () => outcome(() => vault.lock()),
    'vault.changePassphrase': ({ current, next }) =>
      outcome(() => vault.changePassphrase(new Secret(current), new Secret(next))),
    'vault.setAutoLock': (rule) => outcome(() => vault.setAutoLock(rule)),
    'vault.selfTest': async () => ({ steps: await selfTest() }),
    'vault.setAside': () => answer(async () => ({ file: await vault.setAside() })),
  };
}
