import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Secret } from '../../vault/secret.ts';
import { finished, temporaryDirectory } from '../command.fixture.ts';
import { keepingHooks } from './hooks.fixture.ts';

const github = 'protocol=https\nhost=github.com\n\n';

/** A repository behind a password, served as plain files ("dumb" HTTP), and what came in `authorization`. */
async function guardedRepository() {
  const root = temporaryDirectory();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root, GIT_CONFIG_NOSYSTEM: '1' },
      stdio: 'pipe',
    });
  git('init', '-q', 'made');
  writeFileSync(join(root, 'made', 'file.txt'), 'behind a password\n');
  git('-C', 'made', 'add', '.');
  git('-C', 'made', 'commit', '-qm', 'One');
  git('clone', '-q', '--bare', 'made', 'guarded.git');
  git('-C', 'guarded.git', 'update-server-info');
  const guard = { password: 'correct horse' };
  const server = createServer((request, response) => {
    const wanted = `Basic ${Buffer.from(`ada:${guard.password}`).toString('base64')}`;
    if (request.headers.authorization !== wanted) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="guarded"' }).end();
      return;
    }
    const path = join(root, new URL(request.url ?? '/', 'http://x').pathname);
    if (!existsSync(path) || !statSync(path).isFile()) return void response.writeHead(404).end();
    createReadStream(path).pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}/guarded.git`, guard };
}

it('R-6: a damaged list of what was kept is said, and neither taken for an empty one nor written over', async () => {
  const { call, file, again } = await keepingHooks();
  await call('git', 'store', 'protocol=https\nhost=a.test\nusername=ada\npassword=one\n\n');
  const [row] = JSON.parse(file.text ?? '').kept;
  for (const damaged of ['{"version":1,"kept":[', '{"version":2,"kept":[]}']) {
    file.text = damaged;
    const kept = again();
    const damage = { failure: { code: 'kept_list_damaged' } };
    await expect(kept.find(row.bundleId, 'git', row)).rejects.toMatchObject(damage);
    await expect(kept.keep(row.bundleId, 'git', row, new Secret('two'))).rejects.toMatchObject(damage);
    await expect(kept.remove(row.id)).rejects.toMatchObject(damage);
    expect(() => kept.list(row.bundleId)).toThrow('cannot be read');
    await kept.sweep();
    expect(file.text).toBe(damaged);
  }
});

it('R-6: git clones from a server that asks for a password, which is typed once and forgotten once it is wrong', async () => {
  const { folder, env, kept, work, other, events } = await keepingHooks();
  const { host, url, guard } = await guardedRepository();
  const askpass = join(folder, 'askpass');
  writeFileSync(askpass, '#!/bin/sh\ncase "$1" in User*) echo ada;; *) echo "correct horse";; esac\n', {
    mode: 0o755,
  });
  const clone = (as: string, types: boolean) =>
    new Promise<{ text: string; failed: boolean }>((resolve) => {
      const into = join(temporaryDirectory(), 'clone');
      const asks = types ? { GIT_ASKPASS: askpass } : { GIT_ASKPASS: '' };
      execFile(
        'git',
        ['-c', 'credential.helper=', '-c', `credential.helper=lanyard --as "${as}"`, 'clone', url, into],
        { env: { ...env, ...asks, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' } },
        (error, _out, text) => resolve({ text, failed: error !== null }),
      );
    });
  expect((await clone('Work', true)).failed).toBe(false);
  expect(kept.list(work.id)).toMatchObject([{ tool: 'git', protocol: 'http', host, username: 'ada' }]);
  expect(await clone('Work', false)).toMatchObject({ failed: false });
  // Another identity has nothing of it.
  expect(kept.list(other.id)).toEqual([]);
  expect(await clone('Client A', false)).toMatchObject({ failed: true });
  guard.password = 'changed';
  expect(await clone('Work', false)).toMatchObject({
    failed: true,
    text: expect.stringContaining('Authentication failed'),
  });
  expect(kept.list(work.id)).toEqual([]);
  const hook = { hook: 'git', host };
  expect(events.events).toEqual([
    { kind: 'credential.kept', bundleId: work.id, detail: hook },
    { kind: 'credential.issued', bundleId: work.id, detail: hook },
    { kind: 'credential.issued', bundleId: work.id, detail: hook },
    { kind: 'credential.deleted', bundleId: work.id, detail: { ...hook, count: 1 } },
  ]);
  expect(JSON.stringify(events.events)).not.toContain('horse');
}, 30_000);

it('R-6: git itself gets the identity’s GitHub token for github.com', async () => {
  const { env, addGithubToken, call, events, work } = await keepingHooks();
  await addGithubToken(`ghp_${'a'.repeat(36)}`);
  const child = spawn(
    'git',
    ['-c', 'credential.helper=', '-c', 'credential.helper=lanyard', 'credential', 'fill'],
    {
      env: { ...env, LANYARD_AS: 'Work', GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_NOSYSTEM: '1' },
    },
  );
  child.stdin.end(github);
  const filled = (await finished(child)).out.toString();
  expect(filled).toContain(`username=x-access-token\npassword=ghp_${'a'.repeat(36)}\n`);
  expect(events.events).toMatchObject([
    { kind: 'credential.issued', bundleId: work.id, detail: { hook: 'git', host: 'github.com' } },
  ]);
  for (const elsewhere of [
    github.replace('https', 'http'),
    github.replace('github.com', 'github.com.evil.example'),
    github.replace('github.com', 'example.com'),
    github.replace('github.com', 'github.com:8443'),
  ])
    expect(await call('git', 'get', elsewhere)).toEqual({ code: 0, out: '', err: '' });
  expect(await call('git', 'get', github, 'Client A')).toEqual({ code: 0, out: '', err: '' });
});

it('R-6: what git learned from us is not kept a second time, and a refused token of an account stays', async () => {
  const { addGithubToken, call, kept, work, vault } = await keepingHooks();
  await addGithubToken('ghp_1');
  const told = 'protocol=https\nhost=github.com\nusername=x-access-token\npassword=ghp_1\n';
  expect(await call('git', 'store', told)).toEqual({ code: 0, out: '', err: '' });
  expect(kept.list(work.id)).toEqual([]);
  expect(await call('git', 'erase', told)).toEqual({ code: 0, out: '', err: '' });
  expect(vault.values.get('github/1')).toBe('ghp_1');
});

it('R-6: erase takes away what fits, and not what has another password or is of another identity', async () => {
  const { call, kept, work, other, vault, file } = await keepingHooks();
  const place = 'protocol=https\nhost=git.example.test\n';
  const at = (username: string, password: string) => `${place}username=${username}\npassword=${password}\n`;
  await call('git', 'store', at('ada', 'one'));
  await call('git', 'store', at('ada', 'two'));
  await call('git', 'store', at('bob', 'three'));
  await call('git', 'store', at('ada', 'four'), 'Client A');
  expect(kept.list(work.id).map(({ username }) => username)).toEqual(['bob', 'ada']);
  expect(file.text).not.toMatch(/one|two|three|four/);
  expect((await call('git', 'get', `${place}username=ada\n`)).out).toBe('username=ada\npassword=two\n');
  expect((await call('git', 'get', place)).out).toBe('username=bob\npassword=three\n');
  await call('git', 'erase', at('ada', 'one'));
  expect((await call('git', 'get', `${place}username=ada\n`)).out).toContain('two');
  await call('git', 'erase', at('ada', 'two'));
  expect((await call('git', 'get', `${place}username=ada\n`)).out).toBe('');
  expect(kept.list(other.id)).toHaveLength(1);
  expect([...vault.values.values()].toSorted()).toEqual(['four', 'three']);
});

it('R-6: the conversation as git has it: unknown words and names are left alone, what is none is refused', async () => {
  const { call } = await keepingHooks();
  const extra = 'capability[]=authtype\nprotocol=https\nhost=a.test\nwwwauth[]=Basic realm="x"\n\nlater=1\n';
  expect(await call('git', 'get', extra)).toEqual({ code: 0, out: '', err: '' });
  expect(await call('git', 'capability', '')).toEqual({ code: 0, out: '', err: '' });
  expect(await call('git', 'get', 'protocol=https\nhost=a.test\rhost=b.test\n')).toMatchObject({ code: 1 });
  expect(await call('git', 'get', 'no line of it\n')).toMatchObject({ code: 1, out: '' });
  const stored = 'protocol=https\nhost=a.test\nusername=u\npassword=p\n';
  expect(await call('git', 'store', stored, 'No credentials')).toMatchObject({ code: 1, out: '' });
  expect(await call('git', 'get', 'protocol=https\nhost=a.test\n', 'Nobody')).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('There is no identity "Nobody"'),
  });
});

it('R-6: a closed vault is said, and nothing is taken for missing', async () => {
  const { call, vault, kept, work } = await keepingHooks();
  const told = 'protocol=https\nhost=a.test\nusername=u\npassword=p\n';
  vault.fault = 'locked';
  expect(await call('git', 'store', told)).toMatchObject({ code: 1, out: '' });
  expect(kept.list(work.id)).toEqual([]);
  vault.fault = null;
  await call('git', 'store', told);
  vault.fault = 'locked';
  expect(await call('git', 'get', told)).toMatchObject({ code: 1, out: '' });
  expect(await call('git', 'erase', told)).toMatchObject({ code: 1, out: '' });
  expect(kept.list(work.id)).toHaveLength(1);
});

it('R-6: what was kept goes with its identity, also when the vault is closed at that moment', async () => {
  const { call, vault, kept, again, work, other, identities } = await keepingHooks();
  const told = 'protocol=https\nhost=a.test\nusername=u\npassword=p\n';
  await call('git', 'store', told);
  await call('git', 'store', told.replace('password=p', 'password=q'), 'Client A');
  expect(kept.entries().used).toHaveLength(2);
  await identities.deleteBundle(work.id);
  vault.fault = 'locked';
  await kept.sweep();
  expect(kept.entries().loose).toHaveLength(1);
  vault.fault = null;
  const restarted = again();
  await restarted.sweep();
  expect([...vault.values.values()]).toEqual(['q']);
  expect(restarted.list(other.id)).toHaveLength(1);
  expect(restarted.entries()).toMatchObject({ loose: [] });
});

it('R-6: what is kept anew while it is deleted is still listed, whichever comes first', async () => {
  const { work, kept, vault } = await keepingHooks();
  const place = { protocol: 'https', host: 'a.test', username: 'ada' };
  await kept.keep(work.id, 'git', place, new Secret('old'));
  await Promise.all([kept.erase(work.id, 'git', place), kept.keep(work.id, 'git', place, new Secret('new'))]);
  expect((await kept.find(work.id, 'git', place))?.secret.reveal()).toBe('new');
  await Promise.all([
    kept.keep(work.id, 'git', place, new Secret('newer')),
    kept.erase(work.id, 'git', place),
  ]);
  expect(kept.list(work.id)).toEqual([]);
  expect([...vault.values.values()]).toEqual([]);
});
