import type { ProviderView } from '../../src-preload/contract/providers.ts';
import type { OtherHolder, RunningView } from '../../src-preload/contract/running.ts';
import type { TerminalTab } from '../../src-preload/contract/terminals.ts';

/** What a provider's program is called on a command line, where that is known. */
export function programName({ id, program }: Pick<ProviderView, 'id' | 'program'>): string | null {
  // The demo's program is the app itself.
  if (program.state !== 'found' || id === 'demo') return null;
  const name =
    program.path
      .split(/[/\\]/)
      .at(-1)
      ?.replace(/\.(?:exe|cmd|bat)$/i, '') ?? '';
  return /^[\w.-]+$/.test(name) ? name : null;
}

type Named = Pick<TerminalTab, 'command' | 'shell'>;

/** What a tab runs, in short. */
export function programLabel({ command, shell }: Named): string {
  return command ?? shell;
}

/** How a tab's program ended; `null` while it runs. */
export function endText({ status, exit }: Pick<TerminalTab, 'status' | 'exit'>): string | null {
  if (status === 'running') return null;
  if (!exit) return 'Ended';
  if (exit.signal !== null) return `Ended by ${exit.signal}`;
  return exit.code === 0 ? 'Ended' : `Ended with code ${exit.code}`;
}

/** What to say of tabs whose program has ended since. */
export function newEnds(before: readonly TerminalTab[], now: readonly TerminalTab[]): string[] {
  return now.flatMap((tab) => {
    const ran = before.find(({ tabId }) => tabId === tab.tabId)?.status === 'running';
    const text = endText(tab);
    return ran && text !== null ? [`${programLabel(tab)}: ${text}.`] : [];
  });
}

/** the program holds a login that is not, or not any more, what it was started with. */
export function hasOldLogin({ logins }: Pick<RunningView, 'logins'>): boolean {
  return logins.some(({ state }) => state !== 'same');
}

/** What is different, with both names. */
export function loginText(
  { startedAs, now, state }: RunningView['logins'][number],
  provider: string,
): string {
  switch (state) {
    case 'same':
      return `${provider}: ${now ?? startedAs}`;
    case 'somebody-else':
      return `${provider} was ${startedAs} when it started. Its program now says ${now ?? 'nobody'}.`;
    case 'replaced':
      return now === undefined || now === startedAs
        ? `${provider}: ${startedAs} signed in again since. It still has the login from before.`
        : `${provider}: it has the login of ${startedAs}. The identity now has that of ${now}.`;
    case 'gone':
      return `${provider}: ${startedAs} was signed out. It still has that login.`;
  }
}

/** What was started where. */
export function originText(origin: RunningView['origin']): string {
  switch (origin) {
    case 'tab':
      return 'in a tab';
    case 'terminal':
      return 'in your terminal';
    case 'command':
      return 'by the lanyard command';
  }
}

/** One sentence for programs that were found to have an old login. */
export function oldLoginNote(
  programs: readonly RunningView[],
  others: readonly OtherHolder[],
  providerName: (providerId: string) => string,
): string {
  const stale = programs.filter(hasOldLogin);
  const count = stale.length + others.length;
  const providers = [
    ...new Set(
      stale.flatMap(({ logins }) =>
        logins.filter(({ state }) => state !== 'same').map(({ providerId }) => providerName(providerId)),
      ),
    ),
  ];
  const of = providers.length > 0 ? ` of ${providers.join(', ')}` : '';
  return count === 1
    ? `One program still has an old login${of}.`
    : `${count} programs still have an old login${of}.`;
}

const link = /https?:\/\/[^\s"'`<>{}|\\^]+/g;

/** Web addresses in what a terminal shows, the last first, each once. @param lines with wrapped ones put together */
export function linksIn(lines: readonly string[], most: number): string[] {
  const found = lines
    .flatMap((line) => line.match(link) ?? [])
    .map((text) => text.replace(/[.,;:!?)\]]+$/, ''));
  return [...new Set(found.reverse())].filter((text) => URL.canParse(text)).slice(0, most);
}
