import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { type BrowserOpener, createBrowserOpener } from './browser-opener/browser-opener.ts';
import { followRedirects } from './browser-opener/follow-redirects.ts';
import { type ClaudeHosts, createClaudeHosts } from './claude-hosts.ts';
import { type CliProcess, type CliRequest, runInPty, runOnPipes } from './cli-process.ts';
import { createGitHubHosts, type GitHubHosts } from './github-hosts.ts';
import { createGoogleHosts, type GoogleHosts } from './google-hosts.ts';
import { createLocalCa } from './local-ca.ts';
import { listenOnLoopback } from './local-host.ts';
import { type LocalNet, startLocalNet } from './local-net.ts';
import { createOpenAiIssuer, type OpenAiIssuer, openAiHosts, startOpenAiIssuer } from './openai-issuer.ts';
import { processesMarkedWith } from './process-list.ts';
import { createTestPlace, projectRoot, type TestPlace } from './test-place.ts';

/** The real CLIs against what this directory plays for them, without the app: what the end-to-end tests stand on. */
let bin: string;
let place: TestPlace;
let net: LocalNet;
let opener: BrowserOpener;
let openAi: OpenAiIssuer;
let claude: ClaudeHosts;
let gitHub: GitHubHosts;
let google: GoogleHosts;
const started: CliProcess[] = [];

function environment(more: Record<string, string>): Record<string, string> {
  const path = [opener.pathDirectory, bin, join(projectRoot, 'node_modules', '.bin'), '/usr/bin', '/bin'];
  return {
    PATH: path.join(':'),
    HOME: place.home,
    TERM: 'xterm-256color',
    BROWSER: opener.program,
    ...net.environment,
    ...more,
  };
}

function start(
  run: (request: CliRequest) => CliProcess,
  name: string,
  args: string[],
  env: Record<string, string>,
): CliProcess {
  const cli = run({ file: join(bin, name), args, env: environment(env), cwd: place.home });
  started.push(cli);
  return cli;
}

async function configDirectory(name: string): Promise<string> {
  const directory = join(place.root, name);
  await mkdir(directory, { recursive: true });
  return directory;
}

beforeAll(async () => {
  bin = (await ensureClis()).binDirectory;
  const path = `${join(projectRoot, 'node_modules', '.bin')}:/usr/bin:/bin`;
  for (const name of ['codex', 'claude', 'gemini', 'copilot']) {
    const printed = execFileSync(join(bin, name), ['--version'], {
      env: { PATH: path, HOME: '/nonexistent' },
    });
    console.info(`${name}: ${printed.toString().split('\n')[0]}`);
  }
}, 600_000);

beforeEach(async () => {
  place = await createTestPlace();
  openAi = createOpenAiIssuer({ person: { email: 'ada@example.test' } });
  claude = createClaudeHosts({ person: { email: 'ada@example.test', organisation: 'Analytical' } });
  gitHub = createGitHubHosts({ login: 'ada' });
  google = createGoogleHosts({ email: 'ada@example.test' });
  net = await startLocalNet(await createLocalCa(place.root), {
    ...openAiHosts(openAi),
    ...claude.hosts,
    ...gitHub.hosts,
    ...google.hosts,
  });
  opener = await createBrowserOpener(join(place.root, 'opener'), { net });
});

afterEach(async () => {
  for (const cli of started.splice(0)) {
    cli.kill();
    await cli.exited;
  }
  opener.close();
  await net.close();
  await place.remove();
});

/** What codex itself says, and who it is by its credential file. */
async function codexStatus(codexHome: string) {
  const status = start(runOnPipes, 'codex', ['login', 'status'], { CODEX_HOME: codexHome });
  const code = await status.exited;
  const file = join(codexHome, 'auth.json');
  if (!existsSync(file)) return { code, text: status.text(), email: null };
  const { tokens } = JSON.parse(await readFile(file, 'utf8'));
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString('utf8'));
  return { code, text: status.text(), email: claims.email };
}

describe('codex', () => {
  it('device login ends when the test approves the code, and not before', async () => {
    const issuer = await startOpenAiIssuer({ person: { email: 'grace@example.test' } });
    try {
      const codexHome = await configDirectory('codex');
      const args = ['login', '--device-auth', '--experimental_issuer', issuer.url];
      const codex = start(runOnPipes, 'codex', args, { CODEX_HOME: codexHome });
      const device = await issuer.devices.next();
      await codex.waitFor(new RegExp(device.userCode));
      expect(codex.text()).toContain(`${issuer.url}/codex/device`);
      expect(await device.polls.next()).toBe('pending');
      expect((await codexStatus(codexHome)).code).toBe(1);
      device.approve();
      expect(await codex.exited).toBe(0);
      expect(await codexStatus(codexHome)).toMatchObject({
        code: 0,
        text: expect.stringContaining('Logged in using ChatGPT'),
        email: 'grace@example.test',
      });
    } finally {
      await issuer.close();
    }
  });

  it('a denied device code and a server without device login end it with exit 1', async () => {
    const denying = await startOpenAiIssuer();
    const without = await startOpenAiIssuer({ deviceLogin: false });
    try {
      const codexHome = await configDirectory('codex');
      const login = (url: string) =>
        start(runOnPipes, 'codex', ['login', '--device-auth', '--experimental_issuer', url], {
          CODEX_HOME: codexHome,
        });
      const denied = login(denying.url);
      (await denying.devices.next()).deny();
      expect(await denied.exited).toBe(1);
      const off = login(without.url);
      expect(await off.exited).toBe(1);
      expect(off.text()).toContain('device code login is not enabled');
    } finally {
      await denying.close();
      await without.close();
    }
  });

  // Both browser logins in one test: codex has one callback port per machine, and a second login ends the first.
  it('browser login: opens its link in the browser, ends once the redirects are followed; denied ends with exit 1', async () => {
    const codexHome = await configDirectory('codex');
    const refused = start(runOnPipes, 'codex', ['login'], { CODEX_HOME: codexHome });
    openAi.decision = 'deny';
    await followRedirects(await opener.nextOpened(), net);
    expect(await refused.exited).toBe(1);
    expect(refused.text()).toContain('The person said no.');

    openAi.decision = 'allow';
    const codex = start(runOnPipes, 'codex', ['login'], { CODEX_HOME: codexHome });
    const [link] = await codex.waitFor(/https:\/\/auth\.openai\.com\/oauth\/authorize\?\S+/);
    expect(await opener.nextOpened()).toBe(link);
    const page = await followRedirects(link, net);
    expect(page.visited.map((url) => new URL(url).pathname)).toEqual([
      '/oauth/authorize',
      '/auth/callback',
      '/success',
    ]);
    expect(await codex.exited).toBe(0);
    expect(await codexStatus(codexHome)).toMatchObject({ code: 0, email: 'ada@example.test' });
  });
});

describe('claude', () => {
  const login = (directory: string) =>
    start(runOnPipes, 'claude', ['auth', 'login', '--claudeai'], {
      CLAUDE_CONFIG_DIR: directory,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    });
  const status = async (directory: string) => {
    const asked = start(runOnPipes, 'claude', ['auth', 'status'], { CLAUDE_CONFIG_DIR: directory });
    await asked.exited;
    return JSON.parse(asked.text());
  };
  const manualLink = /visit: (https:\/\/claude\.com\/cai\/oauth\/authorize\?\S+)/;

  it('ends when the code#state of its page is pasted, after a malformed paste was refused', async () => {
    const directory = await configDirectory('claude');
    const cli = login(directory);
    const [, link = ''] = await cli.waitFor(manualLink);
    await cli.waitFor(/Paste code here if prompted >/);
    cli.write('nonsense\n');
    await cli.waitFor(/Invalid code/);
    const page = await followRedirects(link, net);
    const { pasted } = claude.authorize(link);
    expect(page.body).toMatch(/<p>cc_[0-9a-f]+#[\w-]+<\/p>/);
    cli.write(`${pasted}\n`);
    expect(await cli.exited).toBe(0);
    expect(await status(directory)).toMatchObject({
      loggedIn: true,
      email: 'ada@example.test',
      orgName: 'Analytical',
    });
  });

  it('a wrong code ends it, and the link that it opens itself completes on loopback', async () => {
    const directory = await configDirectory('claude');
    const wrong = login(directory);
    await wrong.waitFor(/Paste code here if prompted >/);
    wrong.write('not-a-code#not-a-state\n');
    expect(await wrong.exited).toBe(1);
    await opener.nextOpened();

    const cli = login(directory);
    const page = await followRedirects(await opener.nextOpened(), net);
    expect(page.status).toBe(200);
    expect(await cli.exited).toBe(0);
    expect(await status(directory)).toMatchObject({ loggedIn: true });
  });
});

/** Kills a CLI that goes on waiting and shows that nothing of it is left. */
async function killAndExpectNothingLeft(cli: CliProcess) {
  expect(processesMarkedWith(place.root)).not.toHaveLength(0);
  cli.kill();
  await cli.exited;
  await expect.poll(() => processesMarkedWith(place.root), { timeout: 2_000 }).toEqual([]);
}

describe('copilot', () => {
  it('device login against github.com prints link and code, and can be killed', async () => {
    const home = await configDirectory('copilot');
    const copilot = start(runInPty, 'copilot', ['login', '--device-code'], { COPILOT_HOME: home });
    const device = await gitHub.devices.next();
    await copilot.waitFor(new RegExp(`https://github.com/login/device and enter code ${device.userCode}`));
    expect(await device.polls.next()).toBe('pending');
    await killAndExpectNothingLeft(copilot);
  });

  it('device login against a plain http host ends when the test approves the code', async () => {
    const host = await listenOnLoopback(gitHub.web);
    try {
      const home = await configDirectory('copilot');
      const copilot = start(runInPty, 'copilot', ['login', '--device-code', '--host', host.url], {
        COPILOT_HOME: home,
      });
      const device = await gitHub.devices.next();
      expect(await device.polls.next()).toBe('pending');
      device.approve();
      await copilot.waitFor(/Store token in plaintext config file\? \(y\/N\)/);
      copilot.write('y\r');
      await copilot.waitFor(/Signed in successfully as ada/);
      expect(await copilot.exited).toBe(0);
    } finally {
      await host.close();
    }
  });
});

describe('gemini', () => {
  it('prints its link, takes the code of its page, and can be killed', async () => {
    const home = await configDirectory('gemini');
    await mkdir(join(home, '.gemini'));
    const settings = { security: { auth: { selectedType: 'oauth-personal' } } };
    await writeFile(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
    const trusted = { [place.home]: 'TRUST_FOLDER' };
    await writeFile(join(home, '.gemini', 'trustedFolders.json'), JSON.stringify(trusted));
    const gemini = start(runInPty, 'gemini', [], {
      GEMINI_CLI_HOME: home,
      NO_BROWSER: 'true',
      GEMINI_FORCE_FILE_STORAGE: 'true',
    });
    const [link] = await gemini.waitFor(/https:\/\/accounts\.google\.com\/o\/oauth2\/\S+/);
    await gemini.waitFor(/Enter the authorization code:/);
    const page = await followRedirects(link, net);
    const code = /<p>(\S+)<\/p>/.exec(page.body)?.[1] ?? '';
    gemini.write(`${code}\r`);
    await expect
      .poll(() => net.seen.some((seen) => seen.path.includes('userinfo')), { timeout: 10_000 })
      .toBe(true);
    await killAndExpectNothingLeft(gemini);
  });
});
