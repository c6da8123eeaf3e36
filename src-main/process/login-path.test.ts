import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it as vitestIt } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { processStartTime } from './kill-tree.ts';
import { readLoginPath } from './login-path.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lanyard-login-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const environment = () => ({ HOME: home, PATH: '/usr/bin:/bin', ENV: join(home, '.shrc'), ZDOTDIR: home });
const write = (name: string, text: string) => writeFileSync(join(home, name), text);

const shells = [
  { shell: '/bin/bash', profile: '.bash_profile' },
  { shell: '/bin/zsh', profile: '.zprofile' },
  { shell: '/bin/dash', profile: '.profile' },
  { shell: '/bin/sh', profile: '.profile' },
].map((each) => {
  const here = existsSync(each.shell);
  return { ...each, here, title: here ? each.shell : `${each.shell} (skipped: not installed here)` };
});

describe.for(shells)('$title', ({ shell, profile, here }) => {
  const it = here ? vitestIt : vitestIt.skip;

  it('X-6: tells the PATH that the profile sets up', async () => {
    write(profile, 'export PATH="/from profile/bin:$PATH"\n');
    expect(await readLoginPath(shell, environment())).toMatch(/^\/from profile\/bin:(.*:)?\/usr\/bin/);
  });

  it('X-6: is not disturbed by a profile that prints, traces, and takes printf for itself', async () => {
    write(
      profile,
      'echo welcome; echo oops >&2; printf "no newline"; printf() { echo mine; }; export PATH="/noisy:$PATH"; set -x\n',
    );
    expect(await readLoginPath(shell, environment())).toMatch(/^\/noisy:/);
  });

  it('X-6: a profile that reads input gets none instead of waiting', async () => {
    write(profile, 'read -r answer; export PATH="/after:$PATH"\n');
    expect(await readLoginPath(shell, environment())).toMatch(/^\/after:/);
  });

  it('X-6: a profile that ends the shell is a failure, not an error', async () => {
    write(profile, 'exit 0\n');
    expect(await readLoginPath(shell, environment())).toBeNull();
  });

  it('X-6: a profile that hangs is given 5 s and is killed', async () => {
    write(profile, 'trap "" TERM HUP\necho $$ > "$HOME/started"\nwhile :; do sleep 600; done\n');
    const clock = new ManualClock();
    const started = appears(join(home, 'started'));
    const path = readLoginPath(shell, environment(), { clock });
    const pid = Number(await started);
    clock.advance(4999);
    expect(await processStartTime(pid)).not.toBeNull();
    clock.advance(1);
    expect(await path).toBeNull();
    while ((await processStartTime(pid)) !== null);
  });
});

describe('fish', () => {
  const fish = '/usr/bin/fish';
  const here = existsSync(fish);

  vitestIt.skipIf(!here)(
    `X-6: its PATH is a list${here ? '' : ' (skipped: not installed here)'}`,
    async () => {
      mkdirSync(join(home, '.config', 'fish'), { recursive: true });
      write('.config/fish/config.fish', 'echo welcome\nset -x PATH "/from fish/bin" $PATH\n');
      expect(await readLoginPath(fish, environment())).toMatch(/^\/from fish\/bin:(.*:)?\/usr\/bin/);
    },
  );
});

describe('bash, as an interactive shell', () => {
  const bash = '/bin/bash';

  vitestIt('X-6: counts the rc file of interactive shells', async () => {
    write('.bash_profile', '. "$HOME/.bashrc"\n');
    write('.bashrc', 'case $- in *i*) ;; *) return;; esac\nexport PATH="/interactive:$PATH"\n');
    expect(await readLoginPath(bash, environment())).toMatch(/^\/interactive:/);
  });

  vitestIt('X-6: is not waited for when the rc file leaves something running', async () => {
    write('.bash_profile', 'sleep 600 & echo $! > "$HOME/agent"\nexport PATH="/agent:$PATH"\n');
    expect(await readLoginPath(bash, environment())).toMatch(/^\/agent:/);
    const agent = Number(readFileSync(join(home, 'agent'), 'utf8'));
    expect(await processStartTime(agent)).not.toBeNull();
    process.kill(agent, 'SIGKILL');
  });
});

describe('anything else', () => {
  vitestIt('X-6: an unknown, missing or relative shell is null and is not run', async () => {
    symlinkSync('/bin/sh', join(home, 'nu'));
    expect(await readLoginPath(join(home, 'nu'), environment())).toBeNull();
    expect(await readLoginPath(join(home, 'bash'), environment())).toBeNull();
    expect(await readLoginPath('bash', environment())).toBeNull();
    expect(await readLoginPath(undefined, environment())).toBeNull();
  });
});

/** The text of a file once it is there and has a whole line. */
function appears(path: string): Promise<string> {
  return new Promise((resolve) => {
    const watcher = watch(home, () => {
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      if (!text.endsWith('\n')) return;
      watcher.close();
      resolve(text);
    });
  });
}
