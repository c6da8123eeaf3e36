import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { MemoryVault } from '../../src-main/identities/identities.fixture.ts';
import type { Account } from '../../src-main/identities/model.ts';
import { accountSecrets } from '../../src-main/launch/account-secrets.ts';
import { bundleEnvironment } from '../../src-main/launch/bundle-environment.ts';
import { KeyHomes } from '../../src-main/launch/key-homes.ts';
import { claude } from '../../src-main/providers/claude.ts';
import { codex } from '../../src-main/providers/codex.ts';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';
import { gemini } from '../../src-main/providers/gemini.ts';
import { Secret } from '../../src-main/vault/secret.ts';
import { type CliProcess, runInPty, runOnPipes } from './cli-process.ts';
import { createLocalCa } from './local-ca.ts';
import type { HostHandler } from './local-host.ts';
import { startLocalNet } from './local-net.ts';
import { unsignedJwt } from './oauth-parts.ts';
import { createTestPlace, projectRoot } from './test-place.ts';

const key = 'sk-the-key-of-the-identity-0123456789';
const refuses: HostHandler = ({ json }) => json(401, { error: { message: 'not today' } });

let bin: string;
beforeAll(async () => {
  bin = (await ensureClis()).binDirectory;
}, 600_000);

/** A person who is signed in on the machine, and a terminal of an identity that has an API key. */
async function open(provider: ProviderDefinition, hosts: string[], ownLogin: Record<string, string>) {
  const place = await createTestPlace();
  const handlers = Object.fromEntries(hosts.map((host) => [host, refuses]));
  const net = await startLocalNet(await createLocalCa(place.root), handlers);
  const clis: CliProcess[] = [];
  onTestFinished(async () => {
    for (const cli of clis) {
      cli.kill();
      await cli.exited;
    }
    await net.close();
    await place.remove();
  });
  for (const [path, text] of Object.entries(ownLogin)) {
    await mkdir(join(place.home, path, '..'), { recursive: true });
    await writeFile(join(place.home, path), text);
  }
  const vault = new MemoryVault();
  const entry = { service: 'Lanyard', account: 'key' };
  await vault.set(entry, new Secret(key));
  const account: Account = {
    id: 'account',
    name: 'key',
    provider: provider.id,
    kind: 'api-key',
    displayName: 'key',
    secretRef: { kind: 'keychain', ...entry },
    context: {},
    status: 'valid',
    createdAt: 0,
    updatedAt: 0,
  };
  const keyHome = await new KeyHomes(join(place.data, 'key-homes')).of(account.id, provider);
  const accounts = [{ account, provider, keyHome }];
  const { env } = bundleEnvironment({
    accounts,
    bundleName: 'Work',
    parent: { HOME: place.home, ...net.environment },
    searchPath: [bin, join(projectRoot, 'node_modules', '.bin'), '/usr/bin', '/bin'].join(':'),
    platform: process.platform,
  });
  for (const [name, secret] of Object.entries(await accountSecrets(accounts, vault)))
    env[name] = secret.reveal();
  const cwd = join(place.root, 'work');
  await mkdir(cwd);
  const run = (start: typeof runOnPipes, words: string) => {
    // Without input, so that codex does not wait for some.
    const redirect = start === runOnPipes ? ' </dev/null' : '';
    const cli = start({ file: '/bin/sh', args: ['-c', `exec ${words}${redirect}`], env, cwd });
    clis.push(cli);
    return cli;
  };
  const expectUntouched = async () => {
    for (const [path, text] of Object.entries(ownLogin))
      expect(await readFile(join(place.home, path), 'utf8')).toBe(text);
  };
  return { net, run, expectUntouched };
}

describe.skipIf(process.platform === 'win32')(
  'R-2: a key is used though the machine has a login of its own',
  () => {
    it('codex', async () => {
      const token = unsignedJwt({
        email: 'own@example.test',
        exp: 4e9,
        'https://api.openai.com/auth': { chatgpt_account_id: 'own', chatgpt_plan_type: 'plus' },
      });
      const tokens = { id_token: token, access_token: token, refresh_token: 'own', account_id: 'own' };
      const own = { auth_mode: 'chatgpt', tokens, last_refresh: new Date().toISOString() };
      const { net, run, expectUntouched } = await open(
        codex,
        ['api.openai.com', 'chatgpt.com', 'auth.openai.com'],
        {
          '.codex/auth.json': JSON.stringify(own),
        },
      );
      const codexCli = run(runOnPipes, 'codex exec --skip-git-repo-check Hello');
      await codexCli.waitFor(/401 Unauthorized/);
      const sent = new Set(net.seen.flatMap(({ headers }) => headers.authorization ?? []));
      expect([...sent]).toEqual([`Bearer ${key}`]);
      // With a terminal it would ask for a sign-in where it knows no key.
      const asking = run(runInPty, 'codex');
      await asking.waitFor(/Trust and continue|Ask Codex to do anything/);
      expect(asking.text()).not.toContain('Sign in with ChatGPT');
      await expectUntouched();
    });

    it('claude', async () => {
      const own = { accessToken: 'own', refreshToken: 'own', expiresAt: 4e12, scopes: ['user:inference'] };
      const { net, run, expectUntouched } = await open(claude, ['api.anthropic.com', 'platform.claude.com'], {
        '.claude/.credentials.json': JSON.stringify({ claudeAiOauth: own }),
      });
      run(runOnPipes, 'claude -p Hello');
      const messages = () => net.seen.filter(({ path }) => path === '/v1/messages');
      await expect.poll(() => messages().length, { timeout: 15_000 }).toBeGreaterThan(0);
      const asked = messages();
      expect(new Set(asked.map(({ headers }) => headers['x-api-key']))).toEqual(new Set([key]));
      expect(net.seen.filter(({ headers }) => headers.authorization?.includes('own'))).toEqual([]);
      await expectUntouched();
    });

    it('gemini', async () => {
      const { net, run, expectUntouched } = await open(
        gemini,
        ['generativelanguage.googleapis.com', 'oauth2.googleapis.com', 'cloudcode-pa.googleapis.com'],
        {
          '.gemini/settings.json': JSON.stringify({ security: { auth: { selectedType: 'oauth-personal' } } }),
          '.gemini/oauth_creds.json': JSON.stringify({
            access_token: 'own',
            refresh_token: 'own',
            expiry_date: 4e12,
          }),
        },
      );
      const geminiCli = run(runOnPipes, 'gemini --skip-trust -p Hello');
      await geminiCli.exited;
      const asked = net.seen.filter(
        ({ host }) => host.endsWith('googleapis.com') && host !== 'play.googleapis.com',
      );
      expect(asked.length).toBeGreaterThan(0);
      expect(asked.map(({ headers }) => headers['x-goog-api-key'])).toEqual(asked.map(() => key));
      await expectUntouched();
    });
  },
);
