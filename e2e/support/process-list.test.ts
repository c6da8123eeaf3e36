import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { processesMarkedWith, processTreeOf } from './process-list.ts';

it('finds a process by its environment and its tree, and not after it ended', async () => {
  const marker = `lanyard-marker-${process.pid}-${process.hrtime.bigint()}`;
  const child = spawn('sh', ['-c', 'sleep 60 & echo ready; wait'], {
    env: { ...process.env, MARKER: marker },
    detached: true,
  });
  const pid = child.pid ?? 0;
  try {
    await once(child.stdout, 'data');
    expect(processesMarkedWith(marker)).toHaveLength(2);
    expect(processTreeOf(pid)).toHaveLength(2);
    expect(processesMarkedWith(marker, [pid])).toHaveLength(1);
  } finally {
    process.kill(-pid, 'SIGKILL');
    await once(child, 'close');
  }
  expect(processesMarkedWith(marker)).toEqual([]);
});
