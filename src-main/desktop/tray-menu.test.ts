import { expect, it } from 'vitest';
import { type TrayItem, type TrayView, timeLeft, trayMenu } from './tray-menu.ts';

const empty: TrayView = { identities: [], signIns: [], sessions: [], now: 1_000_000 };
const end: TrayItem[] = [
  { label: 'Open Lanyard', action: { do: 'open' } },
  { label: 'Quit', action: { do: 'quit' } },
];

it('R-9: a tray with nothing to show opens the window and quits', () => {
  expect(trayMenu(empty)).toEqual(end);
});

it('R-9: an identity can be opened, and run as once somebody is signed in', () => {
  const identities = [
    { id: 'work', name: 'Work', accounts: 2 },
    { id: 'new', name: 'New', accounts: 0 },
  ];
  expect(trayMenu({ ...empty, identities })).toEqual([
    { label: 'Identities', enabled: false },
    {
      label: 'Work',
      submenu: [
        { label: 'Open', action: { do: 'open-identity', bundleId: 'work' } },
        { label: 'Run a terminal as Work', action: { do: 'run-terminal', bundleId: 'work' } },
      ],
    },
    { label: 'New', submenu: [{ label: 'Open', action: { do: 'open-identity', bundleId: 'new' } }] },
    { type: 'separator' },
    ...end,
  ]);
});

it('R-9: a running sign-in is one click away, and so is its device code', () => {
  const signIns = [
    { sessionId: 's1', providerName: 'Codex', bundleName: 'Work', code: 'WDJB-MJHT' },
    { sessionId: 's2', providerName: 'Demo', bundleName: null },
  ];
  expect(trayMenu({ ...empty, signIns }).slice(0, 4)).toEqual([
    { label: 'Connecting Codex as Work…', action: { do: 'show-sign-in', sessionId: 's1' } },
    { label: 'Copy code WDJB-MJHT', action: { do: 'copy-code', sessionId: 's1' } },
    { label: 'Connecting Demo…', action: { do: 'show-sign-in', sessionId: 's2' } },
    { type: 'separator' },
  ]);
});

it('R-9: cloud sessions say how long they last, the one that ends first on top', () => {
  const sessions = [
    { id: 'b', label: 'Work: deploy', endsAt: empty.now + 3 * 3_600_000 },
    { id: 'a', label: 'Client A: read only', endsAt: empty.now + 12 * 60_000 + 59_000 },
  ];
  expect(trayMenu({ ...empty, sessions }).slice(0, 4)).toEqual([
    { label: 'Cloud sessions', enabled: false },
    {
      label: 'Client A: read only, 12 min left',
      action: { do: 'show-session', sessionId: 'a' },
    },
    { label: 'Work: deploy, 3 h left', action: { do: 'show-session', sessionId: 'b' } },
    { type: 'separator' },
  ]);
});

it('R-9: a thousand identities do not make a menu of a thousand entries', () => {
  const identities = Array.from({ length: 1000 }, (_, n) => ({ id: `${n}`, name: `No. ${n}`, accounts: 1 }));
  const menu = trayMenu({ ...empty, identities });
  expect(menu).toHaveLength(1 + 20 + 1 + 1 + 2);
  expect(menu[21]).toEqual({ label: '980 more…', action: { do: 'open' } });
});

it('R-9: what a person named is text, not a shortcut mark, and no longer than a menu', () => {
  const names = ['R&D', 'x'.repeat(80)];
  const identities = names.map((name) => ({ id: name, name, accounts: 0 }));
  const labels = trayMenu({ ...empty, identities }).flatMap((item) => ('label' in item ? [item.label] : []));
  expect(labels).toContain('R&&D');
  expect(labels).toContain(`${'x'.repeat(59)}…`);
});

it.each([
  [-1, 'under a minute left'],
  [59_999, 'under a minute left'],
  [60_000, '1 min left'],
  [119 * 60_000, '119 min left'],
  [120 * 60_000, '2 h left'],
])('R-9: %i ms are %s', (ms, text) => {
  expect(timeLeft(ms)).toBe(text);
});
