/** What the tray shows. Times are milliseconds since the Unix epoch, UTC. */
export interface TrayView {
  /** In their order, the blank one last. */
  identities: readonly { id: string; name: string; accounts: number }[];
  /** Sign-ins that run, the oldest first; `code` is the device code, where it waits for one to be typed. */
  signIns: readonly {
    sessionId: string;
    providerName: string;
    bundleName: string | null;
    code?: string;
  }[];
  /** Cloud sessions that are open. */
  sessions: readonly CloudSessionEnd[];
  now: number;
}

/** A cloud session as far as its end matters. `endsAt` in milliseconds since the Unix epoch, UTC. */
export interface CloudSessionEnd {
  id: string;
  label: string;
  endsAt: number;
}

/** What an entry does. */
export type TrayAction =
  | { do: 'open' }
  | { do: 'quit' }
  | { do: 'show-sign-in'; sessionId: string }
  | { do: 'copy-code'; sessionId: string }
  | { do: 'open-identity'; bundleId: string }
  | { do: 'run-terminal'; bundleId: string }
  | { do: 'show-session'; sessionId: string };

/** One entry: text that only says something, a separator, a submenu, or something to click. */
export type TrayItem =
  | { type: 'separator' }
  | { label: string; enabled: false }
  | { label: string; submenu: TrayItem[] }
  | { label: string; action: TrayAction };

/** A menu that is longer than a screen helps nobody. */
const mostIdentities = 20;

/** The tray's menu. Pure: the same view gives the same menu, so that a menu that did not change is not set again. */
export function trayMenu(view: TrayView): TrayItem[] {
  const groups: TrayItem[][] = [
    view.signIns.flatMap(signInItems),
    sessionItems(view),
    identityItems(view),
    [
      { label: 'Open Lanyard', action: { do: 'open' } },
      { label: 'Quit', action: { do: 'quit' } },
    ],
  ];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, index) => (index === 0 ? group : [{ type: 'separator' } as const, ...group]));
}

function signInItems({ sessionId, providerName, bundleName, code }: TrayView['signIns'][number]): TrayItem[] {
  const as = bundleName === null ? '' : ` as ${bundleName}`;
  const shown: TrayItem = {
    label: menuText(`Connecting ${providerName}${as}…`),
    action: { do: 'show-sign-in', sessionId },
  };
  if (code === undefined) return [shown];
  return [shown, { label: menuText(`Copy code ${code}`), action: { do: 'copy-code', sessionId } }];
}

function sessionItems({ sessions, now }: TrayView): TrayItem[] {
  if (sessions.length === 0) return [];
  return [
    { label: 'Cloud sessions', enabled: false },
    ...[...sessions]
      .sort((a, b) => a.endsAt - b.endsAt)
      .map(
        ({ id, label, endsAt }): TrayItem => ({
          label: menuText(`${label}, ${timeLeft(endsAt - now)}`),
          action: { do: 'show-session', sessionId: id },
        }),
      ),
  ];
}

function identityItems({ identities }: TrayView): TrayItem[] {
  if (identities.length === 0) return [];
  const more = identities.length - mostIdentities;
  return [
    { label: 'Identities', enabled: false },
    ...identities.slice(0, mostIdentities).map(
      ({ id, name, accounts }): TrayItem => ({
        label: menuText(name),
        submenu: [
          { label: 'Open', action: { do: 'open-identity', bundleId: id } },
          // As on its page: a terminal as somebody who is nobody yet would be the machine's own.
          ...(accounts > 0
            ? [
                {
                  label: menuText(`Run a terminal as ${name}`),
                  action: { do: 'run-terminal' as const, bundleId: id },
                },
              ]
            : []),
        ],
      }),
    ),
    ...(more > 0 ? [{ label: `${more} more…`, action: { do: 'open' as const } }] : []),
  ];
}

/** The longest text of an entry, in characters. */
const longest = 60;

/** A menu takes `&` for the mark of the next letter's shortcut. */
function menuText(text: string): string {
  const cut = [...text].length > longest ? `${[...text].slice(0, longest - 1).join('')}…` : text;
  return cut.replaceAll('&', '&&');
}

/** Rounded down to what is surely left: `under a minute left`, `12 min left`, `3 h left`. */
export function timeLeft(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return 'under a minute left';
  if (minutes < 120) return `${minutes} min left`;
  return `${Math.floor(minutes / 60)} h left`;
}
