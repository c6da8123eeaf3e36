import type { App } from 'electron';
import type { runningCalls } from '../../../src-preload/contract/running.ts';
import type { terminalCalls } from '../../../src-preload/contract/terminals.ts';
import { LanyardError } from '../../failures.ts';
import type { KeptCommands } from '../../launch/kept-commands.ts';
import type { RunningLogins } from '../../launch/running-logins.ts';
import { checkedLink } from '../../launch/terminal-link.ts';
import type { TerminalTabs } from '../../launch/terminal-tabs.ts';
import type { TextClipboard } from '../../vault/secret-clipboard.ts';
import type { HandlersOf } from '../ipc.ts';
import { answer, outcome } from './outcome.ts';

export interface TerminalHandlerParts {
  app: Pick<App, 'accessibilitySupportEnabled'>;
  clipboard: TextClipboard;
  terminals: {
    tabs: TerminalTabs;
    logins: RunningLogins;
    commands: KeptCommands;
    openBrowser: (url: string) => Promise<boolean>;
  };
}

const longestPaste = 4 * 1024 * 1024;

/** Terminals in the window, and what runs as which bundle. */
export function terminalHandlers({
  app,
  clipboard,
  terminals: { tabs, logins, commands, openBrowser },
}: TerminalHandlerParts): HandlersOf<typeof terminalCalls & typeof runningCalls> {
  return {
    'terminals.list': () => ({ tabs: tabs.list(), screenReader: app.accessibilitySupportEnabled }),
    'terminals.open': ({ bundleId, command, cloudSessionId, keep, columns, rows }) =>
      answer(async () => {
        const kept = keep ? command : undefined;
        if (kept !== undefined) commands.check(kept);
        const tab = await tabs.open({ bundleId, command: command ?? null, cloudSessionId, columns, rows });
        if (kept !== undefined) commands.keep(bundleId, kept);
        return { tab };
      }),
    'terminals.attach': ({ tabId }) => tabs.attach(tabId),
    'terminals.detach': ({ tabId }) => {
      tabs.detach(tabId);
      return {};
    },
    'terminals.read': ({ tabId, upTo }) => ({ attached: tabs.read(tabId, upTo) }),
    'terminals.write': ({ tabId, text }) => outcome(() => tabs.write(tabId, text)),
    'terminals.resize': ({ tabId, columns, rows }) => {
      tabs.resize(tabId, { columns, rows });
      return {};
    },
    'terminals.isBusy': async ({ tabId }) => ({ busy: await tabs.isBusy(tabId) }),
    'terminals.close': ({ tabId }) => outcome(() => tabs.close(tabId)),
    'terminals.restart': ({ tabId }) => answer(async () => ({ tab: await tabs.restart(tabId) })),
    'terminals.commands': ({ bundleId }) => ({ commands: commands.of(bundleId) }),
    'terminals.forgetCommand': ({ bundleId, command }) => outcome(() => commands.forget(bundleId, command)),
    'terminals.openLink': ({ tabId, url }) =>
      outcome(async () => {
        tabs.assertOpen(tabId);
        if (!(await openBrowser(checkedLink(url)))) throw noBrowser();
      }),
    'terminals.copy': async ({ text }) => {
      await clipboard.writeText(text);
      return {};
    },
    'terminals.readClipboard': async () => ({ text: (await clipboard.readText()).slice(0, longestPaste) }),
    'running.list': () => logins.list(),
    'running.end': ({ id }) => outcome(() => logins.end(id)),
  };
}

function noBrowser(): LanyardError {
  return new LanyardError({
    code: 'no_browser',
    title: 'No browser could be opened.',
    hint: 'Copy the address and open it by hand.',
  });
}
