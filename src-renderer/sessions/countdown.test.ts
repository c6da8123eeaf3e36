import { describe, expect, it } from 'vitest';
import { clockTime, extensionsOf, lengthWords, nearness, shareLeft, timeLeft } from './countdown.ts';
import { sessionView } from './test-data.ts';

describe('C-20: the countdown', () => {
  const session = sessionView({ createdAt: 1_000_000, endsAt: 4_600_000 });
  it('never goes below nothing, and the ring follows it', () => {
    expect(timeLeft(session, 1_000_000)).toBe(3_600_000);
    expect(shareLeft(session, 2_800_000)).toBe(0.5);
    expect(timeLeft(session, 9_000_000)).toBe(0);
    expect(shareLeft(session, 9_000_000)).toBe(0);
    expect(shareLeft(session, 0)).toBe(1);
    expect(shareLeft(sessionView({ createdAt: 5, endsAt: 5 }), 5)).toBe(0);
  });
  it.each([
    [4_000_000, 'plenty'],
    [4_300_000, 'soon'],
    [4_540_000, 'last'],
    [5_000_000, 'last'],
  ] as const)('at %i there is %s', (now, expected) => expect(nearness(session, now)).toBe(expected));
});

it('a time of day has its day only where that is another one', () => {
  const noon = new Date(2026, 5, 17, 12, 0).getTime();
  expect(clockTime(new Date(2026, 5, 17, 14, 32).getTime(), noon)).toBe('14:32');
  expect(clockTime(new Date(2026, 5, 18, 0, 5).getTime(), noon)).toBe('Thu 00:05');
  expect(clockTime(new Date(2026, 6, 3, 9, 0).getTime(), noon)).toBe('3 Jul, 09:00');
});

it.each([
  [900, '15 min'],
  [5_400, '1 h 30 min'],
  [90, '1 min 30 s'],
  [43_200, '12 h'],
  [90_000, '1 d 1 h'],
  [0, '0 s'],
])('%i seconds are %s', (seconds, text) => expect(lengthWords(seconds)).toBe(text));

describe('C-20: extending', () => {
  const hour = 3_600_000;
  const session = sessionView({ createdAt: 0, endsAt: hour });
  it('goes up to the cap, which is the last choice', () => {
    expect(extensionsOf(session, 3 * 3600)).toEqual({
      choices: [
        { label: '15 minutes more', endsAt: 1.25 * hour },
        { label: '1 hour more', endsAt: 2 * hour },
        { label: 'As long as it may', endsAt: 3 * hour },
      ],
      heldBy: null,
    });
  });
  it('offers no end beyond a cap that is nearer than the smallest step', () => {
    expect(extensionsOf(session, 3700).choices).toEqual([{ label: 'As long as it may', endsAt: 3_700_000 }]);
  });
  it('says what holds it back', () => {
    expect(extensionsOf(session, 3600)).toEqual({ choices: [], heldBy: 'cap' });
    const limited = sessionView({ createdAt: 0, endsAt: hour, limits: { minutes: 60 } });
    expect(extensionsOf(limited, 8 * 3600)).toEqual({ choices: [], heldBy: 'minutes' });
    expect(extensionsOf(limited, undefined)).toEqual({ choices: [], heldBy: 'minutes' });
  });
  it('without a cap has steps alone', () => {
    expect(extensionsOf(session, undefined).choices).toHaveLength(3);
  });
});
