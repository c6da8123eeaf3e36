// The parts by themselves: `AlertDialog` and `Dialog` of Kobalte 0.13 are one object, whose Content the import that
// runs last decides, so that every dialog would become an alert dialog.
import * as AlertDialog from '@kobalte/core/alert-dialog';
import { type JSX, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract.ts';
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
  /** Where the focus goes when the dialog is gone and what opened it is too. */
  onConfirm: () => void;
  onKeep: () => void;
}) {
  let keep: HTMLButtonElement | undefined;
  const opener = document.activeElement;
  return (
    <AlertDialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onKeep()}>
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
            onCloseAutoFocus={() => {
              if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
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
                onClick={() => props.onKeep()}
              >
                {props.keepLabel}
              </Button>
              <Button look="danger" disabled={props.busy} onClick={() => props.onConfirm()}>
                {props.confirmLabel}
              </Button>
            </div>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
