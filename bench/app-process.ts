import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { processTreeOf } from '../e2e/support/process-list.ts';
import { createTestPlace, projectRoot } from '../e2e/support/test-place.ts';
import { ensureElectron } from '../scripts/electron-runtime.mjs';

/** The two programs that are compared. */
export const apps = {
  app: projectRoot,
  bare: join(import.meta.dirname, 'bare-electron'),
} as const;

const startLimitMs = 30_000;
const endLimitMs = 5_000;

/** An Electron app that was started as a person's desktop starts it, but with a home of its own. */
export interface AppProcess {
  pid: number;
  /** Milliseconds since the Unix epoch, just before the process was made. */
  spawnedAt: number;
  /** Runs an expression in the first window, awaits its promise, and returns its value, which must be JSON. */
  evaluate(expression: string): Promise<unknown>;
  /** Ends the app and all its processes, and removes its home. */
  close(): Promise<void>;
}

/**
 * Starts an app without a debugger or a test driver on it. The port for DevTools is open, and used only by `evaluate`,
 * so nothing listens in while the app starts.
 * @param executable the Electron to use; that of `npm start` when absent
 */
export async function startApp(directory: string, executable?: string): Promise<AppProcess> {
  const file = executable ?? (await ensureElectron()).executable;
  const place = await createTestPlace();
  const inherited = ['DISPLAY', 'XAUTHORITY', 'XDG_RUNTIME_DIR', 'USER', 'LOGNAME', 'LANG', 'TZ'];
  const env = Object.fromEntries(
    inherited.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
  );
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const spawnedAt = performance.timeOrigin + performance.now();
  const child = spawn(file, [directory, ...sandbox, '--remote-debugging-port=0'], {
    cwd: place.home,
    env: {
      ...env,
      HOME: place.home,
      LANYARD_HOME: place.data,
      SHELL: existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh',
      PATH: '/usr/local/bin:/usr/bin:/bin',
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const close = async () => {
    await endTree(child);
    await place.remove();
  };
  try {
    const port = await devToolsPort(child);
    return { pid: child.pid ?? 0, spawnedAt, evaluate: (expression) => evaluate(port, expression), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Chromium writes the port that it chose on stderr. */
function devToolsPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`the app did not start; it wrote:\n${text}`)),
      startLimitMs,
    );
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`the app ended with exit code ${code}; it wrote:\n${text}`)),
    );
    child.stderr?.setEncoding('utf8').on('data', (more: string) => {
      if (text.length < 65_536) text += more;
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(text)?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      resolve(Number(port));
    });
  });
}

interface Target {
  type: string;
  url: string;
  webSocketDebuggerUrl: string;
}

/** Tries again while the window is still on its way to its page. */
async function evaluate(port: number, expression: string): Promise<unknown> {
  for (const deadline = performance.now() + startLimitMs; ; await wait(200)) {
    const answer = await evaluateOnce(port, expression);
    if (answer.result && !answer.result.exceptionDetails) return answer.result.result?.value;
    if (performance.now() > deadline) throw new Error(`the window refused: ${JSON.stringify(answer)}`);
  }
}

interface Answer {
  result?: { result?: { value?: unknown }; exceptionDetails?: unknown };
}

async function evaluateOnce(port: number, expression: string): Promise<Answer> {
  const socket = new WebSocket(await pageSocket(port));
  try {
    return await new Promise<Answer>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the window did not answer')), startLimitMs);
      socket.onerror = () => reject(new Error('the window could not be reached'));
      socket.onopen = () =>
        socket.send(
          JSON.stringify({
            id: 1,
            method: 'Runtime.evaluate',
            params: { expression, awaitPromise: true, returnByValue: true },
          }),
        );
      socket.onmessage = ({ data }) => {
        clearTimeout(timer);
        resolve(JSON.parse(String(data)));
      };
    });
  } finally {
    socket.close();
  }
}

async function pageSocket(port: number): Promise<string> {
  for (const deadline = performance.now() + startLimitMs; performance.now() < deadline; await wait(100)) {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Target[];
    const page = targets.find(({ type, url }) => type === 'page' && url !== '' && url !== 'about:blank');
    if (page) return page.webSocketDebuggerUrl;
  }
  throw new Error('the app opened no window');
}

/** Asks the process to quit, then kills it and what it started. */
async function endTree(child: ChildProcess): Promise<void> {
  const { pid } = child;
  if (pid === undefined) return;
  const tree = processTreeOf(pid).map((listed) => listed.pid);
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
    await gone;
    clearTimeout(impatience);
  }
  for (const left of processTreeOf(pid)) if (tree.includes(left.pid)) tryKill(left.pid);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
