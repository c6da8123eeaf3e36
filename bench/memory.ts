import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { processTreeOf } from '../e2e/support/process-list.ts';
import { ensureElectron } from '../scripts/electron-runtime.mjs';
import { type AppProcess, apps, startApp } from './app-process.ts';
import { type Figure, megabytes, middleAndSpread, ratio } from './figure.ts';
import { median } from './statistics.ts';

const aim = 1.15;
const rounds = 5;
/** An app counts as idle when its memory moved by less than this between two looks. */
const steadyShare = 0.005;
const lookEveryMs = 1_000;
const settleLimitMs = 30_000;

const hasContent = `new Promise((resolve) => {
  const look = () => (document.querySelector('main h1, main h2') ? resolve(true) : setTimeout(look, 50));
  look();
})`;

/** Kilobytes of one process's memory: its own and its share of what it shares (PSS). 0 when it has just ended. */
function memoryOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(text)?.[1];
    if (kilobytes === undefined) throw new Error(`the memory of process ${pid} cannot be read`);
    return Number(kilobytes);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return 0;
    throw error;
  }
}

/** What a process of Chromium is: `main`, `renderer`, `gpu-process`, `utility`, `zygote`. */
function kindOf(commandLine: readonly string[]): string {
  // Chromium's own processes show their arguments as one text.
  return / --type=(\S+)/.exec(commandLine.join(' '))?.[1] ?? 'main';
}

/** Megabytes by kind of process. */
type Memory = Record<string, number>;

function memoryOfTree(root: number): Memory {
  const memory: Memory = {};
  for (const listed of processTreeOf(root)) {
    const kind = kindOf(listed.arguments);
    memory[kind] = (memory[kind] ?? 0) + memoryOf(listed.pid) / 1024;
  }
  return memory;
}

const sum = (memory: Memory) => Object.values(memory).reduce((total, part) => total + part, 0);

/**
 * A copy of the runtime that nobody else runs: processes of the same files share their pages, so every other program on
 * this Electron would lower what is measured.
 */
async function copyRuntime(): Promise<{ executable: string; remove: () => Promise<void> }> {
  const { executable, directory } = await ensureElectron();
  const root = await mkdtemp(join(tmpdir(), 'lanyard-bench-'));
  const remove = () => rm(root, { recursive: true, force: true });
  try {
    await cp(directory, root, { recursive: true, verbatimSymlinks: true });
  } catch (error) {
    await remove();
    throw error;
  }
  return { executable: join(root, relative(directory, executable)), remove };
}

/** Memory of the app once its page is there and nothing moves any more. */
async function measureOnce(directory: string, executable: string): Promise<Memory> {
  let app: AppProcess | null = null;
  try {
    app = await startApp(directory, executable);
    await app.evaluate(hasContent);
    let steady = 0;
    let memory = memoryOfTree(app.pid);
    for (const deadline = performance.now() + settleLimitMs; steady < 3 && performance.now() < deadline; ) {
      await wait(lookEveryMs);
      const now = memoryOfTree(app.pid);
      steady = Math.abs(sum(now) - sum(memory)) < steadyShare * sum(memory) ? steady + 1 : 0;
      memory = now;
    }
    return memory;
  } finally {
    await app?.close();
  }
}

/** Memory of all processes of the app, idle, against that of a bare window on the same runtime. Linux only. */
export async function measureMemory(say: (text: string) => void): Promise<Figure[]> {
  if (process.platform !== 'linux')
    throw new Error('memory can be measured on Linux only: it is read from /proc');
  const measured = { app: [] as Memory[], bare: [] as Memory[] };
  const runtime = await copyRuntime();
  try {
    for (let round = 1; round <= rounds; round++) {
      say(`memory: round ${round} of ${rounds}`);
      for (const name of round % 2 === 0 ? (['app', 'bare'] as const) : (['bare', 'app'] as const)) {
        measured[name].push(await measureOnce(apps[name], runtime.executable));
      }
    }
  } finally {
    await runtime.remove();
  }
  const totals = { app: measured.app.map(sum), bare: measured.bare.map(sum) };
  const value = median(totals.app) / median(totals.bare);
  const kinds = [
    ...new Set([...measured.app, ...measured.bare].flatMap((memory) => Object.keys(memory))),
  ].sort();
  const byKind = (list: Memory[], kind: string) => median(list.map((memory) => memory[kind] ?? 0)).toFixed(0);
  return [
    {
      name: 'memory',
      value: ratio(value),
      aim: `<= ${ratio(aim)}`,
      met: value <= aim,
      detail: `${middleAndSpread(totals.app, megabytes)} against ${middleAndSpread(totals.bare, megabytes)}`,
    },
    ...kinds.map((kind) => ({
      name: `  ${kind}`,
      value: '',
      aim: null,
      met: null,
      detail: `${byKind(measured.app, kind)} MB against ${byKind(measured.bare, kind)} MB`,
    })),
  ];
}
