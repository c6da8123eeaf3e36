import * as Dialog from '@kobalte/core/dialog';
import { createEffect, createMemo, createSignal, For, on, Show } from 'solid-js';
import { KeyCaps } from '../shortcuts/key-caps.tsx';
import { shortcut } from '../shortcuts/shortcuts.ts';
import { useApp } from '../state/app-context.tsx';
import { createVaultState } from '../vault/vault-state.ts';
import type { Command, CommandSource } from './commands.ts';
import './palette.css';
import { rank } from './ranking.ts';
import { recentCommands, recentFirst, rememberCommand } from './recent.ts';

/** More than anybody reads; who looks for another one types on. */
const mostShown = 60;

/**
 * A box that finds commands while one types: a combobox whose list is always open. The focus stays in the box; the arrow
 * keys move through the list, Enter runs what is marked.
 */
export function Palette(props: {
  title: string;
  placeholder: string;
  source: CommandSource;
  /** Whether what was used last comes first. */
  recent?: boolean;
  onClose: () => void;
}) {
  const app = useApp();
  const { vault } = createVaultState();
  const [query, setQuery] = createSignal('');
  const [at, setAt] = createSignal(0);
  const recent = props.recent ? recentCommands(localStorage) : [];
  const all = createMemo(() => recentFirst(props.source({ app, vault: vault() }), recent));
  const found = createMemo(() => rank(all(), query()).slice(0, mostShown));
  const marked = () => Math.min(at(), found().length - 1);
  const opener = document.activeElement;
  let input: HTMLInputElement | undefined;
  let list: HTMLDivElement | undefined;

  createEffect(
    on(marked, (index) => list?.children[index]?.scrollIntoView({ block: 'nearest' }), { defer: true }),
  );
  createEffect(
    on(
      () => found().length === 0,
      (nothing) => {
        if (nothing) app.announce('Nothing found.');
      },
      { defer: true },
    ),
  );

  const run = (command: Command | undefined) => {
    if (!command) return;
    if (props.recent) rememberCommand(localStorage, command.id);
    props.onClose();
    // Once the dialog is gone and the focus is back where it was: what runs may open another one.
    setTimeout(() => command.run());
  };

  const onKey = (event: KeyboardEvent) => {
    const last = found().length - 1;
    const moves: Record<string, number> = {
      ArrowDown: marked() === last ? 0 : marked() + 1,
      ArrowUp: marked() <= 0 ? last : marked() - 1,
      PageDown: Math.min(last, marked() + 8),
      PageUp: Math.max(0, marked() - 8),
    };
    const next = moves[event.key];
    if (event.isComposing) return;
    if (next !== undefined) setAt(Math.max(0, next));
    else if (event.key === 'Enter') run(found()[marked()]);
    else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') props.onClose();
    else return;
    event.preventDefault();
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="palette-place">
          <Dialog.Content
            data-component="palette"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              input?.focus();
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              const back = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
              (back ? opener : document.getElementById('page-title'))?.focus();
            }}
          >
            <Dialog.Title data-component="visually-hidden">{props.title}</Dialog.Title>
            <input
              ref={(element) => {
                input = element;
              }}
              type="text"
              role="combobox"
              aria-label={props.title}
              aria-expanded="true"
              aria-controls="palette-list"
              aria-autocomplete="list"
              aria-activedescendant={found().length > 0 ? `palette-${marked()}` : undefined}
              placeholder={props.placeholder}
              autocomplete="off"
              spellcheck={false}
              maxLength={100}
              value={query()}
              onInput={(event) => {
                setQuery(event.currentTarget.value);
                setAt(0);
              }}
              on:keydown={onKey}
            />
            <div
              id="palette-list"
              role="listbox"
              aria-label={props.title}
              ref={(element) => {
                list = element;
              }}
            >
              <For each={found()}>
                {(command, index) => (
                  // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box, which names the marked one
                  // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the box's
                  <div
                    id={`palette-${index()}`}
                    role="option"
                    aria-selected={index() === marked()}
                    onPointerMove={() => setAt(index())}
                    onClick={() => run(command)}
                  >
                    <span>{command.title}</span>
                    <small>{command.group}</small>
                    <Show when={command.shortcut}>{(id) => <KeyCaps keys={shortcut(id()).keys} />}</Show>
                  </div>
                )}
              </For>
            </div>
            <Show when={found().length === 0}>
              <p data-component="palette-empty">Nothing has this in its name.</p>
            </Show>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
