import * as Dialog from '@kobalte/core/dialog';
import { createSignal, type JSX, onCleanup, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { sentences } from '../format/sentences.ts';
import '../components/confirm-dialog.css';
import './passphrase-dialog.css';

/**
 * Asks for a passphrase: once for what is sealed with it already, twice for something new, and for the current one
 * before that where another takes its place. What is typed goes to `submit` and is forgotten with the dialog.
 */
export function PassphraseDialog(props: {
  title: string;
  children: JSX.Element;
  /** The shortest new passphrase; absent where there is one already. */
  newWithAtLeast?: number | undefined;
  /** The new one takes the place of one that is asked for first. */
  replaces?: boolean;
  submitLabel: string;
  /** While it runs, which takes a second or two. */
  busyLabel: string;
  /** `current` is empty unless the new one `replaces` it. */
  submit: (passphrase: string, current: string) => Promise<Failure | null>;
  /** Shown under a failure that is not about the passphrase; `finish` when it led to the end all the same. */
  wayOut?: (failure: Failure, passphrase: string, finish: () => void) => JSX.Element;
  /** What it does also decides where the focus goes: what opened the dialog may be about to go. */
  onDone: () => void;
  onClose: () => void;
}) {
  const [passphrase, setPassphrase] = createSignal('');
  const [again, setAgain] = createSignal('');
  const [current, setCurrent] = createSignal('');
  const [currentError, setCurrentError] = createSignal<string | null>(null);
  const [error, setError] = createSignal<string | null>(null);
  const [againError, setAgainError] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const opener = document.activeElement;
  let finished = false;
  let input: HTMLInputElement | undefined;
  let againInput: HTMLInputElement | undefined;
  let currentInput: HTMLInputElement | undefined;
  const labels = () =>
    props.replaces ? ['New passphrase', 'New passphrase again'] : ['Passphrase', 'Passphrase again'];
  onCleanup(() => {
    setCurrent('');
    setPassphrase('');
    setAgain('');
  });

  const finish = () => {
    finished = true;
    props.onDone();
  };
  const refuse = (element: HTMLInputElement | undefined) => {
    element?.focus();
    element?.select();
  };
  const check = (): boolean => {
    const least = props.newWithAtLeast;
    if (props.replaces && current() === '') {
      setCurrentError('Type the current passphrase.');
      refuse(currentInput);
      return false;
    }
    if (passphrase() === '') {
      setError('Type the passphrase.');
    } else if (least !== undefined && [...passphrase()].length < least) {
      setError(`At least ${least} characters are needed; these are ${[...passphrase()].length}.`);
    } else if (least !== undefined && again() !== passphrase()) {
      setAgainError('This is not the same. Type it again.');
      refuse(againInput);
      return false;
    } else return true;
    refuse(input);
    return false;
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy() || !check()) return;
    setBusy(true);
    setFailure(null);
    const refused = await props.submit(passphrase(), current());
    setBusy(false);
    if (!refused) {
      finish();
      return;
    }
    if (refused.code === 'wrong_passphrase' && props.replaces) {
      setCurrentError(sentences(refused));
      refuse(currentInput);
    } else if (refused.code === 'wrong_passphrase' || refused.code === 'passphrase_too_short') {
      setError(sentences(refused));
      refuse(input);
    } else setFailure(refused);
  };
  /** What is under way cannot be taken back, so its end is waited for. */
  const close = () => !busy() && props.onClose();

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && close()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              // A task later: until then the dialog below, if there is one, still holds the focus.
              setTimeout(() => (currentInput ?? input)?.focus());
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (!finished && opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
          >
            <Dialog.Title data-component="dialog-title">{props.title}</Dialog.Title>
            <form onSubmit={(event) => void submit(event)} data-component="dialog-form" novalidate>
              <Dialog.Description as="div" data-component="passphrase-text">
                {props.children}
              </Dialog.Description>
              <Show when={props.replaces}>
                <Field
                  label="Current passphrase"
                  type="password"
                  value={current()}
                  error={currentError()}
                  onChange={(value) => {
                    setCurrent(value);
                    setCurrentError(null);
                  }}
                  ref={(element) => {
                    currentInput = element;
                  }}
                />
              </Show>
              <Field
                label={labels()[0] ?? ''}
                type="password"
                value={passphrase()}
                error={error()}
                {...(props.newWithAtLeast === undefined
                  ? {}
                  : {
                      description: `At least ${props.newWithAtLeast} characters, such as four or five words.`,
                    })}
                onChange={(value) => {
                  setPassphrase(value);
                  setError(null);
                }}
                ref={(element) => {
                  input = element;
                }}
              />
              <Show when={props.newWithAtLeast !== undefined}>
                <Field
                  label={labels()[1] ?? ''}
                  type="password"
                  value={again()}
                  error={againError()}
                  onChange={(value) => {
                    setAgain(value);
                    setAgainError(null);
                  }}
                  ref={(element) => {
                    againInput = element;
                  }}
                />
              </Show>
              <Show when={failure()}>
                {(shown) => (
                  <>
                    <FailureNote failure={shown()} />
                    {props.wayOut?.(shown(), passphrase(), finish)}
                  </>
                )}
              </Show>
              <div data-component="confirm-actions">
                <Button disabled={busy()} onClick={close}>
                  Cancel
                </Button>
                <Button look="primary" type="submit" aria-disabled={busy()}>
                  {busy() ? props.busyLabel : props.submitLabel}
                </Button>
              </div>
              <p data-component="passphrase-progress" role="status">
                {busy() ? 'This takes a second or two on purpose: it makes guessing slow.' : ''}
              </p>
            </form>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
