import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ToolId } from '../../../src-preload/contract/command.ts';
import { builtCommand, temporaryDirectory } from '../command.fixture.ts';
import { askCommand } from './ask-command.ts';
import { type HookAnswer, HookGuides } from './hook-guide.ts';
import { keepingHooks } from './hooks.fixture.ts';

const showTime = (time: number) => new Date(time).toISOString();

it('R-6: Test asks with the real command, and says what came of it without the secret', async () => {
  const { identities, work, addGithubToken, env, call } = await keepingHooks();
  const guides = new HookGuides({
    identities,
    ask: (args, input) => askCommand(builtCommand(), args, input, env),
    showTime,
  });
  expect((await guides.test(work.id, 'git')).says).toContain('Nothing is known of github.com');
  await addGithubToken('ghp_1');
  expect(await guides.test(work.id, 'git')).toEqual({
    works: true,
    says: 'git gets a token for github.com, as x-access-token.',
  });
  await call('docker', 'store', '{"ServerURL":"https://r.test","Username":"ada","Secret":"s"}');
  expect((await guides.test(work.id, 'docker')).says).toBe('docker is answered: 1 registry is kept.');
  // These hooks are not in this house: what the command says stands there.
  const missing = await guides.test(work.id, 'gcp');
  expect(missing).toMatchObject({ works: false, says: expect.stringContaining('There is no') });
  await expect(guides.test('nobody', 'git')).rejects.toMatchObject({ failure: { code: 'unknown_bundle' } });
});

it.each<[ToolId, string, boolean, RegExp]>([
  ['aws', '{"Version":1,"SecretAccessKey":"s3cr3t","Expiration":"2030-01-01T00:00:00Z"}', true, /until 2030/],
  ['kubernetes', '{"status":{"token":"s3cr3t","expirationTimestamp":"2030-01-01T00:00:00Z"}}', true, /2030/],
  ['gcp', '{"success":true,"id_token":"s3cr3t","expiration_time":1893456000}', true, /until 2030/],
  ['gcp', '{"success":false,"code":"x","message":"No account."}', false, /^No account\.$/],
  ['aws', 's3cr3t', false, /not what the tool expects/],
])('R-6: Test puts the answer of %s into words: %s', async (tool, out, works, says) => {
  const { identities, work } = await keepingHooks();
  const ask = async (): Promise<HookAnswer> => ({ code: 0, out, err: '' });
  const said = await new HookGuides({ identities, ask, showTime }).test(work.id, tool);
  expect(said).toEqual({ works, says: expect.stringMatching(says) });
  expect(said.says).not.toContain('s3cr3t');
});

it('R-6: the lines name the identity so that each tool reads it, whatever it is called', async () => {
  const { identities, work, other } = await keepingHooks();
  const guides = new HookGuides({ identities, ask: null, showTime });
  const odd = identities.createBundle(`Ada's "$HOME"`);
  expect(guides.lines(work.id, 'aws')).toBe(
    '[profile lanyard]\ncredential_process = lanyard credential aws --as Work',
  );
  expect(guides.lines(other.id, 'git')).toContain(`'lanyard --as "Client A"'`);
  expect(guides.lines(odd.id, 'git')).toContain(odd.id);
  expect(() => JSON.parse(`{${guides.lines(other.id, 'gcp')}}`)).not.toThrow();
  // As a shell takes it.
  const home = temporaryDirectory();
  const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_GLOBAL: join(home, 'gitconfig') };
  execFileSync('sh', ['-c', guides.lines(other.id, 'git')], { env });
  expect(execFileSync('git', ['config', '--global', 'credential.helper'], { env }).toString()).toBe(
    'lanyard --as "Client A"\n',
  );
  expect((await guides.test(work.id, 'git')).works).toBe(false);
});
