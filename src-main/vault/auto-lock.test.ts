import { expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { AutoLock } from './auto-lock.ts';
import type { AutoLockRule } from './vault-settings.ts';

const minuteMs = 60_000;

function locks(rule: AutoLockRule) {
  const clock = new ManualClock();
  const house = { rule, busy: false, locked: 0 };
  const autoLock = new AutoLock({
    clock,
    rule: () => house.rule,
    lock: () => {
      house.locked += 1;
    },
    isBusy: () => house.busy,
  });
  return { clock, house, autoLock };
}

it('T-2: locks once when no key was used for the time that the person chose', () => {
  const { clock, house, autoLock } = locks({ afterMinutes: 5, whenAway: false });
  autoLock.used();
  clock.advance(4 * minuteMs);
  autoLock.used();
  clock.advance(5 * minuteMs - 1);
  expect(house.locked).toBe(0);
  clock.advance(1);
  expect(house.locked).toBe(1);
  clock.advance(60 * minuteMs);
  expect(house.locked).toBe(1);
});

it('T-2: a lock that fell due while timers stood still happens before the next use', () => {
  const { clock, house, autoLock } = locks({ afterMinutes: 5, whenAway: false });
  autoLock.used();
  const asleep = new ManualClock(clock.now() + 6 * minuteMs);
  clock.now = () => asleep.now();
  autoLock.check();
  expect(house.locked).toBe(1);
});

it('T-2: locks when the person goes away, if they want that, and only what is open', () => {
  const { house, autoLock } = locks({ afterMinutes: null, whenAway: true });
  autoLock.away();
  expect(house.locked).toBe(0);
  autoLock.used();
  autoLock.away();
  expect(house.locked).toBe(1);
  house.rule = { afterMinutes: null, whenAway: false };
  autoLock.used();
  autoLock.away();
  expect(house.locked).toBe(1);
});

it('never locks by the clock where no time was chosen; another choice counts from then on', () => {
  const { clock, house, autoLock } = locks({ afterMinutes: null, whenAway: true });
  autoLock.used();
  clock.advance(1000 * minuteMs);
  expect(house.locked).toBe(0);
  house.rule = { afterMinutes: 1, whenAway: true };
  autoLock.ruleChanged();
  clock.advance(minuteMs);
  expect(house.locked).toBe(1);
});

it('waits for what a lock would break, and locks then', () => {
  const { clock, house, autoLock } = locks({ afterMinutes: null, whenAway: true });
  autoLock.used();
  house.busy = true;
  autoLock.away();
  clock.advance(minuteMs);
  expect(house.locked).toBe(0);
  // What was under way may be a use itself: the person has gone all the same.
  autoLock.used();
  house.busy = false;
  clock.advance(minuteMs);
  expect(house.locked).toBe(1);
});

it('does nothing after it was closed', () => {
  const { clock, house, autoLock } = locks({ afterMinutes: 1, whenAway: true });
  autoLock.used();
  autoLock.closed();
  clock.advance(minuteMs);
  autoLock.away();
  autoLock.check();
  expect(house.locked).toBe(0);
});
