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
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../clock.ts';
import { killTree } from '../../process/kill-tree.ts';
import { ProgramFinder } from '../../process/program-finder.ts';
import { PipedCommandRunner } from '../../process/run-command.ts';
import { spawnPiped } from '../../process/spawn-piped.ts';
import { spawnPty } from '../../process/spawn-pty.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { Redactor } from '../../vault/redact.ts';
import { CliLogout } from './logout.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-logout-'));
  for (const name of ['bin', 'account']) mkdirSync(join(root, name));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function program(name: string, body: string): void {
  const file = join(root, 'bin', name);
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o700);
}

function run(changes: Partial<ProviderDefinition> = {}): Promise<'done' | 'none'> {
  const environment = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, HOME: root };
  const kill = (pid: number) => killTree(pid);
  const finder = new ProgramFinder({
    environment,
    homeDirectory: root,
    platform: process.platform,
    readLoginPath: async () => null,
  });
  const logout = new CliLogout({
    programs: {
      locate: (provider) => finder.find(provider.program.names),
      searchPath: () => finder.searchPath(),
    },
    parentEnvironment: environment,
    homeDirectory: root,
    platform: process.platform,
    clock: systemClock,
    runtimeDirectory: join(root, 'run'),
    redactor: new Redactor(),
    spawnPiped,
    spawnPty,
    killTree: kill,
    commands: new PipedCommandRunner(spawnPiped, kill, systemClock),
  });
  const definition = sampleDefinition();
  return logout.run(
    { ...definition, program: { ...definition.program, args: [] }, ...changes },
    join(root, 'account'),
  );
}

describe.skipIf(process.platform === 'win32')('a provider’s own logout (scripts for sh)', () => {
  it('X-8: runs in the account’s directory, and opens no browser', async () => {
    for (const opener of ['xdg-open', 'open', 'firefox']) program(opener, `echo "$0" >> '${root}/opened'`);
    program(
      'acme',
      `xdg-open https://acme.test/bye; open https://acme.test/bye; "$BROWSER" https://acme.test/bye
       echo "$1 $ACME_HOME $(pwd)" > '${root}/said'`,
    );
    expect(await run()).toBe('done');
    const directory = join(root, 'account');
    expect(readFileSync(join(root, 'said'), 'utf8')).toBe(`logout ${directory} ${directory}\n`);
    expect(existsSync(join(root, 'opened'))).toBe(false);
    expect(readdirSync(join(root, 'run'))).toEqual([]);
  });

  it('I-11: one that fails says so, and leaves nothing of its own behind', async () => {
    program('acme', 'exit 7');
    await expect(run()).rejects.toMatchObject({ failure: { code: 'logout_failed', detail: 'Exit code 7' } });
    expect(readdirSync(join(root, 'run'))).toEqual([]);
  });

  it('there is none to run where the provider has none', async () => {
    expect(await run({ logout: { args: null } })).toBe('none');
    expect(await run({ logout: null })).toBe('none');
  });
});
