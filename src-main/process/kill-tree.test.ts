import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import {
  describeTree,
  isAlive,
  killRecorded,
  killTree,
  type ProcessId,
  processStartTime,
} from './kill-tree.ts';
import { readProcessTable } from './process-table.ts';
import { spawnPiped } from './spawn-piped.ts';
import { spawnPty } from './spawn-pty.ts';
import type { ChildTransport } from './transport.ts';

let folder: string;
let started: ChildTransport[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-kill-'));
  started = [];
});
afterEach(async () => {
  for (const child of started) await killTree(child.pid, { graceMs: 0 });
  rmSync(folder, { recursive: true, force: true });
});

/**
 * Starts a Node script and waits until the whole tree has reported: `report(name)` prints the pid of the process that
 * calls it, `child(file, detached)` starts another script of `scripts` that reports through the same output.
 */
async function startTree(
  scripts: Record<string, string>,
  expected: string[],
  transport: 'pipe' | 'pty' = 'pipe',
): Promise<Map<string, ProcessId>> {
  const prelude = `
    const report = (name) => console.log('<' + name + ' ' + process.pid + '>');
    const child = (name, options = {}) =>
      require('node:child_process').spawn(process.execPath, [${JSON.stringify(folder)} + '/' + name + '.cjs'], { stdio: 'inherit', ...options });
    const stay = () => setInterval(() => {}, 1 << 30);
    const ignore = (...signals) => signals.forEach((signal) => process.on(signal, () => {}));
  `;
  for (const [name, source] of Object.entries(scripts)) {
    writeFileSync(join(folder, `${name}.cjs`), prelude + source);
  }
  const request = {
    file: process.execPath,
    args: [join(folder, 'root.cjs')],
    env: { PATH: process.env.PATH ?? '' },
    cwd: folder,
  };
  const root = transport === 'pipe' ? spawnPiped(request) : spawnPty(request, { columns: 200, rows: 50 });
  started.push(root);
  const pids = await reports(root, expected);
  const ids = new Map<string, ProcessId>();
  for (const [name, pid] of pids) {
    const startTime = await processStartTime(pid);
    if (startTime === null) throw new Error(`${name} has ended`);
    ids.set(name, { pid, startTime });
  }
  return ids;
}

function reports(child: ChildTransport, expected: string[]): Promise<Map<string, number>> {
  const pids = new Map<string, number>();
  let text = '';
  return new Promise((resolve) => {
    child.onOutput((bytes) => {
      text += Buffer.from(bytes).toString();
      for (const [, name, pid] of text.matchAll(/<(\w+) (\d+)>/g)) if (name) pids.set(name, Number(pid));
      if (expected.every((name) => pids.has(name))) resolve(pids);
    });
  });
}

function get(ids: Map<string, ProcessId>, name: string): ProcessId {
  const id = ids.get(name);
  if (!id) throw new Error(`no process ${name}`);
  return id;
}

async function aliveOf(ids: Map<string, ProcessId>): Promise<string[]> {
  const alive: string[] = [];
  for (const [name, id] of ids) if (await isAlive(id)) alive.push(name);
  return alive;
}

const threeLevels = {
  root: `report('root'); child('middle'); stay();`,
  middle: `report('middle'); child('leaf'); stay();`,
  leaf: `report('leaf'); stay();`,
};

describe('describeTree', () => {
  it('finds descendants, and not us or our other children', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    const other = spawn('/bin/sh', ['-c', 'read -r line'], { stdio: 'pipe' });
    try {
      const tree = await describeTree(get(ids, 'root').pid);
      const byPid = (a: ProcessId, b: ProcessId) => a.pid - b.pid;
      expect(tree.sort(byPid)).toEqual([...ids.values()].sort(byPid));
    } finally {
      other.stdin.end();
    }
  });

  it('finds members of the group whose parents have ended', async () => {
    const ids = await startTree(
      {
        root: `report('root'); child('middle'); stay();`,
        middle: `child('orphan').on('spawn', () => process.exit(0));`,
        orphan: `report('orphan'); stay();`,
      },
      ['root', 'orphan'],
    );
    const tree = await describeTree(get(ids, 'root').pid);
    expect(tree.map(({ pid }) => pid)).toContain(get(ids, 'orphan').pid);
  });

  it('finds the group of a root that has ended', async () => {
    const ids = await startTree(
      { root: `child('orphan').on('spawn', () => process.exit(0));`, orphan: `report('orphan'); stay();` },
      ['orphan'],
    );
    const rootPid = started[0]?.pid ?? 0;
    while ((await processStartTime(rootPid)) !== null);
    expect(await describeTree(rootPid)).toEqual([get(ids, 'orphan')]);
  });

  it('knows nothing of a pid that is not in use', async () => {
    const child = spawn('/bin/sh', ['-c', 'exit 0']);
    const { pid = 0 } = child;
    await new Promise((resolve) => child.on('exit', resolve));
    expect(await describeTree(pid)).toEqual([]);
    expect(await processStartTime(pid)).toBeNull();
  });

  it('a zombie counts as gone', async () => {
    execFileSync('mkfifo', [join(folder, 'fifo')]);
    // The shell starts a child, becomes a program that never collects it, and the child ends.
    const child = spawn('/bin/sh', ['-c', 'sh -c "echo \\$\\$; read -r line < fifo" & exec sleep 600'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const pid = await new Promise<number>((resolve) => {
        child.stdout.once('data', (bytes) => resolve(Number(String(bytes))));
      });
      const startTime = await processStartTime(pid);
      expect(startTime).not.toBeNull();
      writeFileSync(join(folder, 'fifo'), 'end\n');
      while ((await processStartTime(pid)) !== null);
      const row = (await readProcessTable()).get(pid);
      expect(row).toMatchObject({ zombie: true, startTime });
      expect(await isAlive({ pid, startTime: startTime ?? '' })).toBe(false);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('killTree', () => {
  it('S-9: ends a well-behaved tree at once, without waiting for the grace time', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    // A grace time longer than the test: only coming back early passes.
    expect(await killTree(get(ids, 'root').pid, { graceMs: 600_000 })).toEqual({ left: [] });
    expect(await aliveOf(ids)).toEqual([]);
  });

  it('S-9: is polite first', async () => {
    const ids = await startTree(
      {
        root: `process.on('SIGTERM', () => process.exit(0)); report('root'); stay();`,
      },
      ['root'],
    );
    const child = started[0];
    const exit = new Promise((resolve) => child?.onExit(resolve));
    await killTree(get(ids, 'root').pid, { graceMs: 600_000 });
    expect(await exit).toEqual({ code: 0, signal: null });
  });

  it.each(['pipe', 'pty'] as const)(
    'S-9: a tree behind a %s that ignores SIGTERM and SIGHUP is gone after the grace time',
    async (transport) => {
      const ids = await startTree(
        {
          root: `ignore('SIGTERM', 'SIGHUP', 'SIGINT'); child('leaf'); report('root'); stay();`,
          leaf: `ignore('SIGTERM', 'SIGHUP', 'SIGINT'); report('leaf'); stay();`,
        },
        ['root', 'leaf'],
        transport,
      );
      const begin = performance.now();
      expect(await killTree(get(ids, 'root').pid, { clock: systemClock, graceMs: 300 })).toEqual({
        left: [],
      });
      expect(await aliveOf(ids)).toEqual([]);
      expect(performance.now() - begin).toBeGreaterThan(290);
    },
  );

  it('S-9: a grandchild that left the group and ignores signals is killed too, also when its parent goes first', async () => {
    const ids = await startTree(
      {
        root: `report('root'); child('middle'); stay();`,
        middle: `report('middle'); child('escaped', { detached: true }).unref(); stay();`,
        escaped: `ignore('SIGTERM', 'SIGHUP'); report('escaped'); child('escapedChild'); stay();`,
        escapedChild: `ignore('SIGTERM', 'SIGHUP'); report('escapedChild'); stay();`,
      },
      ['root', 'middle', 'escaped', 'escapedChild'],
    );
    const table = await readProcessTable();
    expect(table.get(get(ids, 'escaped').pid)?.group).toBe(get(ids, 'escaped').pid);
    expect(await killTree(get(ids, 'root').pid, { graceMs: 200 })).toEqual({ left: [] });
    expect(await aliveOf(ids)).toEqual([]);
  });

  it('S-9: what the tree starts when it is told to end is killed as well', async () => {
    const ids = await startTree(
      {
        root: `
          ignore('SIGHUP');
          process.on('SIGTERM', () => { child('late', { detached: true }); child('lateInGroup'); });
          report('root'); stay();
        `,
        late: `ignore('SIGTERM', 'SIGHUP'); report('late'); stay();`,
        lateInGroup: `ignore('SIGTERM', 'SIGHUP'); report('lateInGroup'); stay();`,
      },
      ['root'],
    );
    const root = started[0];
    if (!root) throw new Error('not started');
    const late = reports(root, ['late', 'lateInGroup']);
    // The grace time ends when both are there, however slow the machine.
    const graceMs = 123_456;
    const clock: Clock = {
      now: systemClock.now,
      after: (delayMs, task) => {
        if (delayMs !== graceMs) return systemClock.after(delayMs, task);
        void late.then(task);
        return () => {};
      },
    };
    expect(await killTree(get(ids, 'root').pid, { clock, graceMs })).toEqual({ left: [] });
    const table = await readProcessTable();
    for (const pid of (await late).values()) expect(table.get(pid)?.zombie ?? true).toBe(true);
  });

  it('never touches us, pid 1, or what is no pid', async () => {
    for (const pid of [process.pid, 1, 0, -1, Number.NaN]) {
      expect(await killTree(pid, { graceMs: 0 })).toEqual({ left: [] });
    }
    expect(await processStartTime(1)).not.toBeNull();
  });

  it('leaves a process alone that has the pid of a root that has ended', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    const rootEnded = true;
    expect(await killTree(get(ids, 'root').pid, { rootEnded, graceMs: 0 })).toEqual({ left: [] });
    expect(await aliveOf(ids)).toEqual(['root', 'middle', 'leaf']);
  });

  it('leaves our own group alone when the root never left it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)']);
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1 << 30)']);
    const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)));
    try {
      await new Promise((resolve) => bystander.once('spawn', resolve));
      await killTree(child.pid ?? 0);
      expect(await ended).toBe('SIGTERM');
      expect(await processStartTime(bystander.pid ?? 0)).not.toBeNull();
    } finally {
      bystander.kill('SIGKILL');
    }
  });
});

describe('killRecorded', () => {
  it('S-9: ends the tree of a process that was recorded', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    expect(await killRecorded(get(ids, 'root'))).toEqual({ found: true, left: [] });
    expect(await aliveOf(ids)).toEqual([]);
  });

  it('leaves a process alone that merely has the pid now', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    const { pid, startTime } = get(ids, 'root');
    expect(await killRecorded({ pid, startTime: `${startTime}0` })).toEqual({ found: false, left: [] });
    expect(await aliveOf(ids)).toEqual(['root', 'middle', 'leaf']);
  });
});

describe('readProcessTable', () => {
  it('the way of macOS (ps) tells the same as /proc', async () => {
    const ids = await startTree(threeLevels, ['root', 'middle', 'leaf']);
    const [native, ps] = await Promise.all([readProcessTable(), readProcessTable('darwin')]);
    for (const { pid } of ids.values()) {
      const row = ps.get(pid);
      expect(row).toMatchObject({
        parent: native.get(pid)?.parent,
        group: native.get(pid)?.group,
        zombie: false,
      });
      expect(row?.startTime).toMatch(/^\w+ \w+ \d+ \d\d:\d\d:\d\d \d{4}$/);
    }
  });
});
