import { createEffect, createSignal, For, Match, on, Show, Switch } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { SelfTestStep, VaultBackend, VaultState } from '../../src-preload/contract/vault.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { AutoLockChoice } from '../vault/auto-lock-choice.tsx';
import {
  ChangePassphraseDialog,
  LeaveBehind,
  SealedFileDialog,
  SetAsideDialog,
  UnlockDialog,
} from '../vault/vault-dialogs.tsx';
import { createVaultState } from '../vault/vault-state.ts';
import './security-section.css';

const names: Record<VaultBackend, string> = {
  keychain: "This computer's keychain",
  'sealed-file': 'Sealed file',
};

/** Where keys are kept: which place is in use, how it is, and the ways out of what is wrong with it (T-2, T-3). */
export function SecuritySection() {
  const app = useApp();
  const { vault, look } = createVaultState();
  const [dialog, setDialog] = createSignal<'unlock' | 'sealed-file' | 'set-aside' | 'passphrase' | null>(
    null,
  );
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [aside, setAside] = createSignal<string | null>(null);
  let title: HTMLHeadingElement | undefined;

  /** What was pressed may be gone now. */
  const settle = () => {
    setDialog(null);
    setFailure(null);
    title?.focus();
  };
  const useKeychain = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const refused = await attempt(app.bridge.vault.choose({ backend: 'keychain' }));
    setBusy(false);
    setFailure(refused);
    if (!refused) keychainUsed();
  };
  const keychainUsed = () => {
    app.announce("Keys are now kept in this computer's keychain.");
    settle();
  };
  const lock = async () => {
    const refused = await attempt(app.bridge.vault.lock());
    setFailure(refused);
    if (refused) return;
    app.announce('The sealed file is locked.');
    title?.focus();
  };
  const tryAgain = async () => {
    setBusy(true);
    await look();
    setBusy(false);
    const now = vault()?.failure;
    app.announce(now ? now.title : 'It works.');
    if (!now) title?.focus();
  };

  return (
    <section aria-labelledby="settings-security">
      <h2
        data-component="section-title"
        id="settings-security"
        tabIndex={-1}
        ref={(element) => {
          title = element;
        }}
      >
        Where keys are kept
      </h2>
      <p data-component="settings-note">
        API keys that you save. Sign-ins through a CLI stay with the CLI, in the account's own directory.
      </p>
      <Show when={vault()} fallback={<p data-component="settings-note">Looking…</p>}>
        {(known) => (
          <>
            <ul data-component="settings-list">
              <BackendRow
                backend="keychain"
                vault={known()}
                about="Keychain, GNOME Keyring, KWallet or Credential Manager. Open while you are logged in."
                busy={busy()}
                onUse={() => void useKeychain()}
              />
              <BackendRow
                backend="sealed-file"
                vault={known()}
                about="One encrypted file with a passphrase, for a computer without a keychain."
                busy={busy()}
                onUse={() => setDialog('sealed-file')}
              />
            </ul>
            <Show when={failure()}>
              {(shown) => (
                <div data-component="vault-trouble">
                  <FailureNote failure={shown()} />
                  <Show when={shown().code === 'vault_not_moved'}>
                    <LeaveBehind to="keychain" onDone={keychainUsed} />
                  </Show>
                </div>
              )}
            </Show>
            <Show when={aside()}>
              {(file) => (
                <p data-component="settings-note">
                  The file was kept as <code>{file()}</code> in Lanyard's data directory.
                </p>
              )}
            </Show>
            <Show
              when={known().failure}
              fallback={
                <Ready
                  vault={known()}
                  onLock={() => void lock()}
                  onChangePassphrase={() => setDialog('passphrase')}
                />
              }
            >
              {(trouble) => (
                <div data-component="vault-trouble">
                  <Show
                    when={trouble().code === 'sealed_file_locked'}
                    fallback={<FailureNote failure={trouble()} foldDetail />}
                  >
                    {/* As after every start: nothing is wrong. */}
                    <p data-component="vault-locked">The sealed file is locked. Its passphrase opens it.</p>
                  </Show>
                  <div data-component="vault-actions">
                    <Switch>
                      <Match when={trouble().code === 'sealed_file_locked'}>
                        <Button look="primary" onClick={() => setDialog('unlock')}>
                          Unlock…
                        </Button>
                        <Button look="quiet" onClick={() => setDialog('set-aside')}>
                          Forgot the passphrase?
                        </Button>
                      </Match>
                      <Match when={trouble().code === 'sealed_file_unavailable'}>
                        <Button look="primary" onClick={() => setDialog('sealed-file')}>
                          Make a new one…
                        </Button>
                      </Match>
                      <Match when={trouble().code === 'sealed_file_corrupt'}>
                        <Button onClick={() => setDialog('set-aside')}>Set it aside…</Button>
                      </Match>
                      <Match when={offersSealedFile(known())}>
                        <Button onClick={() => setDialog('sealed-file')}>Use a sealed file instead…</Button>
                      </Match>
                    </Switch>
                    <Show when={trouble().code !== 'sealed_file_locked'}>
                      <Button look="quiet" aria-disabled={busy()} onClick={() => void tryAgain()}>
                        Try again
                      </Button>
                    </Show>
                  </div>
                </div>
              )}
            </Show>
            <Show when={known().backend === 'sealed-file'}>
              <AutoLockChoice rule={known().autoLock} knowsScreenLock={known().knowsScreenLock} />
            </Show>
            <Show when={dialog() === 'passphrase'}>
              <ChangePassphraseDialog
                minPassphraseLength={known().minPassphraseLength}
                onDone={settle}
                onClose={() => setDialog(null)}
              />
            </Show>
            <Show when={dialog() === 'unlock'}>
              <UnlockDialog onDone={settle} onClose={() => setDialog(null)} />
            </Show>
            <Show when={dialog() === 'sealed-file'}>
              <SealedFileDialog
                vault={known()}
                onDone={() => {
                  setAside(null);
                  settle();
                }}
                onClose={() => setDialog(null)}
              />
            </Show>
            <Show when={dialog() === 'set-aside'}>
              <SetAsideDialog
                damaged={known().sealedFile === 'corrupt'}
                onDone={(file) => {
                  setAside(file);
                  app.announce(`The sealed file was set aside as ${file}.`);
                  settle();
                }}
                onKeep={() => setDialog(null)}
              />
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}

/** Whether what is wrong with the keychain already comes with the way to a sealed file: it is offered once. */
function offersSealedFile(vault: VaultState): boolean {
  return vault.failure !== null && vault.backend === 'keychain' && vault.sealedFile !== 'corrupt';
}

function BackendRow(props: {
  backend: VaultBackend;
  vault: VaultState;
  about: string;
  busy: boolean;
  onUse: () => void;
}) {
  const inUse = () => props.vault.backend === props.backend;
  const label = () => (props.backend === 'keychain' ? 'Use the keychain' : 'Use a sealed file…');
  const works = () => props.vault.failure === null;
  const use = () => {
    if (props.vault.status === 'locked') return 'In use, locked';
    return works() ? 'In use' : 'Chosen';
  };
  return (
    <li aria-current={inUse() ? 'true' : undefined}>
      <div data-component="settings-main">
        <span data-component="settings-name">{names[props.backend]}</span>
        <small>{props.about}</small>
      </div>
      <Show
        when={inUse()}
        fallback={
          <Show when={!offersSealedFile(props.vault)}>
            <Button size="small" aria-disabled={props.busy} onClick={() => props.onUse()}>
              {props.busy && props.backend === 'keychain' ? 'Moving keys…' : label()}
            </Button>
          </Show>
        }
      >
        <strong data-component="vault-in-use" data-works={works() ? '' : undefined}>
          {use()}
        </strong>
      </Show>
    </li>
  );
}

const stepNames: Record<SelfTestStep['step'], string> = {
  write: 'Write a value',
  'read-back': 'Read it back from a second process',
  delete: 'Delete it',
};
const outcomeNames = { passed: 'Passed', failed: 'Failed', 'not-run': 'Not run' };

/** What can be done with a place that works. */
function Ready(props: { vault: VaultState; onLock: () => void; onChangePassphrase: () => void }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [steps, setSteps] = createSignal<SelfTestStep[]>([]);
  // A result is about the place that was tested.
  createEffect(
    on(
      () => props.vault.backend,
      () => setSteps([]),
    ),
  );
  const test = async () => {
    if (busy()) return;
    setBusy(true);
    setSteps([]);
    const reply = await ask(app.bridge.vault.selfTest());
    setBusy(false);
    setFailure(reply.ok ? null : reply.failure);
    if (!reply.ok) return;
    setSteps(reply.value.steps);
    const passed = reply.value.steps.every(({ outcome }) => outcome.status === 'passed');
    app.announce(passed ? 'The test passed.' : 'The test did not pass.');
  };
  return (
    <>
      <div data-component="vault-actions">
        <Button aria-disabled={busy()} onClick={() => void test()}>
          {busy() ? 'Testing…' : 'Test it'}
        </Button>
        <Show when={props.vault.backend === 'sealed-file'}>
          <Button onClick={() => props.onLock()}>Lock</Button>
          <Button onClick={() => props.onChangePassphrase()}>Change passphrase…</Button>
        </Show>
      </div>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show when={steps().length > 0}>
        <ul data-component="self-test" aria-label="Test result">
          <For each={steps()}>
            {({ step, outcome }) => (
              <li>
                <span>{stepNames[step]}</span>
                <strong data-outcome={outcome.status}>{outcomeNames[outcome.status]}</strong>
                <Show when={outcome.status === 'failed' ? outcome.failure : null}>
                  {(why) => <FailureNote failure={why()} />}
                </Show>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}
