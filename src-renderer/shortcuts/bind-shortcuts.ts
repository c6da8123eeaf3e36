import { onCleanup } from 'solid-js';
import type { App } from '../state/create-app.ts';
import { isPressed, isSingle } from './keys.ts';
import { shortcuts } from './shortcuts.ts';

export const isMac = /\bMac OS X\b/.test(navigator.userAgent);

/** Where keys have a meaning of their own: a dialog, a menu. */
const ownKeys = '[role="dialog"], [role="alertdialog"], [role="menu"]';

/**
 * Makes the shortcuts work, in every place of the window but dialogs and menus. What has used a key itself (a terminal,
 * an arrow key in a list) keeps it. Must be called inside a root.
 */
export function bindShortcuts(app: App): void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    const found = shortcuts.find(({ keys }) => isPressed(keys, event, isMac));
    if (!found || document.querySelector(ownKeys)) return;
    if (isSingle(found.keys) && (!app.settings().singleKeys || isTyping(event.target))) return;
    event.preventDefault();
    found.run(app);
  };
  document.addEventListener('keydown', onKey);
  onCleanup(() => document.removeEventListener('keydown', onKey));
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select'))
  );
}
