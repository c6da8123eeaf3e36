import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { identitiesIn, MemoryStoreFile } from '../identities/identities.fixture.ts';
import type { ShellVariables } from '../launch/shell-preparation.ts';
import { Secret } from '../vault/secret.ts';
import { builtCommand, CommandScene, temporaryDirectory } from './command.fixture.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { directoryCommand, HookRevision } from './hook.ts';
import { trustCommand } from './small-commands.ts';

const shells = {
  bash: { args: ['--norc', '--noprofile'], load: 'eval "$(lanyard hook bash)"' },
  zsh: { args: ['-f'], load: 'eval "$(lanyard hook zsh)"' },
  fish: { args: ['--no-config'], load: 'lanyard hook fish | source' },
} as const;
type Shell = keyof typeof shells;

const hostile = `it's "so" \`x\` $HOME \\ (end)`;

/** A house with two identities, and shells in whose directories there are `.lanyard` files. */
async function hooked(shell: Shell, served = true) {
  const root = realpathSync(temporaryDirectory());
  const { identities } = identitiesIn(join(root, 'identities'), new MemoryStoreFile());
  const client = identities.createBundle(hostile);
  for (const { id } of [identities.createBundle('Work'), client])
    await identities.open('codex', true, id, `session-${id}`).save({ email: 'ada@example.com' });
  identities.createBundle('Empty');
  let trust: unknown = null;
  const revision = new HookRevision(join(root, 'revision'));
  const changed = () => revision.changed();
  const directories = new DirectoryScopes(
    {
      read: () => trust,
      write: (value) => {
        trust = value;
      },
    },
    changed,
  );
  const calls: string[] = [];
  const state = { failure: null as LanyardError | null, asksFirst: false };
  const variables = (bundleId: string, home: string, keys: boolean): ShellVariables => {
    const { name } = identities.bundle(bundleId);
    return {
      env: { LANYARD_BUNDLE: name, CODEX_HOME: home, PATH: '/elsewhere' },
      secrets: keys ? { ACME_KEY: new Secret("k'1") } : {},
      leftOut: ['OPENAI_API_KEY', 'CODEX_HOME'],
      withheld: [],
    };
  };
  const noLogin = join(root, 'no-login');
  const command = directoryCommand({
    identities,
    directories,
    revision,
    asksFirst: () => state.asksFirst,
    shell: {
      open: async (bundleId, _parent, keys) => {
        calls.push(identities.bundle(bundleId).name);
        if (state.failure) throw state.failure;
        return variables(bundleId, `/accounts/${identities.bundle(bundleId).name}`, keys);
      },
      closed: async (bundleId) => {
        mkdirSync(noLogin, { recursive: true });
        return variables(bundleId, noLogin, false);
      },
    },
  });
  const data = join(root, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (served) await CommandScene.open([command, trustCommand({ directories, identities })], { data });
  const bin = join(root, 'bin');
  mkdirSync(bin);
  symlinkSync(builtCommand(), join(bin, 'lanyard'));
  // Says which login it would use, as `codex login status` does, and what else concerns it.
  writeFileSync(
    join(bin, 'codex'),
    `#!/bin/sh\necho "codex: \${CODEX_HOME-machine} \${OPENAI_API_KEY-none} \${LANYARD_BUNDLE-nobody} \${ACME_KEY-keyless}"\n`,
  );
  chmodSync(join(bin, 'codex'), 0o755);
  const folder = (name: string, identity?: string) => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    if (identity !== undefined) writeFileSync(join(path, '.lanyard'), `${identity}\n`);
    return path;
  };
  const { args, load } = shells[shell];
  /** Runs a script with the hook in a real shell; q quotes what it names. */
  const run = (script: string, env: Record<string, string> = {}) =>
    new Promise<{ out: string; err: string; code: number }>((resolve) => {
      execFile(
        shell,
        [...args, '-c', `${load}\n${script}`],
        {
          cwd: root,
          env: { PATH: `${bin}:/usr/bin:/bin`, HOME: root, LANYARD_HOME: data, DISPLAY: ':none', ...env },
        },
        (error, out, err) => resolve({ out, err, code: typeof error?.code === 'number' ? error.code : 0 }),
      );
    });
  return { root, run, folder, directories, identities, client, calls, state, changed, noLogin, data };
}

/** For bash, zsh and fish alike. */
function q(text: string): string {
  return text
    .split(/(['\\\n])/)
    .map((part) => (part === "'" || part === '\\' ? `\\${part}` : part === '' ? '' : `'${part}'`))
    .join('');
}

const has = (program: string) => spawnSync(program, ['--version']).status === 0;

describe.each(['bash', 'zsh', 'fish'] as const)('lanyard hook %s', { timeout: 20_000 }, (shell) => {
  const test: (name: string, run: () => Promise<void>) => void = (name, run) =>
    it(`R-5: ${name}`, async (context) => {
      if (!has(shell)) return context.skip(`${shell} is not installed: apt-get install ${shell}`);
      await run();
    });

  test('a trusted file holds below its directory, the nearest one wins, and outside everything is as before', async () => {
    const { run, folder, directories } = await hooked(shell);
    const work = folder('a place', 'Work');
    folder('a place/deep/er');
    const inner = folder('a place/inner', hostile);
    const out = folder('out');
    for (const each of [work, inner]) await directories.trust(each);
    const lines = [
      'codex',
      `cd ${q(join(work, 'deep', 'er'))}; codex`,
      `cd ${q(inner)}; codex`,
      `cd ..; codex`,
      `cd ${q(out)}; codex`,
      `cd -; codex`,
      `cd ${q(out)}; codex`,
    ];
    const machine = 'codex: /mine sk-mine nobody keyless';
    const asWork = 'codex: /accounts/Work none Work keyless';
    const { out: text, err } = await run(lines.join('\n'), {
      CODEX_HOME: '/mine',
      OPENAI_API_KEY: 'sk-mine',
    });
    expect(text.split('\n').filter((line) => line.startsWith('codex'))).toEqual([
      machine,
      asWork,
      `codex: /accounts/${hostile} none ${hostile} keyless`,
      asWork,
      machine,
      asWork,
      machine,
    ]);
    expect(err.trim().split('\n')).toEqual([
      `lanyard: as Work (from ${work}/.lanyard)`,
      `lanyard: as ${hostile} (from ${inner}/.lanyard)`,
      `lanyard: as Work (from ${work}/.lanyard)`,
      'lanyard: no longer as Work',
      `lanyard: as Work (from ${work}/.lanyard)`,
      'lanyard: no longer as Work',
    ]);
  });

  test('what was not set is not set again, what programs did not see stays unseen, and values keep every character', async () => {
    const { run, folder, directories, root } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work);
    const own = shell === 'fish' ? 'set -g OPENAI_API_KEY unseen' : 'OPENAI_API_KEY=unseen';
    const left = await run(
      `${own}\ncd ${q(work)}\ncodex\ncd ${q(root)}\ncodex\necho "own: $OPENAI_API_KEY"\nenv | grep -c LANYARD_HOOK`,
    );
    expect(left.out).toBe(
      'codex: /accounts/Work none Work keyless\ncodex: machine none nobody keyless\nown: unseen\n0\n',
    );
    const odd = `a'b"c\\ $x\n\n  end\n`;
    const kept = await run(
      `cd ${q(work)}\ncd ${q(root)}\n${q(process.execPath)} -e 'process.stdout.write(process.env.CODEX_HOME)'`,
      {
        CODEX_HOME: odd,
      },
    );
    expect(kept.out).toBe(odd);
  });

  test('paths with spaces, quotes and line breaks, and a name that is a command', async () => {
    const { run, folder, directories } = await hooked(shell);
    const odd = folder(`o'd "d\n$(touch pwned) \\x/y z`, hostile);
    const { trusted } = { trusted: await directories.trust(odd) };
    expect(trusted.identity).toBe(hostile);
    const { out, err } = await run(`cd ${q(odd)}; codex; ls`);
    expect(out).toBe(`codex: /accounts/${hostile} none ${hostile} keyless\n`);
    expect(err).toContain(odd.replaceAll('\n', '\ufffd'));
  });

  test('a file that is not trusted is named once, with what trusts it, and nothing is set', async () => {
    const { run, folder, directories, calls, root } = await hooked(shell);
    const work = folder('work', 'Work');
    const below = folder('work/below');
    const hook = shell === 'fish' ? '__lanyard_hook' : '_lanyard_hook';
    const { out, err } = await run(
      `cd ${q(work)}; codex; ${hook}; ${hook}; cd ${q(below)}; codex; lanyard trust; ${hook}; codex; echo ${q(hostile)} > ${q(join(work, '.lanyard'))}; ${hook}; codex`,
    );
    const machine = 'codex: machine none nobody keyless';
    expect(out.trim().split('\n')).toEqual([
      machine,
      machine,
      'codex: /accounts/Work none Work keyless',
      machine,
    ]);
    expect(err.match(/you have not trusted/g)).toHaveLength(2);
    expect(err).toContain('lanyard trust');
    expect(calls).toEqual(['Work']);
    // A link could change what it says without a change of itself.
    const linked = folder('linked');
    symlinkSync(join(work, '.lanyard'), join(linked, '.lanyard'));
    await directories.trust(work);
    expect((await run(`cd ${q(linked)}; codex; cd ${q(root)}`)).out).toBe(`${machine}\n`);
  });

  test('without a file above nothing is called, and where Lanyard does not run that is said once', async () => {
    const { run, folder, root } = await hooked(shell, false);
    const hook = shell === 'fish' ? '__lanyard_hook' : '_lanyard_hook';
    const work = folder('work', 'Work');
    const quiet = await run(`cd /; ${hook}; cd ${q(root)}; ${hook}; codex`);
    expect([quiet.out, quiet.err]).toEqual(['codex: machine none nobody keyless\n', '']);
    const { out, err, code } = await run(`cd ${q(work)}; ${hook}; ${hook}; codex`);
    expect([out, code]).toEqual(['codex: machine none nobody keyless\n', 0]);
    expect(err).toBe(
      `lanyard: Lanyard does not answer, so ${work}/.lanyard does not hold: programs use the logins that they use elsewhere.\n`,
    );
  });

  test('an account that needs a sign-in is said, and its programs find nobody’s login, the machine’s neither', async () => {
    const { run, folder, directories, state, noLogin, root, identities } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work);
    for (const account of identities.list().bundles.flatMap(({ accounts }) => accounts))
      identities.keepFindings([{ account, finding: { status: 'needs-sign-in' } }]);
    state.failure = new LanyardError({
      code: 'account_needs_sign_in',
      title: 'Codex needs a new sign-in.',
      hint: 'Do it.',
    });
    const { out, err } = await run(`cd ${q(work)}; codex; cd ${q(root)}; codex`, { OPENAI_API_KEY: 'sk' });
    expect(out).toBe(`codex: ${noLogin} none Work keyless\ncodex: machine sk nobody keyless\n`);
    expect(err).toContain('lanyard: Codex needs a new sign-in.\nRun: lanyard connect codex --as Work\n');
    expect(execFileSync('ls', ['-A', noLogin], { encoding: 'utf8' })).toBe('');
  });

  test('an identity about which the person is asked first is not given to a shell', async () => {
    const { run, folder, directories, state, noLogin, calls } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work, true);
    state.asksFirst = true;
    const { out, err } = await run(`cd ${q(work)}; codex`, { OPENAI_API_KEY: 'sk' });
    expect([out, calls]).toEqual([`codex: ${noLogin} none Work keyless\n`, []]);
    expect(err).toContain('Use: lanyard run -- <command>');
  });

  test('an identity that goes is noticed by the next prompt', async () => {
    const { run, folder, directories, identities, client, changed, root } = await hooked(shell);
    const work = folder('work', hostile);
    await directories.trust(work);
    const hook = shell === 'fish' ? '__lanyard_hook' : '_lanyard_hook';
    const [ready, go] = [join(root, 'ready'), join(root, 'go')];
    execFileSync('mkfifo', [ready, go]);
    const running = run(`cd ${q(work)}; codex; echo > ${q(ready)}; cat ${q(go)}; ${hook}; codex`);
    await new Promise<void>((resolve) => void execFile('cat', [ready], () => resolve()));
    await identities.deleteBundle(client.id);
    await changed();
    execFileSync('sh', ['-c', 'echo > "$1"', 'sh', go]);
    const { out, err } = await running;
    expect(
      out
        .trim()
        .split('\n')
        .filter((line) => line !== ''),
    ).toEqual([`codex: /accounts/${hostile} none ${hostile} keyless`, 'codex: machine none nobody keyless']);
    expect(err).toContain('There is no identity');
  });

  test('R-2: an identity without an account is entered, and said to be one', async () => {
    const { run, folder, directories } = await hooked(shell);
    const empty = folder('empty', 'Empty');
    await directories.trust(empty);
    const { err } = await run(`cd ${q(empty)}`);
    expect(err).toContain(
      `lanyard: as Empty (from ${empty}/.lanyard); it has no account yet, so programs use the machine's own logins\n`,
    );
  });

  test('keys are put into a shell only by trust --keys, and stand in no other variable', async () => {
    const { run, folder, directories, root } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work, true);
    const { out } = await run(`cd ${q(work)}; codex; env | grep -c "k'1"; cd ${q(root)}; codex`);
    expect(out).toBe("codex: /accounts/Work none Work k'1\n1\ncodex: machine none nobody keyless\n");
  });

  test('a shell within, opened in the directory, leaves it as well; one that is an identity stays it', async () => {
    const { run, folder, directories, root } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work, true);
    const { args, load } = shells[shell];
    const inner = `${load}; codex; cd ${q(root)}; codex`;
    const nested = await run(`cd ${q(work)}; ${shell} ${args.join(' ')} -c ${q(inner)}; codex`);
    const asWork = "codex: /accounts/Work none Work k'1\n";
    expect(nested.out).toBe(`${asWork}codex: machine none nobody keyless\n${asWork}`);
    for (const env of [{ LANYARD_BUNDLE: 'Other' }, { LANYARD_AS: 'Other' }])
      expect((await run(`cd ${q(work)}; codex`, env)).out).toContain('codex: machine');
  });

  test('a subshell follows its own directory, and the exit code before a prompt stays', async () => {
    const { run, folder, directories } = await hooked(shell);
    const work = folder('work', 'Work');
    await directories.trust(work);
    const within = shell === 'fish' ? `begin; cd ${q(work)}; codex; cd -; end >&1` : `(cd ${q(work)}; codex)`;
    expect(
      (await run(`${within}; codex`)).out
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('codex')),
    ).toEqual(['codex: /accounts/Work none Work keyless', 'codex: machine none nobody keyless']);
    const hook = shell === 'fish' ? 'false; __lanyard_hook; echo $status' : 'false; _lanyard_hook; echo $?';
    expect((await run(`cd ${q(work)}; ${hook}`)).out).toBe('1\n');
  });
});

it('R-5: a prompt of bash and zsh runs the hook, and what a person had there', async () => {
  const { run } = await hooked('bash');
  const { out } = await run('eval "$(lanyard hook bash)"; printf "%s" "$PROMPT_COMMAND"', {
    PROMPT_COMMAND: 'mine',
  });
  expect(out).toBe('_lanyard_hook\nmine');
  expect(readFileSync(new URL('../../command/hook.zsh', import.meta.url), 'utf8')).toContain(
    'precmd_functions=',
  );
});
