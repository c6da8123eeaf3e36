import { expect, it } from 'vitest';
import { tightest, usageRows } from './session-usage.ts';
import { sessionView } from './test-data.ts';

const usage = { minutes: 3, credentialRequests: 1, renewals: 0, commands: 9 };

it('C-19: counts in units that are counted, against limits where there are any', () => {
  const session = sessionView({ usage, limits: { commands: 10, minutes: 60 } });
  expect(usageRows(session, 12 * 60_000).map(({ text }) => text)).toEqual([
    '12 of 60 minutes',
    '1 credential request',
    '0 renewals',
    '9 of 10 commands',
  ]);
  expect(tightest(session, 12 * 60_000)).toMatchObject({ unit: 'commands', share: 0.9 });
  expect(tightest(session, 59 * 60_000)).toMatchObject({ unit: 'minutes' });
});

it('C-19: minutes of a finished session stand still, and nothing passes its limit', () => {
  const session = sessionView({ usage, status: 'budget_exceeded', limits: { minutes: 2 } });
  expect(usageRows(session, 50 * 60_000)[0]).toMatchObject({ text: '2 of 2 minutes', share: 1 });
});

it('C-19: without limits there is no bar', () => {
  expect(tightest(sessionView({ usage }), 0)).toBeNull();
});
