import { expect, it } from 'vitest';
import { RecordedEvents } from '../journal/recorded-events.fixture.ts';
import { recordedRuns } from './recorded-runs.ts';
import type { RunningProgram } from './running.ts';

it('R-10: what the command starts is recorded by its name, without arguments, and that it ended, once', () => {
  const audit = new RecordedEvents();
  const told: string[] = [];
  const list = recordedRuns(
    { started: ({ id }) => told.push(`started ${id}`), ended: (id) => told.push(`ended ${id}`) },
    audit,
  );
  const program: RunningProgram = {
    id: 'r1',
    pid: 1,
    startTime: 'then',
    bundleId: 'b1',
    command: '/usr/bin/curl -H Authorization:canary-0123456789',
    since: 0,
    origin: 'command',
  };
  list.started(program);
  list.ended('r1');
  list.ended('r1');
  list.ended('unknown');
  const run = { bundleId: 'b1', detail: { where: 'command', program: 'curl' } };
  expect(audit.events).toEqual([
    { kind: 'launch.started', ...run },
    { kind: 'launch.ended', ...run },
  ]);
  expect(told).toEqual(['started r1', 'ended r1', 'ended r1', 'ended unknown']);
});
