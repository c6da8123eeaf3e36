import * as Dialog from '@kobalte/core/dialog';
import { createSignal } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import '../components/confirm-dialog.css';

export function NewBundleDialog(props: { onClose: () => void }) {
  const app = useApp();
  const [name, setName] = createSignal('');
  const [error, setError] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  const opener = document.activeElement;
  let input: HTMLInputElement | undefined;

  const create = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    if (name().trim() === '') {
      setError('A name is needed.');
      input?.focus();
      return;
    }
    setBusy(true);
    const reply = await ask(app.bridge.bundles.create({ name: name().trim() }));
    setBusy(false);
    if (!reply.ok) {
      setError(sentences(reply.failure));
      return;
    }
    app.choosePage({ name: 'identities', bundleId: reply.value.bundleId });
    props.onClose();
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              input?.focus();
            }}
            onCloseAutoFocus={() => {
              if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
          >
            <Dialog.Title data-component="dialog-title">New identity</Dialog.Title>
            <form onSubmit={(event) => void create(event)} data-component="dialog-form" novalidate>
              <Field
                label="Name"
                description="A person or a role, such as Work or Client A."
                value={name()}
                error={error()}
                onChange={(value) => {
                  setName(value);
                  setError(null);
                }}
                ref={(element) => {
                  input = element;
                }}
              />
              <div data-component="confirm-actions">
                <Button onClick={() => props.onClose()}>Cancel</Button>
                <Button look="primary" type="submit" disabled={busy()}>
                  Create
                </Button>
              </div>
            </form>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
