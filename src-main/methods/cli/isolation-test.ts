import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { IsolationReport } from '../../../src-preload/contract/isolation.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { composeEnvironment } from '../../process/environment.ts';
import type { CommandRunner } from '../../process/run-command.ts';
import type { ProgramLocator } from '../../programs/provider-programs.ts';
import { accountVariables } from '../../providers/account-environment.ts';
import type { ProviderDefinition, SelfTestDefinition } from '../../providers/definition.ts';
import { placeOn } from '../../providers/describe-provider.ts';
import { ownDirectory } from '../../providers/own-directory.ts';
import { accountProvider } from '../../providers/parameters.ts';
import { seedText } from '../../providers/seed-text.ts';

export interface IsolationTestOptions {
  programs: ProgramLocator;
  commands: CommandRunner;
  parentEnvironment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  clock: Pick<Clock, 'now'>;
  /** Where throw-away directories are made; absolute, private to the person. */
  scratchDirectory: string;
}

type Step = IsolationReport['steps'][number];

const commandTimeoutMs = 20_000;
/** Files of a login are small; what is not is compared by its facts alone. */
const largestRead = 1024 * 1024;
/** Nobody listens there: a made-up login must not be shown to anybody. */
const noWhere = 'http://127.0.0.1:9';
const proxies = ['http_proxy', 'https_proxy', 'all_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'];

/** What a program says is compared with words of its definition. */
const inEnglish = { LC_ALL: 'C', LANG: 'C', LANGUAGE: 'en' };

const titles = {
  apart: 'Signed in in one directory, the program knows nobody in the other',
  both: 'With a login in each, the program names each its own',
  logout: 'Signed out of one, the other is still signed in',
  machine: "This machine's own login was not touched",
} as const satisfies Record<Step['id'], string>;

/**
 * I-14: shows with the real program that two accounts do not share a login: in two throw-away directories with made-up
 * logins, without an account and without the network. Where that cannot be shown, the report says why.
 */
export class IsolationTest {
  readonly #options: IsolationTestOptions;
  readonly #stop = new AbortController();

  constructor(options: IsolationTestOptions) {
    this.#options = options;
  }

  /** @throws LanyardError `program_not_found`, `could_not_start`, those of `ProgramLocator` */
  async run(definition: ProviderDefinition): Promise<IsolationReport> {
    const provider = accountProvider(definition);
    const { clock } = this.#options;
    const report = (
      verdict: IsolationReport['verdict'],
      steps: Step[],
      reason?: string,
    ): IsolationReport => ({
      providerId: provider.id,
      at: clock.now(),
      verdict,
      steps,
      ...(reason === undefined ? {} : { reason }),
    });
    const test = testFor(provider, this.#options.platform);
    if (typeof test === 'string') return report('not-tested', [], test);
    const file = await this.#options.programs.locate(provider);
    if (file === null) throw new LanyardError(signInFailures.notFound(provider.name));
    const steps = await this.#inScratch((a, b) => this.#steps(provider, test, file, a, b));
    if (steps === null) return report('not-tested', [], unseen(provider.name));
    const failed = steps.some(({ result }) => result === 'failed');
    return report(failed ? 'not-kept-apart' : 'kept-apart', steps);
  }

  /** Ends what runs, for quitting. */
  stop(): void {
    this.#stop.abort();
  }

  async #inScratch<T>(use: (a: string, b: string) => Promise<T>): Promise<T> {
    const { scratchDirectory } = this.#options;
    await mkdir(scratchDirectory, { recursive: true, mode: 0o700 });
    const scratch = await mkdtemp(join(scratchDirectory, 'self-test-'));
    try {
      const [a, b] = [join(scratch, 'a'), join(scratch, 'b')];
      for (const directory of [a, b]) await mkdir(directory, { mode: 0o700 });
      return await use(a, b);
    } finally {
      await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    }
  }

  /** @returns null when the program does not see in either directory what was put into one: then nothing is shown */
  async #steps(
    provider: ProviderDefinition,
    test: SelfTestDefinition,
    file: string,
    a: string,
    b: string,
  ): Promise<Step[] | null> {
    const before = await this.#machinePrint(provider, test);
    const run = (args: string[], directory: string) => this.#command(provider, file, args, directory);
    /** Who is signed in in a directory, as the program says: one of the two, somebody else, or nobody. */
    const who = async (directory: string): Promise<'first' | 'other' | 'unknown' | 'nobody'> => {
      const { exitCode, stdout, stderr } = await run(test.args, directory);
      if (exitCode !== 0) return 'nobody';
      const said = `${stdout}\n${stderr}`;
      const names = (['first', 'other'] as const).filter((name) =>
        said.includes(test.says.replaceAll('{name}', name)),
      );
      if (names.length === 0 && test.nobody !== undefined && new RegExp(test.nobody).test(said))
        return 'nobody';
      return names.length === 1 ? (names[0] ?? 'unknown') : 'unknown';
    };
    const both = () => Promise.all([who(a), who(b)]);
    const steps: Step[] = [];
    const compare = (id: keyof typeof titles, expected: string[], found: string[]) => {
      const right = expected.every((each, index) => each === found[index]);
      const detail = `It named ${found.join(' and ')} where ${expected.join(' and ')} had to be.`;
      steps.push({
        id,
        title: titles[id],
        result: right ? 'passed' : 'failed',
        ...(right ? {} : { detail }),
      });
    };

    for (const directory of [a, b]) await seed(provider, directory);
    await plant(test, 'first', a);
    const apart = await both();
    if (apart.every((found) => found === 'nobody')) return null;
    compare('apart', ['first', 'nobody'], apart);
    await plant(test, 'other', b);
    compare('both', ['first', 'other'], await both());
    const noLogout = (detail: string) =>
      steps.push({ id: 'logout', title: titles.logout, result: 'skipped', detail });
    const logout = provider.logout?.args;
    if (logout) {
      const { exitCode } = await run(logout, a);
      const [signedOut, other] = await both();
      if (exitCode !== 0 && signedOut === 'first' && other === 'other') {
        noLogout('Its command for that did not sign out without the network. Both logins are as they were.');
      } else compare('logout', ['nobody', 'other'], [signedOut, other]);
    } else noLogout('It has no command for that: signing out removes the directory.');
    steps.push(await this.#machineStep(provider, test, before));
    return steps;
  }

  async #machineStep(
    provider: ProviderDefinition,
    test: SelfTestDefinition,
    before: string | null,
  ): Promise<Step> {
    const step = { id: 'machine', title: titles.machine } as const;
    if (before === null) {
      return {
        ...step,
        result: 'skipped',
        detail: 'Where its own login would be on this machine is not known.',
      };
    }
    if ((await this.#machinePrint(provider, test)) === before) return { ...step, result: 'passed' };
    const detail = `Its files changed while the test ran. If you used ${provider.name} meanwhile, test again.`;
    return { ...step, result: 'failed', detail };
  }

  /** What the machine's own files of this login are like, as one text to compare; null when their place is unknown. */
  async #machinePrint(provider: ProviderDefinition, test: SelfTestDefinition): Promise<string | null> {
    const { parentEnvironment, homeDirectory } = this.#options;
    const directory = ownDirectory(provider, parentEnvironment, homeDirectory);
    if (directory === null) return null;
    const names = await readdir(directory).catch(() => null);
    const prints = await Promise.all(test.files.map(({ path }) => filePrint(join(directory, path))));
    return JSON.stringify([names === null ? 'no directory' : 'directory', prints]);
  }

  async #command(provider: ProviderDefinition, file: string, args: string[], directory: string) {
    const { programs, commands, parentEnvironment, platform } = this.#options;
    const { env } = composeEnvironment({
      parent: parentEnvironment,
      searchPath: await programs.searchPath(),
      set: {
        ...accountVariables(provider, directory),
        ...Object.fromEntries(proxies.map((name) => [name, noWhere])),
        ...inEnglish,
      },
      unset: [...provider.environment.unset, 'no_proxy', 'NO_PROXY'],
      platform,
    });
    const request = { file, args: [...provider.program.args, ...args], env, cwd: directory };
    return commands.run(request, commandTimeoutMs, this.#stop.signal);
  }
}

/** How a provider can be tested on a system, or why it cannot, for a person to read. */
function testFor(provider: ProviderDefinition, platform: NodeJS.Platform): SelfTestDefinition | string {
  const place = placeOn(provider, platform);
  if (provider.flows.length === 0) {
    return 'There is no program to test: each key is an entry of its own where Lanyard keeps keys.';
  }
  if (place?.sharedWith === 'machine') {
    return 'Its login is shared with this machine, so there is nothing that could be kept apart.';
  }
  if (place?.kept === 'keychain') {
    return 'Its login is in the system keychain here, where a made-up one cannot be put: only two real sign-ins could show it.';
  }
  return (
    provider.selfTest ??
    'It believes in no made-up login, or says whose it is only after asking its servers: only two real sign-ins could show it.'
  );
}

/** Why a test that was run shows nothing, for a person to read. */
function unseen(name: string): string {
  return `${name} did not see the made-up login in the directory that it was given: this version keeps its logins elsewhere or in another form. Only two real sign-ins could show it.`;
}

/** The files that a new account's directory begins with. */
async function seed(provider: ProviderDefinition, directory: string): Promise<void> {
  for (const file of provider.configDir?.seed ?? []) {
    const path = join(directory, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, seedText(file, directory), { mode: 0o600 });
  }
}

async function plant(test: SelfTestDefinition, name: string, directory: string): Promise<void> {
  for (const { path, json, text, gzip } of test.files) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const content =
      gzip === undefined
        ? (text ?? JSON.stringify(json, null, 2)).replaceAll('{name}', name)
        : renamed(gzip, name);
    await writeFile(file, content, { mode: 0o600 });
  }
}

/** Byte for byte, with a name of the same length in place of `first`: lengths stand in such files, too. */
function renamed(gzip: string, name: string): Buffer {
  const bytes = gunzipSync(Buffer.from(gzip, 'base64'), { maxOutputLength: largestRead });
  return Buffer.from(bytes.toString('latin1').replaceAll('first', name), 'latin1');
}

/** A file's facts and a digest of its bytes; never the bytes. */
async function filePrint(path: string): Promise<unknown> {
  const facts = await lstat(path).catch(() => null);
  if (!facts) return null;
  const print = [facts.ino, facts.size, facts.mtimeMs, facts.mode];
  if (!facts.isFile() || facts.size > largestRead) return print;
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => null);
  if (!file) return print;
  try {
    return [
      ...print,
      createHash('sha256')
        .update(await file.readFile())
        .digest('base64'),
    ];
  } finally {
    await file.close();
  }
}
