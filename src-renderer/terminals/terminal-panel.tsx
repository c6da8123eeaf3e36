import * as ContextMenu from '@kobalte/core/context-menu';
import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import Link from 'lucide-solid/icons/link';
import RotateCw from 'lucide-solid/icons/rotate-cw';
import Search from 'lucide-solid/icons/search';
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import type { TerminalTab } from '../../src-preload/contract/terminals.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button, IconButton } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import '../connect/other-ways.css';
import { inkOn } from '../format/colour.ts';
import { LaunchTrouble } from '../launch/launch-trouble.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { LinkDialog } from './link-dialog.tsx';
import './terminal-panel.css';
import { type ScreenHandle, TerminalScreen } from './terminal-screen.tsx';
import { TerminalSearch } from './terminal-search.tsx';
import { endText, hasOldLogin, loginText, programLabel } from './terminal-words.ts';

const refused: Failure = {
  code: 'terminal_busy',
  title: 'The program does not read what is typed.',
  hint: 'Wait for it, or end it, then try again.',
};

/** One terminal with what belongs to it: whose it is, finding, starting again, closing. */
export function TerminalPanel(props: {
  tab: TerminalTab;
  shown: boolean;
  onLeave: () => void;
  onStep: (by: 1 | -1) => void;
}) {
  const app = useApp();
  const hintId = createUniqueId();
  let screen: ScreenHandle | undefined;
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [searching, setSearching] = createSignal(false);
  const [results, setResults] = createSignal<{ count: number; index: number } | null>(null);
  const [link, setLink] = createSignal<string | null>(null);
  const [links, setLinks] = createSignal<string[]>([]);
  const [pasting, setPasting] = createSignal<string | null>(null);
  const [closing, setClosing] = createSignal(false);
  const [restarting, setRestarting] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const name = () => programLabel(props.tab);
  const ended = () => endText(props.tab);
  const program = () => app.terminals.programs().find(({ id }) => id === props.tab.tabId);
  const providerName = (id: string) => app.state.providers.find((each) => each.id === id)?.name ?? id;
  const oldLogins = () => (program()?.logins ?? []).filter(({ state }) => state !== 'same');
  const isOld = () => {
    const shown = program();
    return shown !== undefined && hasOldLogin(shown);
  };
  const focus = () => screen?.focus();

  const act = async (work: () => Promise<Failure | null>) => {
    if (busy()) return;
    setBusy(true);
    setFailure(await work());
    setBusy(false);
  };
  const closeIt = async () => {
    setClosing(false);
    await act(() => app.terminals.close(props.tab.tabId));
  };
  const askToClose = async () => {
    if (await app.terminals.isBusy(props.tab.tabId)) setClosing(true);
    else await closeIt();
  };
  const restart = async () => {
    setRestarting(false);
    await act(() => app.terminals.restart(props.tab.tabId));
    if (!failure()) focus();
  };
  const askToRestart = () => {
    if (ended()) void restart();
    else setRestarting(true);
  };
  const paste = async () => {
    const reply = await ask(app.bridge.terminals.readClipboard());
    if (reply.ok && reply.value.text !== '') takePaste(reply.value.text);
  };
  const takePaste = (text: string) => {
    if (/[\r\n]/.test(text.trimEnd()) && screen?.runsPastedLines()) setPasting(text);
    else screen?.paste(text);
  };
  const pasteLines = (text: string) => {
    setPasting(null);
    screen?.paste(text);
    focus();
  };
  const endSearch = () => {
    setSearching(false);
    setResults(null);
    screen?.endSearch();
    focus();
  };

  return (
    <section
      data-component="terminal-panel"
      aria-label={`${name()} as ${props.tab.bundleName}`}
      style={{ '--bundle-colour': props.tab.colour }}
    >
      <header data-component="terminal-bar">
        <span data-component="terminal-bundle" data-ink={inkOn(props.tab.colour)}>
          {props.tab.bundleName}
        </span>
        <code title={name()}>{name()}</code>
        <Show when={ended()}>
          {(text) => (
            <span data-component="chip" data-tone={props.tab.exit?.code === 0 ? 'quiet' : 'warn'}>
              {text()}
            </span>
          )}
        </Show>
        <span data-component="terminal-actions">
          <IconButton label="Find" onClick={() => setSearching(true)}>
            <Search size={15} aria-hidden="true" />
          </IconButton>
          <DropdownMenu.Root
            gutter={4}
            placement="bottom-end"
            modal={false}
            onOpenChange={(open) => open && setLinks(screen?.links() ?? [])}
          >
            <DropdownMenu.Trigger data-component="icon-button" aria-label="Links" title="Links">
              <Link size={15} aria-hidden="true" />
            </DropdownMenu.Trigger>
            <DropdownMenu.Portal mount={document.getElementById('main') ?? document.body}>
              <DropdownMenu.Content data-component="menu" data-wide="">
                <For
                  each={links()}
                  fallback={
                    <DropdownMenu.Item data-component="menu-item" disabled>
                      No links in the last lines
                    </DropdownMenu.Item>
                  }
                >
                  {(url) => (
                    <DropdownMenu.Item
                      data-component="menu-item"
                      // A task later: until then the menu still holds the focus.
                      onSelect={() => setTimeout(() => setLink(url))}
                    >
                      {url}
                    </DropdownMenu.Item>
                  )}
                </For>
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
          <Button size="small" look={isOld() ? 'primary' : 'quiet'} onClick={askToRestart}>
            <RotateCw size={13} aria-hidden="true" />
            {ended() ? 'Start again' : 'Restart'}
          </Button>
          <Button size="small" look="quiet" onClick={() => void askToClose()}>
            Close
          </Button>
        </span>
      </header>
      <Show when={oldLogins().length > 0}>
        <div data-component="old-logins">
          <For each={oldLogins()}>{(login) => <p>{loginText(login, providerName(login.providerId))}</p>}</For>
        </div>
      </Show>
      <Show when={failure()}>
        {(shown) => <LaunchTrouble failure={shown()} bundleId={props.tab.bundleId} />}
      </Show>
      <Show when={searching()}>
        <TerminalSearch
          results={results()}
          onFind={(text, direction, incremental) => screen?.find(text, direction, incremental)}
          onClose={endSearch}
        />
      </Show>
      <ContextMenu.Root modal={false} onOpenChange={(open) => !open && setTimeout(focus)}>
        <ContextMenu.Trigger data-component="terminal-frame">
          <TerminalScreen
            tab={props.tab}
            shown={props.shown}
            describedBy={hintId}
            ref={(handle) => {
              screen = handle;
            }}
            onLink={setLink}
            onFind={() => setSearching(true)}
            onPaste={() => void paste()}
            onPasted={takePaste}
            onLeave={() => props.onLeave()}
            onStep={(by) => props.onStep(by)}
            onResults={(count, index) => setResults({ count, index })}
            onRefused={() => setFailure(refused)}
          />
        </ContextMenu.Trigger>
        <ContextMenu.Portal mount={document.getElementById('main') ?? document.body}>
          <ContextMenu.Content data-component="menu">
            <ContextMenu.Item data-component="menu-item" onSelect={() => screen?.copy()}>
              Copy
            </ContextMenu.Item>
            <ContextMenu.Item data-component="menu-item" onSelect={() => setTimeout(() => void paste())}>
              Paste
            </ContextMenu.Item>
            <ContextMenu.Item data-component="menu-item" onSelect={() => screen?.selectAll()}>
              Select all
            </ContextMenu.Item>
            <ContextMenu.Item data-component="menu-item" onSelect={() => screen?.clear()}>
              Clear what has scrolled away
            </ContextMenu.Item>
          </ContextMenu.Content>
        </ContextMenu.Portal>
      </ContextMenu.Root>
      <p id={hintId} data-component="terminal-hint">
        Ctrl+F6 leaves the terminal. Ctrl+Shift+F finds, Ctrl+Shift+C copies, Ctrl+Shift+V pastes.
        <Show when={props.tab.leftOut.length > 0}>
          {` Left out of the environment: ${props.tab.leftOut.join(', ')}.`}
        </Show>
      </p>
      <Show when={link()}>
        {(url) => (
          <LinkDialog
            tabId={props.tab.tabId}
            url={url()}
            onClose={() => {
              setLink(null);
              focus();
            }}
          />
        )}
      </Show>
      <Show when={closing()}>
        <ConfirmDialog
          title="Close this terminal?"
          keepLabel="Keep it"
          confirmLabel="End it and close"
          onConfirm={() => void closeIt()}
          onKeep={() => setClosing(false)}
        >
          {`Something still runs in "${name()}". It is ended, with everything that it started.`}
        </ConfirmDialog>
      </Show>
      <Show when={restarting()}>
        <ConfirmDialog
          title="Restart this program?"
          keepLabel="Keep it running"
          confirmLabel="End it and start again"
          onConfirm={() => void restart()}
          onKeep={() => setRestarting(false)}
        >
          {`"${name()}" is ended, with everything that it started, and starts again with the accounts of ${props.tab.bundleName} as they are now.`}
        </ConfirmDialog>
      </Show>
      <Show when={pasting()}>
        {(text) => (
          <ConfirmDialog
            title="Paste several lines?"
            keepLabel="Do not paste"
            confirmLabel="Paste"
            onConfirm={() => pasteLines(text())}
            onKeep={() => {
              setPasting(null);
              focus();
            }}
          >
            {`The clipboard has ${
              text()
                .trimEnd()
                .split(/\r\n|\r|\n/).length
            } lines. The program may run each of them at once.`}
          </ConfirmDialog>
        )}
      </Show>
    </section>
  );
}
