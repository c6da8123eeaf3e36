import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../clock.ts';
import { AuditTrail } from './audit-trail.ts';
import { fileVault } from './file-vault.fixture.ts';
import { searchTrail } from './trail-search.ts';

const child = join(import.meta.dirname, 'audit-trail.child.ts');

function place() {
  const root = mkdtempSync(join(tmpdir(), 'lanyard-trail-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const directory = join(root, 'audit');
  const trail = () =>
    new AuditTrail({
      directory,
      vault: fileVault(join(root, 'vault')),
      clock: systemClock,
      lock: {
        self: async () => ({ pid: process.pid, startTime: '' }),
        isRunning: async () => false,
        newId: () => 'x',
      },
      redact: (text) => text,
      knownOf: () => ({}),
      onChanged: () => {},
      log: { error: () => {} },
    });
  return { directory, trail };
}

/** @returns how many entries it said it had written */
function run(directory: string, ...more: string[]): Promise<{ written: number; stderr: string }> {
  const process_ = spawn(process.execPath, [child, directory, ...more]);
  let [stdout, stderr] = ['', ''];
  process_.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) =>
    process_.on('close', () => resolve({ written: stdout.split('\n').length - 1, stderr })),
  );
}

it('R-10: processes that write at the same time make one whole chain', async () => {
  const { directory, trail } = place();
  const runs = await Promise.all(['a', 'b', 'c'].map((name) => run(directory, name, '40')));
  expect(runs).toEqual(Array.from({ length: 3 }, () => ({ written: 40, stderr: '' })));
  const check = await trail().verify();
  expect(check).toMatchObject({ verdict: 'whole', entries: 120 });
  expect(check.files).toBeGreaterThan(3);
});

it('R-10: processes that are killed while they write lose nothing that they said was written, nor harm the chain', async () => {
  const { directory, trail } = place();
  let written = 0;
  for (const dieAfter of [2, 3, 4, 6]) {
    const killed = await run(directory, `k${dieAfter}`, '20', String(dieAfter));
    expect(killed).toEqual({ written: dieAfter + 1, stderr: '' });
    written += killed.written;
  }
  written += (await run(directory, 'last', '3')).written;
  const reader = trail();
  const check = await reader.verify();
  expect(check.verdict).toBe('whole');
  const page = await searchTrail(reader.files, { subject: 'launch' }, null, 200);
  expect(page.entries.length).toBeGreaterThanOrEqual(written);
}, 90_000);
