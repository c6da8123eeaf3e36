import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readIdentity } from './proof.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-proof-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const read = () =>
  readIdentity({ from: { kind: 'file', path: 'who.json' }, email: 'email' }, undefined, directory);

it('S-6: reads who it is from the credential file', async () => {
  writeFileSync(join(directory, 'who.json'), '{"email":"ada@example.test"}');
  expect(await read()).toEqual({ email: 'ada@example.test' });
});

it.skipIf(process.platform === 'win32')(
  'a named pipe or a device in its place is nobody, at once',
  async () => {
    execFileSync('mkfifo', [join(directory, 'who.json')]);
    expect(await read()).toEqual({});
    rmSync(join(directory, 'who.json'));
    symlinkSync('/dev/zero', join(directory, 'who.json'));
    expect(await read()).toEqual({});
  },
);

it('a file too large to be a credential file is nobody', async () => {
  writeFileSync(join(directory, 'who.json'), `{"email":"ada@example.test","x":"${'y'.repeat(1024 * 1024)}"}`);
  expect(await read()).toEqual({});
});
