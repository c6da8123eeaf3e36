import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { AuditEvent } from '../journal/audit.ts';
import { describeTree, isAlive, killTree, processStartTime } from '../process/kill-tree.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { Secret } from '../vault/secret.ts';
import type { PreparedLaunch } from './launch-preparation.ts';
import { Running } from './running.ts';
import { TerminalTabs } from './terminal-tabs.ts';

const size = { columns: 80, rows: 24 };
const bash = '/bin/bash';
const hasBash = existsSync(bash);
if (!hasBash) process.stderr.write('terminal tabs: left out, this machine has no /bin/bash\n');

let home: string;
let scene: ReturnType<typeof createScene>;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lanyard-tabs-'));
  scene = createScene();
});
afterEach(async () => {
  await scene.tabs.stop();
  scene.running.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Tabs with real shells, as the bundle Work, whose one account has a directory and whose other one a key. */
function createScene() {
  const said = new Map<string, Buffer>();
  const waiting = new Set<() => void>();
  const recorded: AuditEvent[] = [];
  const running = new Running({ isAlive, clock: systemClock });
  let refusal: LanyardError | null = null;
  let count = 0;
  const wake = () => {
    for (const each of [...waiting]) each();
  };
  const tabs: TerminalTabs = new TerminalTabs({
    cloudRuns: { started: async () => {}, ended: () => {} },
    preparation: {
      of: async (bundleId): Promise<PreparedLaunch> => {
        if (refusal) throw refusal;
        return {
          bundle: {
            id: bundleId,
            name: 'Work',
            description: '',
            colour: '#0b6e6e',
            createdAt: 0,
            updatedAt: 0,
            blank: false,
            accounts: [],
          },
          env: {
            PATH: process.env.PATH ?? '/usr/bin:/bin',
            HOME: home,
            SHELL: bash,
            TERM: 'xterm-256color',
            LANG: 'C.UTF-8',
            CODEX_HOME: '/accounts/1/1',
            LANYARD_BUNDLE: 'Work',
          },
          secrets: { ACME_TOKEN: new Secret('ak-of-work') },
          leftOut: ['OPENAI_API_KEY'],
        };
      },
    },
    spawnPty,
    killTree,
    describeTree,
    processStartTime,
    running,
    audit: { record: (event) => recorded.push(event) },
    clock: systemClock,
    newId: () => `tab-${++count}`,
    homeDirectory: home,
    platform: process.platform,
    onOutput: (tabId, from, bytes) => {
      const before = said.get(tabId) ?? Buffer.alloc(0);
      expect(from).toBe(before.length);
      said.set(tabId, Buffer.concat([before, bytes]));
      tabs.read(tabId, from + bytes.length);
      wake();
    },
    onChanged: wake,
  });
  /** Resolves when it is true; looked at whenever something comes. */
  const until = (isTrue: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = () => {
        if (!isTrue()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  const text = (tabId: string) => said.get(tabId)?.toString() ?? '';
  /** Opens a tab that a window watches from its first byte on. */
  const open = async (command: string | null) => {
    const tab = await tabs.open({ bundleId: 'work', command, ...size });
    const { bytes, end } = tabs.attach(tab.tabId);
    expect(bytes.length).toBe(end);
    said.set(tab.tabId, Buffer.from(bytes));
    wake();
    return tab.tabId;
  };
  const view = (tabId: string) => tabs.list().find((tab) => tab.tabId === tabId);
  const ended = async (tabId: string) => {
    await until(() => view(tabId)?.status === 'ended');
    return view(tabId)?.exit;
  };
  return {
    tabs,
    running,
    recorded,
    open,
    until,
    ended,
    view,
    text,
    bytes: (tabId: string) => said.get(tabId) ?? Buffer.alloc(0),
    says: (tabId: string, wanted: string) => until(() => text(tabId).includes(wanted)),
    refuse: (error: LanyardError | null) => {
      refusal = error;
    },
  };
}

describe.runIf(hasBash)('terminal tabs', () => {
  it('R-1: the environment is the bundle’s, its secrets and nothing else of ours or of the app’s', async () => {
    const tab = await scene.open(`env -0; printf 'END'`);
    await scene.says(tab, 'END');
    const lines = scene.text(tab).split('END')[0]?.split('\0').filter(Boolean) ?? [];
    const found = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    // What every bash sets for whatever it starts.
    const { _, PWD, OLDPWD: __, SHLVL, ...rest } = found;
    expect(PWD).toBe(home);
    expect(SHLVL).toBe('1');
    expect(rest).toEqual({
      PATH: process.env.PATH ?? '/usr/bin:/bin',
      HOME: home,
      SHELL: bash,
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      LANG: 'C.UTF-8',
      CODEX_HOME: '/accounts/1/1',
      LANYARD_BUNDLE: 'Work',
      ACME_TOKEN: 'ak-of-work',
    });
  });

  it('R-1: no secret is in a command line of the tree, in the view, in the list or in the trail', async () => {
    const tab = await scene.open('sleep 60 & echo ready; wait');
    await scene.says(tab, 'ready');
    const [program] = scene.running.list();
    const tree = await describeTree(program?.pid ?? 0);
    expect(tree.length).toBeGreaterThan(1);
    const lines = execFileSync('ps', ['-o', 'args=', '-p', tree.map(({ pid }) => pid).join(',')], {
      encoding: 'utf8',
    });
    expect(lines).toContain('sleep 60');
    expect(lines).not.toContain('ak-of-work');
    expect(JSON.stringify([scene.tabs.list(), scene.running.list(), scene.recorded])).not.toContain(
      'ak-of-work',
    );
    expect(scene.view(tab)).toMatchObject({
      bundleName: 'Work',
      colour: '#0b6e6e',
      shell: 'bash',
      leftOut: ['OPENAI_API_KEY'],
    });
  });

  it('R-2: an account that needs its person stops the launch: nothing runs, no tab is there', async () => {
    scene.refuse(
      new LanyardError({
        code: 'account_needs_sign_in',
        title: 'Codex needs a new sign-in.',
        hint: 'Reconnect.',
      }),
    );
    await expect(scene.open(null)).rejects.toMatchObject({ failure: { code: 'account_needs_sign_in' } });
    expect(scene.tabs.list()).toEqual([]);
    expect(scene.running.list()).toEqual([]);
    expect(scene.recorded).toEqual([]);
  });

  it('the program has the size of the window, also when that changes', async () => {
    const tab = await scene.open(null);
    scene.tabs.write(tab, 'stty size\r');
    await scene.says(tab, '24 80');
    scene.tabs.resize(tab, { columns: 123, rows: 45 });
    scene.tabs.write(tab, 'stty size\r');
    await scene.says(tab, '45 123');
  });

  it('Ctrl-C ends the program and not the shell', async () => {
    const tab = await scene.open(null);
    scene.tabs.write(tab, 'echo be""gins; sleep 60\r');
    await scene.says(tab, 'begins');
    expect(await scene.tabs.isBusy(tab)).toBe(true);
    scene.tabs.write(tab, '\x03');
    scene.tabs.write(tab, 'echo "exit was $?"\r');
    await scene.says(tab, 'exit was 130');
    expect(scene.view(tab)?.status).toBe('running');
    expect(await scene.tabs.isBusy(tab)).toBe(false);
  });

  it('exit code 7 stays 7, a signal is named, and the list of what runs follows', async () => {
    const tab = await scene.open('exit 7');
    expect(await scene.ended(tab)).toEqual({ code: 7, signal: null });
    const killed = await scene.open('kill -KILL $$');
    expect(await scene.ended(killed)).toEqual({ code: null, signal: 'SIGKILL' });
    expect(scene.running.list()).toEqual([]);
    expect(
      scene.recorded.map(({ kind, bundleId, detail }) => [kind, bundleId, detail?.code ?? detail?.signal]),
    ).toEqual([
      ['launch.started', 'work', undefined],
      ['launch.ended', 'work', 7],
      ['launch.started', 'work', undefined],
      ['launch.ended', 'work', 'SIGKILL'],
    ]);
    // The line may hold a secret.
    expect(JSON.stringify(scene.recorded)).not.toContain('kill');
    expect(await scene.tabs.isBusy(tab)).toBe(false);
  });

  it('every byte arrives as it was written', async () => {
    const all = `for ((i = 0; i < 256; i++)); do printf "\\\\x$(printf %x $i)"; done`;
    const tab = await scene.open(`stty raw; ${all}`);
    await scene.ended(tab);
    expect([...scene.bytes(tab).subarray(-256)]).toEqual(Array.from({ length: 256 }, (_, byte) => byte));
  });

  it('a flood of output arrives whole and in order', async () => {
    const tab = await scene.open('seq 1 300000');
    await scene.ended(tab);
    const lines = scene.text(tab).trim().split('\r\n');
    expect(lines.length).toBe(300_000);
    expect(lines.at(-1)).toBe('300000');
  });

  it('a paste of a megabyte arrives whole', async () => {
    const tab = await scene.open(`stty raw -echo; printf ready; head -c 1048576 | md5sum`);
    await scene.says(tab, 'ready');
    scene.tabs.write(tab, 'é'.repeat(524_288));
    await scene.ended(tab);
    const expected = execFileSync('md5sum', { input: 'é'.repeat(524_288), encoding: 'utf8' }).slice(0, 32);
    expect(scene.text(tab)).toContain(expected);
  });

  it('a full-screen program gets keys, paints the other screen and leaves it as it was', async () => {
    const tab = await scene.open(`printf 'one\\ntwo\\nthree\\n' | less -+F -+X; echo "less was $?"`);
    await scene.says(tab, '(END)');
    expect(scene.text(tab)).toContain('\x1b[?1049h');
    scene.tabs.write(tab, 'q');
    await scene.says(tab, 'less was 0');
    expect(scene.text(tab)).toContain('\x1b[?1049l');
  });

  it('R-3: closing a tab ends its whole tree, also what ignores the polite signal and what left the group', async () => {
    const tab = await scene.open(
      `trap '' HUP TERM; setsid -w sleep 61 & (trap '' HUP; exec sleep 62) & echo rea""dy; wait; sleep 63`,
    );
    await scene.says(tab, 'ready');
    const [program] = scene.running.list();
    expect(program).toMatchObject({ id: tab, bundleId: 'work', origin: 'tab' });
    const tree = await describeTree(program?.pid ?? 0);
    expect(tree.length).toBeGreaterThanOrEqual(3);
    await scene.tabs.close(tab);
    expect(await Promise.all(tree.map(isAlive))).toEqual(tree.map(() => false));
    expect(scene.tabs.list()).toEqual([]);
    expect(scene.running.list()).toEqual([]);
    expect(() => scene.tabs.attach(tab)).toThrow(LanyardError);
  });

  it('R-3: restarting ends what runs and starts it with the accounts as they are now, in the same tab', async () => {
    const tab = await scene.open('echo "pid $$"; sleep 60');
    await scene.says(tab, 'pid ');
    const [before] = scene.running.list();
    await scene.tabs.restart(tab);
    await scene.until(() => scene.text(tab).match(/pid \d/g)?.length === 2);
    const [now] = scene.running.list();
    expect(now).toMatchObject({ id: tab, command: 'echo "pid $$"; sleep 60' });
    expect(now?.pid).not.toBe(before?.pid);
    expect(before && (await isAlive(before))).toBe(false);
    expect(scene.view(tab)?.status).toBe('running');
    // What may not start leaves what runs alone.
    scene.refuse(
      new LanyardError({ code: 'unexpected_person', title: 'Somebody else.', hint: 'Reconnect.' }),
    );
    await expect(scene.tabs.restart(tab)).rejects.toMatchObject({ failure: { code: 'unexpected_person' } });
    expect(now && (await isAlive(now))).toBe(true);
  });

  it('a window that comes later finds what was said', async () => {
    const tab = await scene.open('echo before; read -r _; echo after; sleep 60');
    await scene.says(tab, 'before');
    const again = scene.tabs.attach(tab);
    expect(Buffer.from(again.bytes).toString()).toBe('before\r\n');
    expect(again.end).toBe('before\r\n'.length);
    scene.tabs.write(tab, '\r');
    await scene.says(tab, 'after');
  });
});
