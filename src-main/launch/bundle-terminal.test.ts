import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../journal/audit.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { isAlive, killRecorded, processStartTime } from '../process/kill-tree.ts';
import { ProgramFinder } from '../process/program-finder.ts';
import { Secret } from '../vault/secret.ts';
import { openBundleTerminal } from './bundle-terminal.ts';
import type { PreparedLaunch } from './launch-preparation.ts';
import type { RunningProgram } from './running.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-bundle-terminal-'));
  mkdirSync(join(root, 'bin'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function program(name: string, body: string): void {
  const file = join(root, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o700);
}

/** What is in a file, as soon as it is there. */
function written(file: string): Promise<string> {
  return new Promise((resolve) => {
    const check = () => {
      if (!existsSync(file)) return;
      watcher.close();
      resolve(readFileSync(file, 'utf8'));
    };
    const watcher = watch(root, check);
    check();
  });
}

describe.runIf(process.platform === 'linux')('openBundleTerminal', () => {
  it.each([
    // A terminal of one's own, and one whose server starts the shell with another environment.
    ['xterm', 'while [ "$1" != -e ]; do shift; done; shift; exec "$@"'],
    ['gnome-terminal', 'while [ "$1" != -- ]; do shift; done; shift; env -i "$@" & exit 0'],
  ])(
    'R-3: the shell in %s is known by its process, with its keys, and the trail says which',
    async (name, body) => {
      program(name, body);
      // The person's shell: says who it is and what it got, the last line first written when all is there.
      program(
        'shell',
        `echo "$$ $LANYARD_BUNDLE $ACME_TOKEN" > '${root}/part'; mv '${root}/part' '${root}/said'; exec sleep 60`,
      );
      const recorded: AuditEvent[] = [];
      const env = { PATH: '/usr/bin:/bin', SHELL: join(root, 'bin', 'shell'), LANYARD_BUNDLE: 'Work' };
      const bundle = { id: 'work', name: 'Work', description: '', colour: '', createdAt: 0, updatedAt: 0 };
      const prepared: PreparedLaunch = {
        bundle: { ...bundle, blank: false, accounts: [] },
        env,
        secrets: { ACME_TOKEN: new Secret('ak-of-work') },
        leftOut: [],
      };
      const finder = new ProgramFinder({
        environment: { PATH: `${join(root, 'bin')}:/usr/bin:/bin` },
        homeDirectory: root,
        platform: 'linux',
        readLoginPath: async () => null,
      });
      const only = async (names: string[]) =>
        finder.find(names.filter((each) => each.includes('mkfifo') || each === name));
      const added = new Promise<RunningProgram>((resolve, reject) => {
        openBundleTerminal('work', {
          preparation: { of: async () => prepared },
          finder: { find: only },
          homeDirectory: root,
          platform: 'linux',
          runtimeDirectory: join(root, 'run'),
          clock: new ManualClock(7),
          running: { add: resolve },
          processStartTime,
          audit: { record: (event) => recorded.push(event) },
          newId: () => 'id',
        }).catch(reject);
      });
      const found = await added;
      try {
        expect(found).toMatchObject({
          id: 'id',
          bundleId: 'work',
          command: 'shell',
          since: 7,
          origin: 'terminal',
        });
        expect(await isAlive(found)).toBe(true);
        expect(recorded).toEqual([
          { kind: 'launch.started', bundleId: 'work', detail: { where: 'terminal', program: 'shell' } },
        ]);
        expect(await written(join(root, 'said'))).toBe(`${found.pid} Work ak-of-work\n`);
      } finally {
        await killRecorded(found);
      }
    },
  );
});
