import { expect, it } from 'vitest';
import type { Problem } from '../../src-preload/contract/values.ts';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import { CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { listCommand, statusCommand } from './status.ts';

async function scene() {
  const { identities } = identitiesIn(temporaryDirectory(), new MemoryStoreFile());
  const problems: Problem[] = [];
  const parts = {
    identities,
    directories: new DirectoryScopes({ read: () => null, write: () => {} }),
    notes: { isOnThisMachine: () => true, noteOf: () => ({}) },
    providerName: (id: string) => (id === 'acme' ? 'Acme' : id),
    providerProblems: () => problems,
    vault: {
      state: async () => ({
        backend: 'keychain' as const,
        status: 'ready' as const,
        fault: null,
        sealedFile: 'absent' as const,
        entries: 0,
      }),
    },
    version: '1.0.0',
    host: 'serve' as const,
    data: '/data',
    signIns: () => 0,
  };
  const commands = await CommandScene.open([statusCommand(parts), listCommand(parts)]);
  const call = async (...args: string[]) => {
    const { code, out, err } = await commands.call(args);
    return { code, out: out.toString(), err };
  };
  return { identities, problems, call };
}

it('I-13: a provider file that is wrong is named, with its line and the reason', async () => {
  const { problems, call } = await scene();
  expect((await call('status')).out).not.toContain('Provider file');
  expect(JSON.parse((await call('status', '--json')).out)).toMatchObject({ providerProblems: [] });
  problems.push({ source: '/data/providers/a.json', line: 3, reason: 'This is no JSON' });
  problems.push({ source: '/data/providers/b.json', reason: 'This file is not UTF-8 text.' });
  expect((await call('status')).out).toContain(
    'Provider file: /data/providers/a.json:3: This is no JSON\nProvider file: /data/providers/b.json: This file is not UTF-8 text.\n',
  );
  expect(JSON.parse((await call('status', '--json')).out)).toMatchObject({
    providerProblems: [
      { file: '/data/providers/a.json', line: 3, reason: 'This is no JSON' },
      { file: '/data/providers/b.json', reason: 'This file is not UTF-8 text.' },
    ],
  });
});

it("R-2: the machine's own logins are nobody's default, in list as in status", async () => {
  const { identities, call } = await scene();
  expect((await call('list')).out).toBe("No credentials\n  the machine's own logins\n");
  expect((await call('status')).out).toMatch(/^There is no identity yet\.\n/);
  identities.createBundle('Work');
  expect((await call('list')).out).toMatch(/^Work \(default\)\n[^(]*\nNo credentials\n/);
  identities.setDefaultBundle('blank');
  expect((await call('list')).out).not.toContain('(default)');
  expect((await call('status')).out).toMatch(/^It is not said which identity this is for\.\n/);
});

it('a key that nobody asked the provider about is said not to be checked', async () => {
  const { identities, call } = await scene();
  const { id } = identities.createBundle('Work');
  const secret = { service: 'Lanyard', account: 'acme/1' };
  const key = { providerId: 'acme', displayName: 'Acme key', bundleId: id, secret } as const;
  await identities.saveApiKey({ ...key, status: 'unknown' });
  expect((await call('status', '--as', 'Work')).out).toContain('  Acme: Acme key (not checked)\n');
});
