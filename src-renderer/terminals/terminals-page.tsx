import * as Tabs from '@kobalte/core/tabs';
import Play from 'lucide-solid/icons/play';
import { createEffect, createMemo, For, Show } from 'solid-js';
import { BundleDot } from '../components/bundle-mark.tsx';
import { Button } from '../components/button.tsx';
import { useApp } from '../state/app-context.tsx';
import { RunningList } from './running-list.tsx';
import { TerminalPanel } from './terminal-panel.tsx';
import { endText, programLabel } from './terminal-words.ts';
import './terminals-page.css';

const listValue = 'running';

/** What runs as which identity: a list of everything, and a tab for each terminal of this window. */
export function TerminalsPage() {
  const app = useApp();
  const { terminals } = app;
  /** By id, so that a tab that has changed stays the one that it is. */
  const ids = createMemo(() => terminals.tabs().map(({ tabId }) => tabId));
  const tabOf = (tabId: string) => terminals.tabs().find((tab) => tab.tabId === tabId);
  const value = () => terminals.selected() ?? listValue;
  let list: HTMLElement | undefined;
  const focusTab = () => list?.querySelector<HTMLElement>('[role="tab"][data-selected]')?.focus();
  createEffect(() => {
    // A tab far along the strip comes into view when it is chosen by other means.
    const chosen = value();
    queueMicrotask(() =>
      list?.querySelector(`[data-key="${CSS.escape(chosen)}"]`)?.scrollIntoView({ block: 'nearest' }),
    );
  });
  const step = (from: string, by: 1 | -1) => {
    const all = ids();
    const next = all[(all.indexOf(from) + by + all.length) % all.length];
    if (next === undefined) return;
    terminals.focusLater(next);
    terminals.show(next);
  };
  return (
    <div data-component="terminals-page">
      <header data-component="terminals-header">
        <h1 id="page-title" data-component="page-title" tabIndex={-1}>
          Terminals
        </h1>
        <Button look="primary" onClick={() => terminals.openRun({ bundleId: null })}>
          <Play size={14} aria-hidden="true" />
          Run as…
        </Button>
      </header>
      {/* A strip whose chosen tab is not there yet would choose another one. */}
      <Show when={terminals.loaded()}>
        <Tabs.Root
          data-component="terminal-tabs"
          value={value()}
          onChange={(chosen) => terminals.show(chosen === listValue ? null : chosen)}
        >
          <Tabs.List
            data-component="terminal-strip"
            aria-label="Terminals"
            ref={(element: HTMLElement) => {
              list = element;
            }}
          >
            <Tabs.Trigger value={listValue} data-component="terminal-tab">
              Running
              <span data-component="rail-badge">{terminals.programs().length}</span>
            </Tabs.Trigger>
            <For each={ids()}>
              {(tabId) => (
                <Show when={tabOf(tabId)}>
                  {(tab) => (
                    <Tabs.Trigger
                      value={tabId}
                      data-component="terminal-tab"
                      data-status={tab().status}
                      style={{ '--bundle-colour': tab().colour }}
                      title={`${programLabel(tab())}, ${tab().bundleName}`}
                    >
                      <BundleDot bundle={{ colour: tab().colour, name: tab().bundleName, blank: false }} />
                      <span data-component="terminal-tab-name">{programLabel(tab())}</span>
                      <span data-component="terminal-tab-bundle">{tab().bundleName}</span>
                      <Show when={endText(tab())}>
                        {(text) => <span data-component="visually-hidden">{text()}</span>}
                      </Show>
                    </Tabs.Trigger>
                  )}
                </Show>
              )}
            </For>
          </Tabs.List>
          <Tabs.Content value={listValue} data-component="terminal-place">
            <RunningList />
          </Tabs.Content>
          <For each={ids()}>
            {(tabId) => (
              <Show when={tabOf(tabId)}>
                {(tab) => (
                  // All stay, so that each keeps its place and its selection.
                  <Tabs.Content value={tabId} forceMount data-component="terminal-place">
                    <TerminalPanel
                      tab={tab()}
                      shown={value() === tabId}
                      onLeave={focusTab}
                      onStep={(by) => step(tabId, by)}
                    />
                  </Tabs.Content>
                )}
              </Show>
            )}
          </For>
        </Tabs.Root>
      </Show>
    </div>
  );
}
