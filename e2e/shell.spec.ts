import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { appArguments } from '../scripts/run-app.mjs';
import { calls, events } from '../src-preload/contract.ts';
import { type LaunchedApp, launchApp } from './support/launch-app.ts';
import { createTestPlace, projectRoot } from './support/test-place.ts';

/** The shell's promises (docs/security.md), each seen in the running app. */
/** By group, sorted: what the contract names and nothing else. */
function functionsOfTheContract(): Record<string, string[]> {
  const groups: Record<string, string[]> = {};
  const named = [
    ...Object.keys(calls).map((name) => name.split('.')),
    ...Object.keys(events).map((name) => {
      const [group = '', event = ''] = name.split('.');
      return [group, `on${event.charAt(0).toUpperCase()}${event.slice(1)}`];
    }),
  ];
  for (const [group = '', name = ''] of named) groups[group] = [...(groups[group] ?? []), name].sort();
  return groups;
}

test.describe('windows', () => {
  let launched: LaunchedApp;
  let window: Page;

  test.beforeAll(async () => {
    launched = await launchApp();
    window = launched.window;
    await window.waitForLoadState('load');
  });
  test.afterAll(() => launched.close());

  test('are isolated and sandboxed, without Node', async () => {
    const preferences = await launched.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents as unknown as {
        getLastWebPreferences(): Record<string, unknown>;
      };
      return contents.getLastWebPreferences();
    });
    expect(preferences).toMatchObject({
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    });
    const seen = await window.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter(
        (name) => name in globalThis,
      ),
    );
    expect(seen).toEqual([]);
  });

  test('reach main only through the named functions of the bridge', async () => {
    const bridge = await window.evaluate(() => {
      const groups = Reflect.get(globalThis, 'lanyard') as Record<string, Record<string, unknown>>;
      return Object.fromEntries(
        Object.entries(groups).map(([group, calls]) => [group, Object.keys(calls).sort()]),
      );
    });
    expect(bridge).toEqual(functionsOfTheContract());
  });

  test('come from the app protocol with a strict policy', async () => {
    expect(window.url()).toBe('lanyard-app://app/index.html');
    const policy = await launched.app.evaluate(async ({ net }) => {
      const response = await net.fetch('lanyard-app://app/index.html');
      return response.headers.get('content-security-policy');
    });
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('connect-src');
    expect(policy).not.toContain('unsafe');
    const statuses = await launched.app.evaluate(async ({ net }) => {
      const paths = ['/../main/main.js', '/%2e%2e/main/main.js', '/..%2fmain%2fmain.js', '/none.js', '/'];
      return Promise.all(paths.map(async (path) => (await net.fetch(`lanyard-app://app${path}`)).status));
    });
    expect(statuses).toEqual([404, 404, 404, 404, 200]);
    expect(
      await launched.app.evaluate(
        async ({ net }) => (await net.fetch('lanyard-app://other/index.html')).status,
      ),
    ).toBe(404);
  });

  test('cannot fetch, eval, or run a script that was written into the page', async () => {
    const outcomes = await window.evaluate(async () => {
      const blocked: string[] = [];
      document.addEventListener('securitypolicyviolation', (event) => blocked.push(event.effectiveDirective));
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => 'answered',
        () => 'refused',
      );
      // In a timer, because a debugger's own evaluation is exempt from the policy.
      setTimeout('globalThis.evaluated = true' as unknown as () => void);
      const script = document.createElement('script');
      script.textContent = 'globalThis.injected = true';
      document.body.append(script);
      await new Promise((resolve) => setTimeout(resolve, 0));
      script.remove();
      return {
        fetched,
        ran: ['evaluated', 'injected'].filter((name) => name in globalThis),
        blocked: [...new Set(blocked)].sort(),
      };
    });
    expect(outcomes).toEqual({
      fetched: 'refused',
      ran: [],
      blocked: ['connect-src', 'script-src', 'script-src-elem'],
    });
  });

  test('cannot navigate away or open windows', async () => {
    const opened = await window.evaluate(() => globalThis.open('https://example.test/') === null);
    expect(opened).toBe(true);
    const refused = launched.app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return new Promise((resolve) =>
        contents?.once('will-frame-navigate', (event) => setImmediate(() => resolve(event.defaultPrevented))),
      );
    });
    await window.evaluate(() => {
      location.href = 'https://example.test/';
    });
    expect(await refused).toBe(true);
    expect(window.url()).toBe('lanyard-app://app/index.html');
    expect(await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });

  test('are granted no permission', async () => {
    const outcomes = await window.evaluate(async () => ({
      notification: await Notification.requestPermission(),
      geolocation: await new Promise((resolve) =>
        navigator.geolocation.getCurrentPosition(
          () => resolve('granted'),
          (error) => resolve(error.code),
        ),
      ),
      clipboard: await navigator.clipboard.readText().then(
        () => 'granted',
        () => 'denied',
      ),
      microphone: (await navigator.permissions.query({ name: 'microphone' as PermissionName })).state,
    }));
    expect(outcomes).toEqual({
      notification: 'denied',
      geolocation: 1,
      clipboard: 'denied',
      microphone: 'denied',
    });
  });

  test('get a failure for a request that does not fit its schema', async () => {
    const answers = await window.evaluate(async () => {
      const { lanyard } = globalThis as unknown as {
        lanyard: Record<string, Record<string, (request: unknown) => Promise<unknown>>>;
      };
      const ask = (group: string, call: string, request: unknown) => lanyard[group]?.[call]?.(request);
      return [
        await ask('auth', 'start', { providerId: 5 }),
        await ask('auth', 'start', null),
        await ask('auth', 'start', { providerId: 'x'.repeat(1000) }),
        await ask('auth', 'submitCallback', { sessionId: 'auth-x', text: 'y'.repeat(20_000) }),
        await ask('bundles', 'create', { name: '   ' }),
        await ask('auth', 'poll', { sessionId: 'auth-none' }),
      ];
    });
    expect(answers).toMatchObject([
      ...Array.from({ length: 5 }, () => ({ ok: false, failure: { code: 'bad_request' } })),
      { ok: false, failure: { code: 'unknown_session' } },
    ]);
  });

  test('of another page get nothing, even with our preload', async () => {
    const preload = join(projectRoot, 'dist', 'preload', 'preload.cjs');
    const answer = await launched.app.evaluate(async ({ BrowserWindow }, script) => {
      const other = new BrowserWindow({
        show: false,
        webPreferences: { preload: script, sandbox: true, contextIsolation: true },
      });
      await other.loadURL('data:text/html,other');
      const reply = await other.webContents.executeJavaScript('window.lanyard.bundles.list()');
      other.destroy();
      return reply;
    }, preload);
    expect(answer).toMatchObject({ ok: false, failure: { code: 'unknown_sender' } });
  });

  test('are one instance: a second start shows the first and ends', async () => {
    const executable = await launched.app.evaluate(() => process.execPath);
    const env = await launched.app.evaluate(() => ({ ...process.env }) as Record<string, string>);
    const shown = launched.app.evaluate(
      ({ app }) => new Promise<boolean>((resolve) => app.once('second-instance', () => resolve(true))),
    );
    const second = spawn(executable, [projectRoot, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    second.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const code = await new Promise((resolve) => second.once('close', resolve));
    expect(code).toBe(0);
    expect(said).toContain('Lanyard is running already: its window is shown.\n');
    expect(await shown).toBe(true);
    expect(await launched.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);
  });
});

test('a start from a terminal says that it runs, or why it does not, and nothing of Chromium’s', async () => {
  const place = await createTestPlace();
  const ready = await launchApp({ place });
  const executable = await ready.app.evaluate(() => process.execPath);
  const env = await ready.app.evaluate(() => ({ ...process.env }) as Record<string, string>);
  await ready.close();
  const start = (changes: Record<string, string>) => {
    const child = spawn(executable, appArguments, {
      env: { ...env, ...changes },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let text = '';
    const running = new Promise<void>((resolve) =>
      child.stderr.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
        if (text.includes('is running')) resolve();
      }),
    );
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, running, ended, said: () => text };
  };
  try {
    const app = start({});
    await app.running;
    app.child.kill('SIGINT');
    expect(await app.ended).toBe(0);
    expect(app.said()).toBe(`Lanyard is running. Its data is in ${place.data}; Ctrl+C ends it.\n`);
    const refused = start({ LANYARD_HOME: 'relative' });
    expect(await refused.ended).toBe(1);
    expect(refused.said()).toContain('LANYARD_HOME is "relative", which is not an absolute path.');
  } finally {
    await place.remove();
  }
});

test('the window opens in the size it was left in', async () => {
  const place = await createTestPlace();
  try {
    const first = await launchApp({ place });
    await first.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 40, y: 30, width: 900, height: 640 }),
    );
    await first.close();
    const second = await launchApp({ place });
    const bounds = await second.app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.getBounds(),
    );
    await second.close();
    expect(bounds).toMatchObject({ width: 900, height: 640 });
  } finally {
    await place.remove();
  }
});
