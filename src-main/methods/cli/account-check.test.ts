import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Account } from '../../identities/model.ts';
import { ManualClock } from '../../manual-clock.fixture.ts';
import { killTree } from '../../process/kill-tree.ts';
import { PipedCommandRunner } from '../../process/run-command.ts';
import { spawnPiped } from '../../process/spawn-piped.ts';
import { aws } from '../../providers/aws.ts';
import { azure } from '../../providers/azure.ts';
import { claude } from '../../providers/claude.ts';
import { codex } from '../../providers/codex.ts';
import { copilot } from '../../providers/copilot.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { gcloud } from '../../providers/gcloud.ts';
import { gemini } from '../../providers/gemini.ts';
import { github } from '../../providers/github.ts';
import { kimi } from '../../providers/kimi.ts';
import { openclaw } from '../../providers/openclaw.ts';
import { opencode } from '../../providers/opencode.ts';
import { pi } from '../../providers/pi.ts';
import { qwen } from '../../providers/qwen.ts';
import { CliAccountCheck } from './account-check.ts';

const minute = 60_000;
const hour = 60 * minute;
const now = Date.parse('2026-11-21T12:00:00Z');

let root: string;
let directory: string;
let ran: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-check-'));
  directory = join(root, 'account');
  ran = join(root, 'ran');
  mkdirSync(directory);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

interface Scene {
  platform?: NodeJS.Platform;
  parent?: NodeJS.ProcessEnv;
  account?: Partial<Account>;
  signal?: AbortSignal;
}

/** @param script what the program does, in sh; null: it is not there */
async function look(provider: ProviderDefinition, script: string | null, scene: Scene = {}) {
  const program = join(root, 'program');
  if (script !== null) {
    writeFileSync(program, `#!/bin/sh\necho "$@" >> '${ran}'\n${script}\n`);
    chmodSync(program, 0o755);
  }
  const clock = new ManualClock(now);
  const check = new CliAccountCheck({
    programs: {
      locate: async () => (script === null ? null : program),
      searchPath: async () => '/usr/bin:/bin',
    },
    parentEnvironment: { PATH: '/usr/bin:/bin', HOME: join(root, 'home'), ...scene.parent },
    homeDirectory: join(root, 'home'),
    platform: scene.platform ?? 'linux',
    clock,
    runtimeDirectory: join(root, 'run'),
    commands: new PipedCommandRunner(spawnPiped, (pid) => killTree(pid), clock),
  });
  try {
    return await check.look(
      provider,
      {
        id: 'a1',
        name: 'acme-oauth',
        provider: provider.id,
        kind: 'oauth',
        displayName: 'Ada',
        secretRef: { kind: 'oauth-config-dir', dir: directory },
        context: {},
        status: 'valid',
        createdAt: now - hour,
        updatedAt: now - hour,
        ...scene.account,
      },
      scene.signal,
    );
  } finally {
    await check.stop();
    expect(existsSync(join(root, 'run', 'checks'))).toBe(false);
  }
}

function put(path: string, content: unknown): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), typeof content === 'string' ? content : JSON.stringify(content));
}

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
const saysYes = `echo '{"loggedIn":true,"email":"ada@acme.test","plan":"pro"}'`;
const seconds = (time: number) => Math.floor(time / 1000);

describe('I-12: a status command', () => {
  const acme = sampleDefinition();

  it('runs with the account’s environment, without what would override its login', async () => {
    const script = `printf '%s\\n' "$ACME_HOME|$ACME_TOKEN|$(pwd)" > '${root}/env'; ${saysYes}`;
    expect(await look(acme, script, { parent: { ACME_TOKEN: 'machine', ACME_HOME: '/elsewhere' } })).toEqual({
      status: 'valid',
      identity: { email: 'ada@acme.test', plan: 'pro' },
    });
    expect(readFileSync(join(root, 'env'), 'utf8')).toBe(`${directory}||${directory}\n`);
    expect(readFileSync(ran, 'utf8')).toBe('auth status\n');
  });

  it('is asked of the place that the account was signed in to, and of the usual one without', async () => {
    await look(github, `echo '{"login":"ada"}'`, { account: { parameters: { host: 'ghe.acme.example' } } });
    await look(github, `echo '{"login":"ada"}'`);
    expect(readFileSync(ran, 'utf8')).toBe(
      'api user --hostname=ghe.acme.example\napi user --hostname=github.com\n',
    );
  });

  it.each([
    ['a JSON that says no', `echo '{"loggedIn":false}'; exit 1`],
    ['words that say no', 'echo "You are not logged in." >&2; exit 1'],
    ['an answer without the field', `echo '{}'`],
  ])('is a sign-in that is needed by %s', async (_, script) => {
    expect(await look(acme, script)).toMatchObject({ status: 'needs-sign-in' });
  });

  it.each([
    ['no network', 'echo "could not connect to api.acme.test" >&2; exit 1'],
    ['a crash', 'kill -9 $$'],
    ['an error as JSON', `echo '{"error":"ENOTFOUND"}'; exit 1`],
    ['nothing', 'exit 1'],
  ])('says nothing by %s: unknown, and no word of signing in again', async (_, script) => {
    const finding = await look(acme, script);
    expect(finding.status).toBe('unknown');
    expect(finding.detail).not.toMatch(/sign in again/i);
  });

  it('whose program is gone or cannot be started is unknown, and says why', async () => {
    expect(await look(acme, null)).toEqual({
      status: 'unknown',
      detail: 'Acme is not installed, or not where Lanyard looks.',
    });
    rmSync(directory, { recursive: true });
    expect(await look(acme, saysYes)).toMatchObject({ status: 'unknown' });
  });

  it('that hangs is ended when the look is given up', async () => {
    const stop = new AbortController();
    execFileSync('mkfifo', [join(root, 'started')]);
    const looked = look(acme, `echo > '${root}/started'; sleep 60`, { signal: stop.signal });
    await readFile(join(root, 'started'));
    stop.abort();
    expect(await looked).toMatchObject({ status: 'unknown' });
  });

  it('opens no browser', async () => {
    const finding = await look(
      acme,
      `xdg-open https://acme.test/ && "$BROWSER" https://acme.test/ && ${saysYes}`,
    );
    expect(finding.status).toBe('valid');
  });

  it.each(['linux', 'darwin'] as const)(
    'is not run on %s where it would open the keychain',
    async (platform) => {
      const kept = {
        kept: 'keychain',
        where: 'the keychain',
        keyedBy: 'path',
        sharedWith: 'nobody',
        known: 'tried',
      } as const;
      const inKeychain = sampleDefinition({ isolation: { linux: kept, macos: kept, windows: kept } });
      expect(await look(inKeychain, saysYes, { platform })).toMatchObject({ status: 'unknown' });
      expect(existsSync(ran)).toBe(false);
    },
  );

  it.each([
    ['expired', -hour, 'expired-refreshable'],
    ['ends within minutes', 4 * minute, 'valid'],
  ])('is not run with a login that %s: it might renew it', async (_, left, status) => {
    put('auth.json', {
      tokens: {
        access_token: jwt({ exp: seconds(now + left) }),
        refresh_token: 'r',
        id_token: jwt({ email: 'ada@x.test' }),
      },
    });
    expect(await look(codex, 'exit 3')).toMatchObject({
      status,
      identity: { email: 'ada@x.test' },
    });
    expect(existsSync(ran)).toBe(false);
  });
});

describe('I-12: what each provider says', () => {
  const signedOut = { status: 'needs-sign-in' };
  const later = now + 8 * hour;
  const earlier = now - hour;

  it('codex: its status, and the expiry in its tokens', async () => {
    expect(await look(codex, 'echo "Not logged in" >&2; exit 1')).toMatchObject(signedOut);
    const claims = { chatgpt_user_id: 'u1', chatgpt_account_id: 'o1', chatgpt_plan_type: 'plus' };
    put('auth.json', {
      tokens: {
        id_token: jwt({ email: 'ada@x.test', 'https://api.openai.com/auth': claims }),
        access_token: jwt({ exp: seconds(later) }),
        refresh_token: 'r',
      },
    });
    expect(await look(codex, 'echo "Logged in using ChatGPT" >&2')).toEqual({
      status: 'valid',
      changesAt: later,
      identity: { email: 'ada@x.test', accountId: 'u1', organisationId: 'o1', plan: 'plus' },
    });
  });

  it('claude: only its files, whatever its status says of an expired token', async () => {
    const oauthAccount = {
      emailAddress: 'ada@x.test',
      accountUuid: 'a-1',
      organizationUuid: 'o-1',
      organizationName: 'Org',
    };
    const identity = { email: 'ada@x.test', accountId: 'a-1', organisationId: 'o-1', organisation: 'Org' };
    const token = (expiresAt: number, refreshToken: string) => ({
      claudeAiOauth: { accessToken: 'a', refreshToken, expiresAt },
    });
    put('.claude.json', { oauthAccount });
    expect(await look(claude, saysYes)).toMatchObject(signedOut);
    put('.credentials.json', token(later, 'r'));
    expect(await look(claude, saysYes)).toEqual({ status: 'valid', changesAt: later, identity });
    put('.credentials.json', token(earlier, 'r'));
    expect(await look(claude, saysYes)).toEqual({ status: 'expired-refreshable', identity });
    put('.credentials.json', token(earlier, ''));
    expect(await look(claude, saysYes)).toMatchObject({ status: 'needs-sign-in', expiresAt: earlier });
    put('.credentials.json', token(now + 5 * minute, ''));
    expect(await look(claude, saysYes)).toMatchObject({ status: 'expiring', expiresAt: now + 5 * minute });
    rmSync(join(directory, '.credentials.json'));
    put('.claude.json', { primaryApiKey: 'k', oauthAccount });
    expect(await look(claude, saysYes)).toEqual({ status: 'valid', identity });
    expect(existsSync(ran)).toBe(false);
  });

  it('claude on macOS: its expiry is in the keychain, so it is unknown', async () => {
    put('.claude.json', { oauthAccount: { emailAddress: 'ada@x.test' } });
    expect(await look(claude, saysYes, { platform: 'darwin' })).toMatchObject({ status: 'unknown' });
    expect(existsSync(ran)).toBe(false);
  });

  it('gemini, kimi, opencode, pi: the file, its expiry and its refresh token', async () => {
    put('.gemini/oauth_creds.json', { access_token: 'a', refresh_token: 'r', expiry_date: earlier });
    expect(await look(gemini, null)).toMatchObject({ status: 'expired-refreshable' });
    put('credentials/kimi-code.json', { access_token: 'a', refresh_token: 'r', expires_at: seconds(later) });
    expect(await look(kimi, null)).toMatchObject({ status: 'valid', changesAt: later });
    put('opencode/auth.json', { 'github-copilot': { type: 'oauth', refresh: 'g', access: 'g', expires: 0 } });
    expect(await look(opencode, null)).toEqual({ status: 'valid', identity: {} });
    put('opencode/auth.json', { openai: { access: 'a', refresh: 'r', expires: earlier } });
    expect(await look(opencode, null)).toMatchObject({ status: 'expired-refreshable' });
    put('opencode/auth.json', {});
    expect(await look(opencode, null)).toMatchObject(signedOut);
    put('auth.json', { anthropic: { type: 'oauth', refresh: 'r', access: 'a', expires: earlier } });
    expect(await look(pi, null)).toMatchObject({ status: 'expired-refreshable' });
  });

  it('qwen, copilot: the field of their proof, and no expiry', async () => {
    expect(await look(qwen, null)).toMatchObject(signedOut);
    put('settings.json', { env: { OPENROUTER_API_KEY: 'k' } });
    expect(await look(qwen, null)).toEqual({ status: 'valid', identity: {} });
    put('config.json', '// User settings\n{"loggedInUsers":[],"lastLoggedInUser":{"login":"ada"}}');
    expect(await look(copilot, null)).toMatchObject(signedOut);
    put(
      'config.json',
      '// User settings\n{"loggedInUsers":[{"login":"ada"}],"lastLoggedInUser":{"login":"ada"}}',
    );
    expect(await look(copilot, null)).toEqual({
      status: 'valid',
      identity: { login: 'ada', accountId: 'ada' },
    });
  });

  it('aws: the token of its sign-in, not the registration beside it, and nobody is asked', async () => {
    const iso = (time: number) => new Date(time).toISOString().replace('.000', '');
    put('.aws/sso/cache/botocore-client-id.json', { clientId: 'c', expiresAt: iso(later) });
    expect(await look(aws, 'exit 0')).toMatchObject(signedOut);
    put('.aws/sso/cache/4f.json', { accessToken: 'a', expiresAt: iso(later), startUrl: 'https://x.test' });
    expect(await look(aws, 'exit 0')).toEqual({
      status: 'valid',
      expiresAt: later,
      changesAt: later - 0.9 * hour,
      identity: {},
    });
    put('.aws/sso/cache/4f.json', { accessToken: 'a', expiresAt: iso(earlier), refreshToken: 'r' });
    expect(await look(aws, 'exit 0')).toMatchObject({ status: 'expired-refreshable' });
    expect(existsSync(ran)).toBe(false);
  });

  // What each of them prints was seen of the versions in their files.
  it('gh, gcloud, az: no network is no sign-out', async () => {
    expect(await look(github, `echo '{"login":"ada"}'`)).toEqual({
      status: 'valid',
      identity: { login: 'ada', accountId: 'ada' },
    });
    const offline =
      'echo "error connecting to api.github.com" >&2; echo "check your internet connection or https://githubstatus.com" >&2; exit 1';
    expect(await look(github, offline)).toMatchObject({ status: 'unknown' });
    expect(await look(github, 'echo "gh: Bad credentials (HTTP 401)" >&2; exit 1')).toMatchObject(signedOut);
    expect(
      await look(github, 'echo "To get started with GitHub CLI, please run:  gh auth login" >&2; exit 4'),
    ).toMatchObject(signedOut);
    expect(await look(gcloud, `echo '[{"account":"ada@x.test","status":"ACTIVE"}]'`)).toEqual({
      status: 'valid',
      identity: { email: 'ada@x.test' },
    });
    expect(await look(gcloud, 'echo "[]"')).toMatchObject(signedOut);
    expect(await look(gcloud, 'echo "ERROR: gcloud crashed" >&2; exit 1')).toMatchObject({
      status: 'unknown',
    });
    expect(
      await look(azure, `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`),
    ).toMatchObject(signedOut);
  });

  it('openclaw: its database is there, whatever is in it', async () => {
    expect(await look(openclaw, null)).toMatchObject({ status: 'needs-sign-in' });
    put('agents/main/agent/openclaw-agent.sqlite', 'SQLite format 3\u0000 and so on');
    expect(await look(openclaw, null)).toEqual({ status: 'valid', identity: {} });
  });

  it('a file that is being written or may not be read is unknown', async () => {
    put('.credentials.json', '');
    expect(await look(claude, null)).toMatchObject({ status: 'unknown' });
    put('.credentials.json', '{"claudeAiOauth":{"accessTok');
    expect(await look(claude, null)).toMatchObject({ status: 'unknown' });
  });

  it('changes no file', async () => {
    put('.credentials.json', { claudeAiOauth: { accessToken: 'a', refreshToken: 'r', expiresAt: earlier } });
    const before = readdirSync(directory, { recursive: true });
    await look(claude, 'touch made');
    expect(readdirSync(directory, { recursive: true })).toEqual(before);
  });
});

it('I-12: an account whose provider is gone, or that is only a key, is unknown', async () => {
  const check = look(codex, 'exit 0', {
    account: { secretRef: { kind: 'keychain', service: 's', account: 'a' } },
  });
  expect(await check).toMatchObject({ status: 'unknown' });
});

it('I-12: an account that the machine shares is looked at where the machine has it', async () => {
  const shared = sampleDefinition({
    configDir: { variable: 'ACME_HOME', usual: '.acme', seed: [] },
    health: { ask: 'files', credentials: [{ path: 'session.json', field: 'token' }] },
  });
  const account = { secretRef: { kind: 'machine' as const } };
  expect(await look(shared, null, { account })).toMatchObject({ status: 'needs-sign-in' });
  mkdirSync(join(root, 'home', '.acme'), { recursive: true });
  writeFileSync(join(root, 'home', '.acme', 'session.json'), '{"token":"t"}');
  expect(await look(shared, null, { account })).toMatchObject({ status: 'valid' });
});
