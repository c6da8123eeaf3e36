import * as Dialog from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { type JSX, onCleanup } from 'solid-js';
import '../components/confirm-dialog.css';
import { IconButton } from '../components/button.tsx';
import { rememberFocus } from './remember-focus.ts';
import './sheet.css';

/** A dialog along the right side, for what is long: its head stays, its content scrolls. Esc closes it. */
export function Sheet(props: {
  title: string;
  subtitle?: JSX.Element;
  onClose: () => void;
  /** Where the focus starts; the first control by default. */
  initialFocus?: () => HTMLElement | undefined;
  children: JSX.Element;
}) {
  const returnFocus = rememberFocus();
  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="sheet-place">
          <Dialog.Content
            data-component="sheet"
            ref={keepFocusWithin}
            onOpenAutoFocus={(event) => {
              const first = props.initialFocus?.();
              if (!first) return;
              event.preventDefault();
              first.focus();
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              returnFocus();
            }}
          >
            <header data-component="sheet-header">
              <div>
                <Dialog.Title data-component="dialog-title">{props.title}</Dialog.Title>
                <p data-component="sheet-subtitle">{props.subtitle}</p>
              </div>
              <IconButton label="Close" onClick={() => props.onClose()}>
                <X size={16} aria-hidden="true" />
              </IconButton>
            </header>
            {props.children}
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A choice takes away what does not fit it, and with that maybe the focus: the dialog itself has it then. */
function keepFocusWithin(content: HTMLElement): void {
  const observer = new MutationObserver(() => {
    if (document.activeElement === document.body) content.focus();
  });
  observer.observe(content, { childList: true, subtree: true });
  onCleanup(() => observer.disconnect());
}
