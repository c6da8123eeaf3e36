import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import type { FlowDefinition } from '../providers/definition.ts';
import { demoProvider } from '../providers/demo.ts';
import { open, press, send } from './browser.fixture.ts';
import { runDemoCli } from './demo-cli.ts';
import { DemoService } from './demo-service.ts';

const entry = fileURLToPath(new URL('./run-demo-cli.ts', import.meta.url));

/** The real CLI in a process of its own. */
class Run {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exited: Promise<number | null>;
  stdout = '';
  stderr = '';
  #changed: (() => void)[] = [];
  #over = false;

  constructor(args: string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [entry, ...args], { env });
    const note = () => {
      for (const wake of this.#changed.splice(0)) wake();
    };
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString('utf8');
      note();
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString('utf8');
      note();
    });
    this.exited = new Promise((resolve) =>
      this.child.once('close', (code) => {
        this.#over = true;
        note();
        resolve(code);
      }),
    );
  }

  /** Waits until the output matches, and gives the first group or the whole match. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (found) return found[1] ?? found[0];
      if (this.#over) throw new Error(`ended without ${pattern}: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  link(): Promise<string> {
    return this.until(/(http:\/\/\S+\/authorize\S+)\n/);
  }
}

let home: string;
let service: DemoService;
let origin: string;
let runs: Run[];

const demo = (...args: string[]): Run => {
  const run = new Run(args, { DEMO_HOME: home, DEMO_SERVICE: origin });
  runs.push(run);
  return run;
};

async function status(): Promise<{ code: number | null; json: Record<string, unknown> }> {
  const run = demo('status');
  const code = await run.exited;
  return { code, json: JSON.parse(run.stdout) };
}

async function useService(next: DemoService): Promise<void> {
  await service?.stop();
  service = next;
  ({ origin } = await service.start());
}

beforeEach(async () => {
  runs = [];
  home = await mkdtemp(join(tmpdir(), 'demo-cli-'));
  await useService(new DemoService(systemClock));
});
afterEach(async () => {
  for (const { child } of runs) child.kill('SIGKILL');
  await Promise.all(runs.map(({ exited }) => exited));
  await service.stop();
  await rm(home, { recursive: true, force: true });
});

const flow = (id: string): FlowDefinition => {
  const found = demoProvider({ file: 'x', args: [] }, origin).flows.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no flow ${id}`);
  return found;
};
const failureCodes = (flowId: string, text: string): string[] =>
  flow(flowId)
    .patterns.failures.filter(({ pattern }) =>
      text.split('\n').some((line) => new RegExp(pattern).test(line)),
    )
    .map(({ code }) => code);

describe('login in the browser', () => {
  it('signs in the person who was picked; status knows it offline, logout forgets it', async () => {
    expect(await status()).toEqual({ code: 1, json: { loggedIn: false } });
    const run = demo('login');
    const asked = new URL(await run.link());
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/),
    });
    const page = await press(await open(asked.href), 'Approve', { person: 'demo-grace' });
    expect(page.text).toContain('You are signed in as <strong>grace@demo.lanyard.test</strong>');
    expect(await run.exited).toBe(0);
    expect(run.stdout.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(flow('browser').patterns.success ?? 'none'),
    );

    await service.stop();
    expect(await status()).toEqual({
      code: 0,
      json: {
        loggedIn: true,
        email: 'grace@demo.lanyard.test',
        accountId: 'demo-grace',
        organisationId: 'demo-compilers',
        organisation: 'Compilers & Co',
        plan: 'team',
      },
    });
    const logout = demo('logout');
    expect([await logout.exited, logout.stdout]).toEqual([0, 'Logged out.\n']);
    expect((await status()).code).toBe(1);
    expect(await readdir(home)).toEqual([]);
  });

  it('keeps the login in one file that only the person can read, and prints no token', async () => {
    const run = demo('login');
    await press(await open(await run.link()), 'Approve');
    await run.exited;
    expect(await readdir(home)).toEqual(['demo-credentials.json']);
    const file = join(home, 'demo-credentials.json');
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { accessToken } = JSON.parse(await readFile(file, 'utf8'));
    const shown = demo('status');
    await shown.exited;
    expect(run.stdout + run.stderr + shown.stdout).not.toContain(accessToken);
  });

  it('R-8: answers and ignores a wrong state, stray paths, foreign names and other methods', async () => {
    const run = demo('login');
    const link = await run.link();
    const callback = new URL(new URL(link).searchParams.get('redirect_uri') ?? '');
    const state = new URL(link).searchParams.get('state') ?? '';
    const wrong = await send(`${callback}?code=demo_1&state=${encodeURIComponent('"><script>')}`);
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain('This link is from another sign-in');
    expect(wrong.text).not.toContain('<script');
    expect((await send(`${callback}?error=access_denied`)).status).toBe(400);
    expect((await send(`${callback.origin}/favicon.ico`)).status).toBe(404);
    expect((await send(callback.origin, { path: 'http://evil.test/callback' })).status).toBe(400);
    const good = `${callback}?error=access_denied&state=${state}`;
    expect((await send(good, { headers: { host: 'evil.test' } })).status).toBe(421);
    expect((await send(good, { headers: { origin: 'https://evil.test' } })).status).toBe(403);
    expect((await send(good, { method: 'POST' })).status).toBe(405);

    const page = await press(await open(link), 'Approve');
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    expect(String(page.headers['content-security-policy'])).toContain("default-src 'none'");
    expect(await run.exited).toBe(0);
  });

  it('ends when the person denies, and says so on the page', async () => {
    const run = demo('login');
    const page = await press(await open(await run.link()), 'Deny');
    expect(page.text).toContain('you denied the sign-in');
    expect(await run.exited).toBe(1);
    expect(failureCodes('browser', run.stderr)).toEqual(['sign_in_denied']);
    expect((await status()).code).toBe(1);
  });

  it('ends when the code in the callback is not good', async () => {
    const run = demo('login');
    const asked = new URL(await run.link()).searchParams;
    const forged = `${asked.get('redirect_uri')}?code=demo_${'0'.repeat(32)}&state=${asked.get('state')}`;
    expect((await open(forged)).text).toContain('The sign-in failed: invalid_grant');
    expect(await run.exited).toBe(1);
    expect(failureCodes('browser', run.stderr)).toEqual(['code_not_accepted']);
  });

  it('ends when the browser never comes back', async () => {
    const clock = new ManualClock();
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    const env = { DEMO_HOME: home, DEMO_SERVICE: origin };
    let code = Promise.resolve(0);
    const opened = new Promise<string>((openBrowser) => {
      code = runDemoCli(['login'], { ...streams, env, clock, openBrowser });
    });
    expect(await opened).toContain('/authorize?');
    clock.advance(600_000);
    expect(await code).toBe(1);
    expect(String(streams.stderr.read())).toContain('within ten minutes');
  });
});

describe('login with a device code', () => {
  const start = async (): Promise<{ run: Run; code: string; page: string }> => {
    const run = demo('login', '--device');
    const { patterns } = flow('device');
    const code = await run.until(new RegExp(`${patterns.codeAnchor}.*${patterns.code}`));
    return { run, code, page: await run.until(/open (http:\S+\/device)\n/) };
  };

  it('signs in who approves the code', async () => {
    const { run, code, page } = await start();
    expect(page).toBe(flow('device').verificationUrl);
    await press(await open(page), 'Approve', { user_code: code, person: 'demo-ada' });
    expect(await run.exited).toBe(0);
    expect((await status()).json.email).toBe('ada@demo.lanyard.test');
  });

  it('ends when the person denies', async () => {
    const { run, code, page } = await start();
    await press(await open(page), 'Deny', { user_code: code });
    expect(await run.exited).toBe(1);
    expect(failureCodes('device', run.stderr)).toEqual(['sign_in_denied']);
  });

  it('ends when the code has expired', async () => {
    const clock = new ManualClock();
    await useService(new DemoService(clock));
    const { run } = await start();
    clock.advance(600_000);
    expect(await run.exited).toBe(1);
    expect(failureCodes('device', run.stderr)).toEqual(['device_code_expired']);
  });
});

describe('login by pasting', () => {
  const prompt = /Paste the code here > $/;
  const approve = async (run: Run): Promise<string> => {
    const page = await press(await open(await run.link()), 'Approve');
    return /<code class="code">([^<]*)</.exec(page.text)?.[1] ?? '';
  };

  it('refuses what is no code and goes on waiting, then takes the right one', async () => {
    const run = demo('login', '--paste');
    await run.until(new RegExp(flow('paste').patterns.prompt ?? 'none'));
    run.child.stdin.write('hello\n');
    await run.until(new RegExp(flow('paste').patterns.rejected ?? 'none', 'm'));
    await run.until(/(?:Paste the code here > ){2}$/);
    const code = await approve(run);
    const { paste } = flow('paste');
    expect(code).toMatch(new RegExp(paste.kind === 'code' ? `^(?:${paste.accepts})$` : 'none'));
    run.child.stdin.write(` ${code} \r\n`);
    expect(await run.exited).toBe(0);
    expect((await status()).json.email).toBe('ada@demo.lanyard.test');
  });

  it('ends at a wrong code, a used code and the end of input', async () => {
    const wrong = demo('login', '--paste');
    await wrong.until(prompt);
    wrong.child.stdin.write(`demo_${'0'.repeat(32)}\n`);
    expect(await wrong.exited).toBe(1);
    expect(failureCodes('paste', wrong.stderr)).toEqual(['code_not_accepted']);

    // A code is bound to the sign-in that asked for it (PKCE), so another one's is as wrong.
    const [one, two] = [demo('login', '--paste'), demo('login', '--paste')];
    const code = await approve(one);
    await two.until(prompt);
    two.child.stdin.write(`${code}\n`);
    expect(await two.exited).toBe(1);
    one.child.stdin.write(`${code}\n`);
    expect(await one.exited).toBe(1);

    const ended = demo('login', '--paste');
    await ended.until(prompt);
    ended.child.stdin.end();
    expect(await ended.exited).toBe(1);
    expect(ended.stderr).toContain('the input ended');
  });
});

describe('the demo CLI', () => {
  it('says when the service is not there, and talks to no other machine', async () => {
    await service.stop();
    const run = demo('login', '--device');
    expect(await run.exited).toBe(1);
    expect(failureCodes('device', run.stderr)).toEqual(['demo_service_unreachable']);
    for (const elsewhere of [
      '',
      'http://evil.test',
      'http://127.0.0.1:1@evil.test',
      'http://127.0.0.1:99999',
    ]) {
      const stray = new Run(['login'], { DEMO_HOME: home, DEMO_SERVICE: elsewhere });
      runs.push(stray);
      expect(await stray.exited).toBe(1);
      expect(stray.stderr).toContain('DEMO_SERVICE must be');
    }
  });

  it('goes by no proxy of the environment', async () => {
    const proxy = {
      HTTP_PROXY: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
      NODE_USE_ENV_PROXY: '1',
    };
    const run = new Run(['login', '--device'], { DEMO_HOME: home, DEMO_SERVICE: origin, ...proxy });
    runs.push(run);
    await run.until(/enter the code: /);
  });

  it('signs out where nobody was signed in, and where the file is broken', async () => {
    const first = demo('logout');
    expect([await first.exited, first.stdout]).toEqual([0, 'Nobody was logged in.\n']);
    await writeFile(join(home, 'demo-credentials.json'), '{"email": 5');
    expect((await status()).code).toBe(1);
    expect(await demo('logout').exited).toBe(0);
    expect(await readdir(home)).toEqual([]);
  });

  it('keeps the login in the home directory where no other is given', async () => {
    const run = new Run(['login', '--device'], { HOME: home, USERPROFILE: home, DEMO_SERVICE: origin });
    runs.push(run);
    const code = await run.until(/enter the code: (\S+)/);
    await press(await open(`${origin}/device?user_code=${code}`), 'Approve');
    expect(await run.exited).toBe(0);
    expect(await readdir(join(home, '.demo-provider'))).toEqual(['demo-credentials.json']);
  });

  it('explains itself when used wrongly', async () => {
    const run = demo('login', '--nope');
    expect(await run.exited).toBe(2);
    expect(run.stderr).toContain('Usage: demo');
  });
});
