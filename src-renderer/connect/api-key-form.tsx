import { createSignal, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { keyName } from '../state/model.ts';
import { createVaultState } from '../vault/vault-state.ts';
import { isVaultFailure, VaultWaysOut } from '../vault/vault-ways-out.tsx';
import './api-key-form.css';
import { useConnect } from './connect-context.tsx';
import { OtherWays } from './other-ways.tsx';

/** A key instead of a sign-in. It goes to main and never comes back (K-2): only its masked end is shown. */
export function ApiKeyForm() {
  const app = useApp();
  const view = useConnect();
  const [key, setKey] = createSignal('');
  const [name, setName] = createSignal(`${view.providerName()} key`);
  const [keyError, setKeyError] = createSignal<string | null>(null);
  const [nameError, setNameError] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  /** Offered once something went wrong, and from then on: the first way out may lead to the second. */
  const [offersUnchecked, setOffersUnchecked] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [saved, setSaved] = createSignal<string | null>(null);
  const { vault } = createVaultState();
  const place = () => (vault()?.backend === 'sealed-file' ? 'the sealed file' : "this computer's keychain");
  let keyInput: HTMLInputElement | undefined;
  let submitButton: HTMLButtonElement | undefined;
  let nameInput: HTMLInputElement | undefined;
  let savedNote: HTMLParagraphElement | undefined;

  const save = async (saveWithoutChecking: boolean) => {
    if (busy()) return;
    if (key().trim() === '') setKeyError('Paste the key first.');
    if (name().trim() === '') setNameError('A name is needed.');
    if (key().trim() === '' || name().trim() === '') {
      (key().trim() === '' ? keyInput : nameInput)?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    const { providerId, bundleId } = view.connection();
    const reply = await ask(
      app.bridge.auth.submitApiKey({
        providerId,
        ...(bundleId === null ? {} : { intoBundleId: bundleId }),
        apiKey: key().trim(),
        accountName: name().trim(),
        ...(saveWithoutChecking ? { saveWithoutChecking } : {}),
      }),
    );
    setBusy(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      setOffersUnchecked(true);
      return;
    }
    if (!reply.value.success) {
      setFailure(reply.value.failure);
      setOffersUnchecked(true);
      return;
    }
    setKey('');
    setSaved(reply.value.maskedKey);
    view.finish();
    app.announce(`${view.providerName()}: key saved.`);
    app.choosePage({ name: 'identities', bundleId: reply.value.bundleId });
    savedNote?.focus();
  };

  return (
    <Show
      when={saved() === null}
      fallback={
        <p
          data-component="api-key-saved"
          tabIndex={-1}
          ref={(element) => {
            savedNote = element;
          }}
        >
          The key <code>{saved()}</code> is kept in {place()}.
        </p>
      }
    >
      <form
        data-component="api-key-form"
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void save(false);
        }}
      >
        <Field
          label={keyName(view.provider())}
          description={`Checked with the provider, then kept in ${place()}.`}
          type="password"
          mono
          value={key()}
          error={keyError()}
          onChange={(value) => {
            setKey(value);
            setKeyError(null);
          }}
          ref={(element) => {
            keyInput = element;
            element.dataset.stepFocus = '';
          }}
        />
        <Field
          label="Name"
          value={name()}
          error={nameError()}
          onChange={(value) => {
            setName(value);
            setNameError(null);
          }}
          ref={(element) => {
            nameInput = element;
          }}
        />
        <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
        <div data-component="step-actions">
          <Button
            look="primary"
            type="submit"
            disabled={busy()}
            ref={(element) => {
              submitButton = element;
            }}
          >
            {busy() ? 'Checking…' : 'Check and save'}
          </Button>
          <Show when={failure()}>
            {(shown) => (
              <Show when={isVaultFailure(shown())}>
                <VaultWaysOut
                  failure={shown()}
                  onWayFree={() => {
                    setFailure(null);
                    submitButton?.focus();
                  }}
                  onSettings={() => app.hide()}
                />
              </Show>
            )}
          </Show>
          <Show when={offersUnchecked()}>
            <Button disabled={busy()} onClick={() => void save(true)}>
              Save without checking
            </Button>
          </Show>
        </div>
      </form>
      <OtherWays />
    </Show>
  );
}
