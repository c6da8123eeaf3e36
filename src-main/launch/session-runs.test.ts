import { expect, it } from 'vitest';
import { Redactor } from '../vault/redact.ts';
import { SessionRuns } from './session-runs.ts';

it('C-1: what a command was given as a secret is not written into the record of its session', async () => {
  const written: (readonly string[])[] = [];
  const redactor = new Redactor();
  const runs = new SessionRuns({
    sessions: {
      runStarted: (_id, _process, command = []) => {
        written.push(command);
        return true;
      },
      runEnded: () => {},
    },
    store: { get: () => null },
    preparation: { of: () => Promise.reject(new Error('nothing is prepared here')) },
    endProcess: async () => {},
    redact: (text) => redactor.redact(text),
  });
  const process = { pid: 2, startTime: 'then' };
  await runs.started('one', process, [
    'curl',
    '-H',
    'Authorization: Bearer canary-7f3a9c1e5b',
    'https://a.test',
  ]);
  await runs.started('one', process, ['agent', '', 'two words']);
  expect(written.join('\n')).not.toContain('canary');
  expect(written[0]?.[0]).toContain('curl -H');
  expect(written[1]).toEqual(['agent', '', 'two words']);
});
