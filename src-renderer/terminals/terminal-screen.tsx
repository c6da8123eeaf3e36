import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { createEffect, onCleanup, onMount } from 'solid-js';
import type { TerminalTab } from '../../src-preload/contract/terminals.ts';
import { useApp } from '../state/app-context.tsx';
import { pastedText } from './pasted-text.ts';
import { installStrictStyles } from './strict-styles.ts';
import './terminal-screen.css';
import { TerminalStream } from './terminal-stream.ts';
import { monospace, searchDecorations, terminalTheme } from './terminal-theme.ts';
import { linksIn } from './terminal-words.ts';

export type Direction = 'next' | 'previous';

/** What the buttons around a terminal do with it. */
export interface ScreenHandle {
  focus(): void;
  find(text: string, direction: Direction, incremental: boolean): void;
  endSearch(): void;
  hasSelection(): boolean;
  copy(): void;
  paste(text: string): void;
  /** Lines that are pasted into a program which does not ask for pastes run at once. */
  runsPastedLines(): boolean;
  selectAll(): void;
  clear(): void;
  links(): string[];
}

export interface ScreenProps {
  tab: TerminalTab;
  shown: boolean;
  /** Id of the text that says which keys lead out. */
  describedBy: string;
  ref: (handle: ScreenHandle) => void;
  onLink: (url: string) => void;
  onFind: () => void;
  onPaste: () => void;
  /** Text that the system pastes by itself: a menu's, or the middle button's. */
  onPasted: (text: string) => void;
  onLeave: () => void;
  /** To the tab before or after this one. */
  onStep: (by: 1 | -1) => void;
  /** How many were found, and which one it is, from 0; -1: too many to say. */
  onResults: (count: number, index: number) => void;
  onRefused: () => void;
}

/** Kept in the window; main keeps about as much. */
const scrollbackLines = 5_000;
const linksOffered = 10;
const linesLookedAt = 500;

/** The screen of one tab. */
export function TerminalScreen(props: ScreenProps) {
  const app = useApp();
  let host: HTMLDivElement | undefined;
  const root = document.documentElement;
  installStrictStyles(document);
  const terminal = new Terminal({
    allowProposedApi: true,
    cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    fontFamily: monospace(root),
    fontSize: 13,
    lineHeight: 1.15,
    scrollback: scrollbackLines,
    // Whatever colours a program chooses, its text can be read.
    minimumContrastRatio: 4.5,
    screenReaderMode: app.terminals.screenReader(),
    theme: terminalTheme(root),
    linkHandler: { activate: (_event, url) => props.onLink(url) },
  });
  const fit = new FitAddon();
  const search = new SearchAddon();
  terminal.loadAddon(fit);
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon((_event, url) => props.onLink(url)));
  search.onDidChangeResults(({ resultCount, resultIndex }) => props.onResults(resultCount, resultIndex));

  const { bridge } = app;
  const tabId = props.tab.tabId;
  const stream = new TerminalStream({
    bridge,
    tabId,
    show: (bytes) => new Promise((resolve) => terminal.write(bytes, resolve)),
    reset: () => terminal.reset(),
  });
  const send = (text: string) => {
    if (stream.replaying || props.tab.status === 'ended') return;
    void stream.send(text).then((taken) => taken || props.onRefused());
  };
  const copy = () => {
    const text = terminal.getSelection();
    if (text !== '') void bridge.terminals.copy({ text }).then(() => app.announce('Copied'));
  };

  terminal.onData(send);
  terminal.onResize(({ cols, rows }) => {
    app.terminals.noteSize({ columns: cols, rows });
    void bridge.terminals.resize({ tabId, columns: cols, rows });
  });
  const ours: Record<string, () => void> = {
    find: () => props.onFind(),
    copy,
    paste: () => props.onPaste(),
    leave: () => props.onLeave(),
    before: () => props.onStep(-1),
    after: () => props.onStep(1),
  };
  terminal.attachCustomKeyEventHandler((event) => {
    const action = shortcut(event);
    if (action === null) return true;
    event.preventDefault();
    if (event.type === 'keydown') ours[action]?.();
    return false;
  });

  const fitNow = () => {
    if (props.shown && host && host.clientWidth > 0) fit.fit();
  };
  const resized = new ResizeObserver(fitNow);
  let sought = '';
  const find = (text: string, direction: Direction, incremental: boolean) => {
    sought = text;
    const options = { incremental, decorations: searchDecorations(root) };
    if (text === '') search.clearDecorations();
    if (direction === 'next') search.findNext(text, options);
    else search.findPrevious(text, options);
  };
  const themed = new MutationObserver(() => {
    terminal.options.theme = terminalTheme(root);
    // What is marked keeps the colours that it was marked with.
    if (sought === '') return;
    search.clearDecorations();
    find(sought, 'next', true);
  });

  props.ref({
    focus: () => terminal.focus(),
    find,
    endSearch: () => {
      sought = '';
      search.clearDecorations();
    },
    hasSelection: () => terminal.hasSelection(),
    copy,
    paste: (text) => terminal.paste(pastedText(text)),
    runsPastedLines: () => !terminal.modes.bracketedPasteMode,
    selectAll: () => terminal.selectAll(),
    clear: () => terminal.clear(),
    links: () => linksIn(lastLines(terminal), linksOffered),
  });

  onMount(() => {
    if (!host) return;
    terminal.open(host);
    // Before xterm.js has it, which would send it unseen.
    host.addEventListener(
      'paste',
      (event) => {
        event.preventDefault();
        event.stopPropagation();
        const text = event.clipboardData?.getData('text/plain') ?? '';
        if (text !== '') props.onPasted(text);
      },
      { capture: true },
    );
    terminal.textarea?.setAttribute('aria-describedby', props.describedBy);
    fitNow();
    stream.start();
    resized.observe(host);
    themed.observe(root, { attributeFilter: ['data-theme'] });
  });
  createEffect(() => {
    terminal.options.disableStdin = props.tab.status === 'ended';
  });
  createEffect(() => {
    if (!props.shown) return;
    fitNow();
    if (app.terminals.focusing() !== tabId) return;
    app.terminals.focused();
    // A task later: until then what opened it may still hold the focus.
    setTimeout(() => terminal.focus());
  });
  onCleanup(() => {
    resized.disconnect();
    themed.disconnect();
    stream.close();
    terminal.dispose();
  });

  return (
    <div
      data-component="terminal-screen"
      ref={(element) => {
        host = element;
      }}
    />
  );
}

const mac = navigator.userAgent.includes('Mac OS');

/** Which keys are ours and not the program's. */
function shortcut(event: KeyboardEvent): string | null {
  if (event.altKey) return null;
  if (event.ctrlKey && !event.shiftKey && !event.metaKey) {
    if (event.key === 'F6') return 'leave';
    if (event.key === 'PageUp') return 'before';
    if (event.key === 'PageDown') return 'after';
  }
  const held = mac ? event.metaKey && !event.ctrlKey : event.ctrlKey && event.shiftKey && !event.metaKey;
  if (!held) return null;
  switch (event.key.toLowerCase()) {
    case 'f':
      return 'find';
    case 'c':
      return 'copy';
    case 'v':
      return 'paste';
    default:
      return null;
  }
}

/** The last lines of the buffer, wrapped ones put together. */
function lastLines(terminal: Terminal): string[] {
  const { active } = terminal.buffer;
  const lines: string[] = [];
  for (let at = Math.max(0, active.length - linesLookedAt); at < active.length; at += 1) {
    const line = active.getLine(at);
    const text = line?.translateToString(true) ?? '';
    if (line?.isWrapped && lines.length > 0) lines.push(`${lines.pop()}${text}`);
    else lines.push(text);
  }
  return lines;
}
