import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { accountSecrets } from '../../src-main/launch/account-secrets.ts';
import { bundleEnvironment } from '../../src-main/launch/bundle-environment.ts';
import { SignInHouse } from '../../src-main/methods/cli/sign-in-house.fixture.ts';
import { claude } from '../../src-main/providers/claude.ts';
import { Arrivals } from './arrivals.ts';
import { followRedirects } from './browser-opener/follow-redirects.ts';
import { createClaudeHosts } from './claude-hosts.ts';
import { runOnPipes } from './cli-process.ts';
import { createLocalCa } from './local-ca.ts';
import { startLocalNet } from './local-net.ts';
import { createTestPlace, projectRoot } from './test-place.ts';

const enterDelayMs = 500;
const farewellMs = 2_000;

let bin: string;
beforeAll(async () => {
  bin = (await ensureClis()).binDirectory;
}, 600_000);

/** The broker, with the real Claude Code CLI in a network that ends on this machine. */
async function open() {
  const parts = await createTestPlace();
  const fake = createClaudeHosts();
  const net = await startLocalNet(await createLocalCa(parts.root), fake.hosts);
  onTestFinished(async () => {
    await net.close();
    await parts.remove();
  });
  const path = [bin, join(projectRoot, 'node_modules', '.bin'), '/usr/bin', '/bin'];
  const parent: NodeJS.ProcessEnv = { PATH: path.join(':'), ...net.environment };
  const house = new SignInHouse({ parent });
  house.provider(claude);
  const echo = new Arrivals<void>('pasted text echoed');
  house.onSpawn = (child) => {
    const listen = child.onOutput.bind(child);
    child.onOutput = (listener) =>
      listen((bytes, stream) => {
        listener(bytes, stream);
        if (Buffer.from(bytes).includes('*****')) echo.push();
      });
  };
  const { sessionId } = house.broker.start({ providerId: 'claude', flowId: 'setup-token' });
  /** Time stands still, so the pause before Enter lasts until the program has shown that it took the text. */
  const paste = async (text: string) => {
    const delivery = house.broker.submitCallback(sessionId, text);
    await echo.next();
    await house.clock.armed(enterDelayMs);
    house.clock.advance(enterDelayMs);
    expect(await delivery).toEqual({ success: true });
  };
  return { house, sessionId, fake, net, paste, parent };
}

/** The link of the page that shows a code: before it is printed, the one handed to the browser is shown. */
async function printedLink(house: SignInHouse, sessionId: string): Promise<string> {
  await house.until(sessionId, ({ promptsForPaste }) => promptsForPaste);
  const snapshot = house.broker.poll(sessionId);
  return snapshot.status === 'url-available' ? snapshot.authUrl : '';
}

/** All bytes below a directory. */
function everything(directory: string): string {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

describe('claude setup-token', () => {
  it('S-5: the token of a pasted code is kept in the vault, for a year, and stands nowhere else', async () => {
    const { house, sessionId, fake, net, paste, parent } = await open();
    const link = await printedLink(house, sessionId);
    expect(new URL(link).searchParams.get('scope')).toBe('user:inference');
    await paste(fake.authorize(link).pasted);
    expect(await house.end(sessionId)).toMatchObject({ status: 'success' });

    const { vault, store } = house.identities;
    expect(vault.kept).toEqual([
      { entry: expect.anything(), text: expect.stringMatching(/^sk-ant-oat01-[0-9a-f]{96}$/) },
    ]);
    expect(store.state.accounts).toMatchObject([
      {
        provider: 'claude',
        kind: 'oauth',
        secretRef: { kind: 'keychain', ...vault.kept[0]?.entry },
        expiresAt: house.clock.now() + 365 * 24 * 3_600_000,
      },
    ]);
    expect(house.accountFiles()).toEqual([]);
    // What a terminal of the identity has: the program uses this token, though the machine has a login of its own.
    mkdirSync(join(house.home, '.claude'));
    const own = { accessToken: 'own', refreshToken: 'own', expiresAt: 4e12, scopes: ['user:inference'] };
    writeFileSync(join(house.home, '.claude', '.credentials.json'), JSON.stringify({ claudeAiOauth: own }));
    const accounts = store.state.accounts.map((account) => ({ account, provider: claude }));
    const { env } = bundleEnvironment({
      accounts,
      bundleName: 'Work',
      parent: { ...parent, HOME: house.home, CLAUDE_CODE_OAUTH_TOKEN: "another's" },
      searchPath: parent.PATH ?? '',
      platform: process.platform,
    });
    const secrets = await accountSecrets(accounts, vault);
    const asked = runOnPipes({
      file: join(bin, 'claude'),
      args: ['-p', 'Hello'],
      env: {
        ...env,
        ...Object.fromEntries(Object.entries(secrets).map(([name, it]) => [name, it.reveal()])),
      },
      cwd: house.home,
    });
    await asked.exited;
    const message = net.seen.find(({ path }) => path === '/v1/messages');
    expect(message?.headers.authorization).toBe(`Bearer ${vault.kept[0]?.text}`);

    const said = house.lines(sessionId).map((line) => line.trim());
    expect(said).toContain('[redacted]');
    expect(said.join('\n')).toContain('token created successfully');
    const elsewhere = [
      everything(house.root),
      house.storeFile.text,
      JSON.stringify([house.snapshots, house.spawned, said]),
      house.broker.copyText(sessionId, 'report'),
    ];
    expect(elsewhere.join('\n')).not.toContain((vault.kept[0]?.text ?? '').slice(13, 45));
  });

  it('X-8: the link that it opens itself comes back by itself', async () => {
    const { house, sessionId, net } = await open();
    await house.until(sessionId, ({ browserOpened }) => browserOpened);
    await followRedirects(house.opened[0] ?? '', net);
    expect(await house.end(sessionId)).toMatchObject({ status: 'success' });
    expect(house.identities.vault.kept).toHaveLength(1);
  });

  it('S-15: a wrong code ends it, though the program would wait for Enter', async () => {
    const { house, sessionId, paste } = await open();
    const state = new URL(await printedLink(house, sessionId)).searchParams.get('state');
    await paste(`wrong#${state}`);
    await house.clock.armed(farewellMs);
    house.clock.advance(farewellMs);
    expect((await house.end(sessionId)).code).toBe('code_not_accepted');
    expect(house.identities.vault.kept).toEqual([]);
    expect(house.accountFiles()).toEqual([]);
  });
});
