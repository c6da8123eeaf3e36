import { expect, it } from 'vitest';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Looking } from '../../src-preload/contract/desktop.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { type NoticePlace, Notifications, type WatchedAccount } from './notifications.ts';

const minute = 60_000;

function scene() {
  const clock = new ManualClock();
  const told: { title: string; body: string; click: () => void }[] = [];
  const places: NoticePlace[] = [];
  const world = { on: true, looking: null as Looking | null };
  const notifications = new Notifications({
    notify: (notice, click) => told.push({ ...notice, click }),
    isOn: () => world.on,
    looking: () => world.looking,
    goTo: (place) => places.push(place),
    providerName: (id) => (id === 'codex' ? 'Codex' : id),
    clock,
  });
  const take = () => told.splice(0).map(({ title, body }) => [title, body]);
  return { clock, told, places, world, notifications, take };
}

const base = {
  providerId: 'codex',
  flowId: 'browser',
  command: 'codex login',
  startedAt: 0,
  deadlineAt: 600_000,
  phase: 'ended' as const,
  paste: 'none' as const,
  promptsForPaste: false,
  browserOpened: true,
  notices: [],
  untrustedLinks: [],
  renewals: 0,
};
const done = (sessionId: string): SessionSnapshot => ({
  ...base,
  sessionId,
  status: 'success',
  bundleId: 'work',
  bundleName: 'Work',
  email: 'ada@acme.example',
});
const failed = (sessionId: string, code: string): SessionSnapshot => ({
  ...base,
  sessionId,
  status: 'failed',
  bundleId: 'work',
  error: 'no',
  failure: { code, title: 'The sign-in timed out after 10 minutes', hint: 'Try again.' },
});
const running = (sessionId: string): SessionSnapshot => ({
  ...base,
  sessionId,
  status: 'pending',
  phase: 'starting',
  bundleId: 'work',
});

it('R-9: a sign-in that is done is told once, and leads to its modal', () => {
  const { notifications, told, places, take } = scene();
  notifications.signInChanged(running('s1'));
  notifications.signInChanged(done('s1'));
  notifications.signInChanged(done('s1'));
  told[0]?.click();
  expect(places).toEqual([{ name: 'sign-in', sessionId: 's1' }]);
  expect(take()).toEqual([['Codex is connected', 'ada@acme.example, in Work']]);
});

it('R-9: one that failed is told with its cause; one that the person ended is not', () => {
  const { notifications, take } = scene();
  notifications.signInChanged(failed('s1', 'timed_out'));
  notifications.signInChanged(failed('s2', 'cancelled'));
  expect(take()).toEqual([['Codex is not connected', 'The sign-in timed out after 10 minutes']]);
});

it('R-9: a window with the focus shows its sign-ins, so nothing is told, also not later', () => {
  const { notifications, world, take } = scene();
  world.looking = { page: 'settings', bundleId: null };
  notifications.signInChanged(done('s1'));
  world.looking = null;
  notifications.signInChanged(done('s1'));
  expect(take()).toEqual([]);
});

it('R-9: nothing is told while notifications are off, and what happened meanwhile is not made up for', () => {
  const { notifications, world, take } = scene();
  world.on = false;
  notifications.signInChanged(done('s1'));
  world.on = true;
  notifications.signInChanged(done('s1'));
  notifications.signInChanged(done('s2'));
  expect(take()).toHaveLength(1);
});

const account = (id: string, needsSignIn: boolean, bundle = 'Work'): WatchedAccount => ({
  id,
  providerId: 'codex',
  bundles: [{ id: bundle.toLowerCase(), name: bundle }],
  needsSignIn,
});

it('R-9: an account that comes to need its person is told once, and leads to its card', () => {
  const { notifications, told, places, take } = scene();
  notifications.accountsChanged([account('a', false), account('old', true)]);
  notifications.accountsChanged([account('a', true), account('old', true)]);
  notifications.accountsChanged([account('a', true), account('old', true)]);
  told[0]?.click();
  expect(places).toEqual([{ name: 'identity', bundleId: 'work', accountId: 'a' }]);
  expect(take()).toEqual([['Codex needs you to sign in again', 'In Work.']]);
  notifications.accountsChanged([account('a', false)]);
  notifications.accountsChanged([account('a', true)]);
  expect(take()).toHaveLength(1);
});

it('R-9: several at once are one notification', () => {
  const { notifications, take } = scene();
  notifications.accountsChanged([account('a', false), account('b', false)]);
  notifications.accountsChanged([account('a', true), account('b', true, 'Client A')]);
  expect(take()).toEqual([['2 accounts need you to sign in again', 'Codex in Work, and 1 more.']]);
});

it('R-9: the identity on the screen before them is not told of; another one is', () => {
  const { notifications, world, take } = scene();
  notifications.accountsChanged([account('a', false), account('b', false, 'Client A')]);
  world.looking = { page: 'identities', bundleId: 'work' };
  notifications.accountsChanged([account('a', true), account('b', true, 'Client A')]);
  expect(take()).toEqual([['Codex needs you to sign in again', 'In Client A.']]);
});

it('R-9: a cloud session is spoken of five minutes before its end, and leads to it', () => {
  const { clock, notifications, told, places, take } = scene();
  const session = { id: 'c1', label: 'Work: deploy', endsAt: clock.now() + 60 * minute };
  notifications.sessionsChanged([session]);
  clock.advance(55 * minute - 1);
  expect(told).toEqual([]);
  notifications.sessionsChanged([session]);
  clock.advance(1);
  told[0]?.click();
  expect(places).toEqual([{ name: 'cloud-session', sessionId: 'c1' }]);
  expect(take()).toEqual([['Work: deploy ends in 5 min', 'Extend it, or let it end.']]);
  notifications.sessionsChanged([session]);
  clock.advance(10 * minute);
  expect(take()).toEqual([]);
});

it('R-9: an extended session is spoken of again; a revoked one is not', () => {
  const { clock, notifications, take } = scene();
  const start = clock.now();
  const session = { id: 'c1', label: 'Deploy', endsAt: start + 10 * minute };
  const other = { id: 'c2', label: 'Other', endsAt: start + 10 * minute };
  notifications.sessionsChanged([session, other]);
  clock.advance(4 * minute);
  notifications.sessionsChanged([session]);
  clock.advance(minute);
  expect(take()).toHaveLength(1);
  notifications.sessionsChanged([{ ...session, endsAt: start + 30 * minute }]);
  clock.advance(20 * minute);
  expect(take()).toEqual([['Deploy ends in 5 min', 'Extend it, or let it end.']]);
});

it('R-9: one that was short from the start is spoken of a minute before, or not at all', () => {
  const { clock, notifications, take } = scene();
  const now = clock.now();
  notifications.sessionsChanged([
    { id: 'short', label: 'Short', endsAt: now + 3 * minute },
    { id: 'tiny', label: 'Tiny', endsAt: now + minute / 2 },
  ]);
  clock.advance(5 * minute);
  expect(take()).toEqual([['Short ends in 1 min', 'Extend it, or let it end.']]);
});

it('R-9: the page of cloud sessions in the focused window says it itself', () => {
  const { clock, notifications, world, take } = scene();
  notifications.sessionsChanged([{ id: 'c1', label: 'Deploy', endsAt: clock.now() + 10 * minute }]);
  world.looking = { page: 'sessions', bundleId: null };
  clock.advance(10 * minute);
  expect(take()).toEqual([]);
});
