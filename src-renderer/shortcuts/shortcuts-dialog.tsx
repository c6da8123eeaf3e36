import * as Dialog from '@kobalte/core/dialog';
import { For } from 'solid-js';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { useApp } from '../state/app-context.tsx';
import { isMac } from './bind-shortcuts.ts';
import { KeyCaps } from './key-caps.tsx';
import { isSingle, spokenKeys } from './keys.ts';
import { shortcuts } from './shortcuts.ts';
import './shortcuts-dialog.css';

/** All shortcuts, from the list that binds them. */
export function ShortcutsDialog(props: { onClose: () => void }) {
  const app = useApp();
  const opener = document.activeElement;
  const works = (keys: string) => app.settings().singleKeys || !isSingle(keys);
  /** What can be done, each with all keys for it. */
  const rows = () => {
    const found = new Map<string, string[]>();
    for (const { title, keys } of shortcuts) {
      if (works(keys)) found.set(title, [...(found.get(title) ?? []), keys]);
    }
    return found;
  };
  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              const target = opener instanceof HTMLElement && opener.isConnected ? opener : null;
              (target ?? document.getElementById('page-title'))?.focus();
            }}
          >
            <Dialog.Title data-component="dialog-title">Keyboard shortcuts</Dialog.Title>
            <dl data-component="shortcut-list">
              <For each={[...rows()]}>
                {([title, ways]) => (
                  <div>
                    <dt>{title}</dt>
                    <For each={ways}>
                      {(keys) => (
                        <dd>
                          <KeyCaps keys={keys} />
                          <span data-component="visually-hidden">{spokenKeys(keys, isMac)}</span>
                        </dd>
                      )}
                    </For>
                  </div>
                )}
              </For>
            </dl>
            <p data-component="confirm-text">
              Arrow keys move in lists, Enter opens, Esc closes. Settings &gt; Appearance turns single keys
              off.
            </p>
            <div data-component="confirm-actions">
              <Button onClick={() => props.onClose()}>Close</Button>
            </div>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
