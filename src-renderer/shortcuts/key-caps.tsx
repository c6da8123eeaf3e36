import { For } from 'solid-js';
import { isMac } from './bind-shortcuts.ts';
import './key-caps.css';
import { keyNames } from './keys.ts';

/** Keys as they look on the keyboard. Hidden from assistive tools: what is read out is `spokenKeys`. */
export function KeyCaps(props: { keys: string }) {
  return (
    <span data-component="key-caps" aria-hidden="true">
      <For each={keyNames(props.keys, isMac)}>{(name) => <kbd>{name}</kbd>}</For>
    </span>
  );
}
