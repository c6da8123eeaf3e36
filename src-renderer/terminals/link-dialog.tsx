import * as Dialog from '@kobalte/core/dialog';
import { createSignal, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './link-dialog.css';

/** Names the host of a link that a program printed before main opens it in the browser. */
export function LinkDialog(props: { tabId: string; url: string; onClose: () => void }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  let cancel: HTMLButtonElement | undefined;
  const host = () => (URL.canParse(props.url) ? new URL(props.url).host : props.url);
  const open = async () => {
    const stood = await attempt(app.bridge.terminals.openLink({ tabId: props.tabId, url: props.url }));
    setFailure(stood);
    if (stood) return;
    app.announce(`${host()} opened in the browser.`);
    props.onClose();
  };
  const copy = async () => {
    await app.bridge.terminals.copy({ text: props.url });
    app.announce('Copied');
  };
  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(isOpen) => !isOpen && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              setTimeout(() => cancel?.focus());
            }}
            onCloseAutoFocus={(event) => event.preventDefault()}
          >
            <Dialog.Title data-component="dialog-title">{`Open ${host()}?`}</Dialog.Title>
            <Dialog.Description data-component="confirm-text">
              A program in this terminal printed this link. Nobody has checked it.
            </Dialog.Description>
            <code data-component="link-text">{props.url}</code>
            <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
            <div data-component="confirm-actions">
              <Button look="quiet" onClick={() => void copy()}>
                Copy
              </Button>
              <Button
                ref={(element) => {
                  cancel = element;
                }}
                onClick={() => props.onClose()}
              >
                Cancel
              </Button>
              <Button look="primary" onClick={() => void open()}>
                Open in the browser
              </Button>
            </div>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
