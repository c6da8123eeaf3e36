import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { copilot } from '../../providers/copilot.ts';
import { github } from '../../providers/github.ts';
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

it('S-6: a login name where the provider has no email, as copilot 1.0.102 writes it', async () => {
  const config = `// User settings belong in settings.json.
{
  "lastLoggedInUser": { "host": "https://github.com", "login": "ada" },
  "loggedInUsers": [{ "host": "https://github.com", "login": "ada" }]
}`;
  writeFileSync(join(directory, 'config.json'), config);
  expect(await readIdentity(copilot.identity, undefined, directory)).toMatchObject({
    login: 'ada',
    issuer: 'https://github.com',
  });
});

it('S-6: what gh says of an account without a public email', async () => {
  const status = { login: 'ada', id: 1, email: null, name: 'Ada' };
  expect(await readIdentity(github.identity, status, directory)).toEqual({ login: 'ada', accountId: 'ada' });
});

it('puts characters that could make a name look like another one where they can be seen', async () => {
  const identity = { from: { kind: 'status-json' }, login: 'login', organisation: 'org' } as const;
  const said = { login: ' a\u202ed\u2066a\n\x1b[31m ', org: '\u200f\u0007' };
  expect(await readIdentity(identity, said, directory)).toEqual({
    login: 'a\ufffdd\ufffda\ufffd\ufffd[31m',
  });
});
