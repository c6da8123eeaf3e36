// The parts by themselves: `AlertDialog` and `Dialog` of Kobalte 0.13 are one object, whose Content the import that
// runs last decides, so that every dialog would become an alert dialog.
import * as AlertDialog from '@kobalte/core/alert-dialog';
import { type JSX, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from './button.tsx';
import './confirm-dialog.css';
import { FailureNote } from './failure-note.tsx';

/** Asks before something is taken away. Focus starts on the way out, Esc takes it. */
export function ConfirmDialog(props: {
  title: string;
  children: JSX.Element;
  keepLabel: string;
  confirmLabel: string;
  busy?: boolean;
  failure?: Failure | null;
  /** What it does also decides where the focus goes: what opened the dialog may be about to go. */
  onConfirm: () => void;
  onKeep: () => void;
}) {
  let keep: HTMLButtonElement | undefined;
  const opener = document.activeElement;
  let confirmed = false;
  const keepIt = () => {
    confirmed = false;
    props.onKeep();
  };
  const confirm = () => {
    confirmed = true;
    props.onConfirm();
  };
  return (
    <AlertDialog.Root open preventScroll={false} onOpenChange={(open) => !open && keepIt()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <AlertDialog.Content
            data-component="confirm-dialog"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              // A task later: until then the dialog below, if there is one, still holds the focus.
              setTimeout(() => keep?.focus());
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              if (!confirmed && opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
          >
            <AlertDialog.Title data-component="dialog-title">{props.title}</AlertDialog.Title>
            <AlertDialog.Description data-component="confirm-text">{props.children}</AlertDialog.Description>
            <Show when={props.failure}>{(failure) => <FailureNote failure={failure()} />}</Show>
            <div data-component="confirm-actions">
              <Button
                ref={(element) => {
                  keep = element;
                }}
                onClick={keepIt}
              >
                {props.keepLabel}
              </Button>
              <Button look="danger" disabled={props.busy} onClick={confirm}>
                {props.confirmLabel}
              </Button>
            </div>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
