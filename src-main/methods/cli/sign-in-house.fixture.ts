import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { processesMarkedWith } from '../../../e2e/support/process-list.ts';
import type { SessionSnapshot } from '../../../src-preload/contract/auth.ts';
import { Broker } from '../../broker/broker.ts';
import { filesUnder, identitiesIn, MemoryStoreFile } from '../../identities/identities.fixture.ts';
import { Log } from '../../journal/log.ts';
import { ManualClock } from '../../manual-clock.fixture.ts';
import { killTree, processStartTime } from '../../process/kill-tree.ts';
import { findPortHolder } from '../../process/port-holder.ts';
import { ProgramFinder } from '../../process/program-finder.ts';
import { PipedCommandRunner } from '../../process/run-command.ts';
import { spawnPiped } from '../../process/spawn-piped.ts';
import { spawnPty } from '../../process/spawn-pty.ts';
import type { ChildTransport, SpawnRequest } from '../../process/transport.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import type { FlowDefinition, ProviderDefinition } from '../../providers/definition.ts';
import { Redactor } from '../../vault/redact.ts';
import { CliMethod, type CliMethodOptions } from './cli-method.ts';

/** A clock that tells when something starts to wait on it. */
export class WatchedClock extends ManualClock {
  readonly #pending = new Set<{ delayMs: number }>();
  #watchers: (() => void)[] = [];

  override after(delayMs: number, task: () => void): () => void {
    const entry = { delayMs };
    this.#pending.add(entry);
    const cancel = super.after(delayMs, () => {
      this.#pending.delete(entry);
      task();
    });
    for (const watcher of this.#watchers) watcher();
    return () => {
      this.#pending.delete(entry);
      cancel();
    };
  }

  /** Resolves when a task waits for this long. */
  armed(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (![...this.#pending].some((entry) => entry.delayMs === delayMs)) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        resolve();
      };
      this.#watchers.push(look);
      look();
    });
  }
}

/** A named pipe between a test and a script, used in one direction. */
export interface Gate {
  path: string;
  /** Lets the script go on that waits with `read -r _ < "$path"`. */
  open(): Promise<void>;
  /** Resolves when a script has said that it got here, with `echo > "$path"`. */
  reached(): Promise<void>;
}

export interface HouseOptions {
  /** Added to the environment that the app itself has. */
  parent?: NodeJS.ProcessEnv;
  programs?: CliMethodOptions['programs'];
}

type Changes = Omit<Partial<ProviderDefinition>, 'flows'> & { flow?: Partial<FlowDefinition> };

/** What every script begins with: its status command, and how it becomes signed in. */
const prelude = `#!/bin/sh
home="\${ACME_HOME:-$HOME/.acme}"
signed_in() { mkdir -p "$home"; : > "$home/signed-in"; }
link() { echo "Visit https://login.acme.test/oauth/authorize?client_id=c&state=\${1:-s1}"; }
if [ "$1" = status ]; then
  if [ -e "$home/signed-in" ]; then echo '{"loggedIn": true, "email": "ada@acme.test"}'; exit 0; fi
  echo '{"loggedIn": false}'
  exit 1
fi
`;

/**
 * Broker, CLI method, account directories and processes as the app puts them together, in a directory of the test's
 * own. Time stands still: what waits is moved on with `clock` (sign-ins) and `pipeClock` (pipes that stay open).
 * When the test ends, every session is ended and no process may be left.
 */
export class SignInHouse {
  readonly root = mkdtempSync(join(tmpdir(), 'lanyard-cli-'));
  readonly home = join(this.root, 'home');
  readonly data = join(this.root, 'data');
  readonly bin = join(this.root, 'bin');
  readonly runtimeDirectory = join(this.data, 'run');
  readonly logDirectory = join(this.data, 'logs');
  readonly clock = new WatchedClock();
  readonly pipeClock = new WatchedClock();
  readonly storeFile = new MemoryStoreFile();
  readonly identities: ReturnType<typeof identitiesIn>;
  readonly broker: Broker;
  readonly method: CliMethod;
  /** Links that the system browser was opened with. */
  readonly opened: string[] = [];
  readonly snapshots: SessionSnapshot[] = [];
  readonly spawned: SpawnRequest[] = [];
  /** Called with each child of a sign-in, before anybody else knows it. */
  onSpawn: (child: ChildTransport) => void = () => {};
  #watchers: ((snapshot: SessionSnapshot) => void)[] = [];
  #providers = new Map<string, ProviderDefinition>();
  #programs = 0;

  constructor({ parent = {}, programs }: HouseOptions = {}) {
    for (const directory of [this.home, this.data, this.bin]) mkdirSync(directory);
    const parentEnvironment = { PATH: `${this.bin}:/usr/bin:/bin`, HOME: this.home, ...parent };
    const redactor = new Redactor();
    const kill: CliMethodOptions['killTree'] = (pid, options) => killTree(pid, options);
    const piped = (request: SpawnRequest) => spawnPiped(request, { clock: this.pipeClock });
    const noted = (request: SpawnRequest, child: ChildTransport) => {
      this.spawned.push(request);
      this.onSpawn(child);
      return child;
    };
    const finder = new ProgramFinder({
      environment: parentEnvironment,
      homeDirectory: this.home,
      platform: process.platform,
      readLoginPath: async () => null,
    });
    this.identities = identitiesIn(this.data, this.storeFile, { processStartTime });
    this.method = new CliMethod({
      programs:
        programs ??
        ({
          locate: (provider) => finder.find(provider.program.names),
          searchPath: () => finder.searchPath(),
        } satisfies CliMethodOptions['programs']),
      parentEnvironment,
      homeDirectory: this.home,
      platform: process.platform,
      clock: this.clock,
      runtimeDirectory: this.runtimeDirectory,
      redactor,
      spawnPiped: (request) => noted(request, piped(request)),
      spawnPty: (request, size) => noted(request, spawnPty(request, size)),
      killTree: kill,
      commands: new PipedCommandRunner(piped, kill, this.clock),
    });
    let sessions = 0;
    const log = new Log({
      directory: this.logDirectory,
      clock: this.clock,
      redact: (text) => redactor.redact(text),
      level: 'debug',
    });
    this.broker = new Broker({
      providers: { find: (id) => this.#providers.get(id) ?? null },
      method: this.method,
      targets: this.identities.identities,
      bundleName: (id) => this.identities.identities.bundle(id).name,
      portHolder: findPortHolder,
      clock: this.clock,
      newSessionId: () => `00000000-0000-4000-8000-${String(++sessions).padStart(12, '0')}`,
      openBrowser: async (url) => {
        this.opened.push(url);
        return true;
      },
      onChanged: (snapshot) => {
        this.snapshots.push(snapshot);
        for (const watcher of this.#watchers) watcher(snapshot);
      },
      onOutput: () => {},
      redact: (line) => redactor.redact(line),
      log,
    });
    onTestFinished(async () => {
      try {
        await this.broker.stop();
        if (process.platform === 'linux') expect(processesMarkedWith(this.root)).toEqual([]);
        expect(this.shims()).toEqual([]);
      } finally {
        if (process.platform === 'linux') {
          for (const { pid } of processesMarkedWith(this.root)) process.kill(pid, 'SIGKILL');
        }
        log.close();
        rmSync(this.root, { recursive: true, force: true });
      }
    });
  }

  /** A shell script that logs in as `body` says; see the prelude for what it can use. @returns its absolute path */
  script(body: string, { mode = 0o755, start = prelude } = {}): string {
    this.#programs += 1;
    const path = join(this.bin, `acme-${this.#programs}`);
    writeFileSync(path, `${start}${body}\n`);
    chmodSync(path, mode);
    return path;
  }

  /** Registers a provider whose program is this script. */
  provider(program: string | ProviderDefinition, changes: Changes = {}): ProviderDefinition {
    const { flow, ...rest } = changes;
    const sample = sampleDefinition({
      program: { names: [String(program)], args: [], installCommand: 'npm install -g acme' },
      configDir: { variable: 'ACME_HOME', seed: [] },
      identity: { from: { kind: 'status-json' }, email: 'email' },
    });
    const [browser] = sample.flows;
    if (!browser) throw new Error('the sample has a flow');
    const definition =
      typeof program === 'string'
        ? {
            ...sample,
            flows: [{ ...browser, paste: { kind: 'none' } as const, ...flow }],
            ...rest,
          }
        : program;
    this.#providers.set(definition.id, definition);
    return definition;
  }

  /** Starts the login script `body`. @returns the session's id */
  start(body: string, changes: Changes = {}, intoBundleId?: string): string {
    return this.connect(this.provider(this.script(body), changes), intoBundleId);
  }

  connect(provider: ProviderDefinition, intoBundleId?: string): string {
    return this.broker.start({ providerId: provider.id, ...(intoBundleId ? { intoBundleId } : {}) })
      .sessionId;
  }

  /** The first snapshot of the session, past or coming, that fits. Fails when the session ends without one. */
  until(sessionId: string, fits: (snapshot: SessionSnapshot) => boolean): Promise<SessionSnapshot> {
    return new Promise((resolve, reject) => {
      const look = (snapshot: SessionSnapshot) => {
        if (snapshot.sessionId !== sessionId) return;
        if (fits(snapshot)) resolve(snapshot);
        else if (snapshot.phase === 'ended') reject(new Error(`it ended: ${JSON.stringify(snapshot)}`));
      };
      for (const snapshot of this.snapshots) look(snapshot);
      this.#watchers.push(look);
    });
  }

  /** The link of the session once it has one. */
  async link(sessionId: string): Promise<string> {
    const snapshot = await this.until(sessionId, ({ status }) => status === 'url-available');
    return snapshot.status === 'url-available' ? snapshot.authUrl : '';
  }

  /** How the session ended, once nothing of it is left. */
  async end(sessionId: string) {
    const snapshot = await this.until(sessionId, ({ phase }) => phase === 'ended');
    await this.broker.settled();
    if (snapshot.status === 'failed') return { ...snapshot, code: snapshot.failure.code };
    return { ...snapshot, code: null };
  }

  lines(sessionId: string): string[] {
    return this.broker.transcript(sessionId).lines;
  }

  gate(name: string): Gate {
    const path = join(this.root, name);
    execFileSync('mkfifo', [path]);
    // Opened for both directions, which never blocks on Linux and macOS; what is written waits for the reader.
    const pipe = openFile(path, 'r+');
    const open = async () => void (await (await pipe).write('\n'));
    onTestFinished(async () => {
      // A read that still waits would keep the close waiting.
      await open();
      await (await pipe).close();
    });
    return { path, open, reached: async () => void (await (await pipe).read(Buffer.alloc(1), 0, 1)) };
  }

  /** Everything in the accounts directory, pending marks included. */
  accountFiles(): string[] {
    return filesUnder(this.identities.root);
  }

  /** The content of a file in the directory of the only account. */
  accountFile(name: string): string {
    const found = this.accountFiles().find((file) => file.endsWith(`/1/${name}`));
    if (found === undefined) throw new Error(`no ${name} in ${this.accountFiles().join(', ')}`);
    return readFileSync(join(this.identities.root, found), 'utf8');
  }

  /** Opener shims of attempts that are not over. */
  shims(): string[] {
    return filesUnder(this.runtimeDirectory).filter((name) => !name.includes('/'));
  }

  log(): string {
    return readFileSync(join(this.logDirectory, 'lanyard.log'), 'utf8');
  }
}
