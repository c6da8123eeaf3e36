import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Arrivals } from '../../e2e/support/arrivals.ts';
import { type CliProcess, runOnPipes } from '../../e2e/support/cli-process.ts';
import { LeakWatch } from '../../e2e/support/leak-watch.ts';
import { createLocalCa } from '../../e2e/support/local-ca.ts';
import type { HostHandler } from '../../e2e/support/local-host.ts';
import { type LocalNet, startLocalNet } from '../../e2e/support/local-net.ts';
import { type ListedProcess, processesMarkedWith } from '../../e2e/support/process-list.ts';
import { createTestPlace, projectRoot, type TestPlace } from '../../e2e/support/test-place.ts';
import { Broker } from '../../src-main/broker/broker.ts';
import { systemClock } from '../../src-main/clock.ts';
import { openIdentityStoreFile } from '../../src-main/house/identity-store-file.ts';
import { AccountDirectories } from '../../src-main/identities/account-directories.ts';
import type { AccountFinding } from '../../src-main/identities/account-finding.ts';
import { Identities } from '../../src-main/identities/identities.ts';
import type { Account } from '../../src-main/identities/model.ts';
import { IdentityStore } from '../../src-main/identities/store.ts';
import { Log } from '../../src-main/journal/log.ts';
import { bundleEnvironment } from '../../src-main/launch/bundle-environment.ts';
import { CliAccountCheck } from '../../src-main/methods/cli/account-check.ts';
import { CliMethod, type CliMethodOptions } from '../../src-main/methods/cli/cli-method.ts';
import { CliLogout } from '../../src-main/methods/cli/logout.ts';
import { IdentityCenterMethod } from '../../src-main/methods/identity-center/identity-center-method.ts';
import { ProviderLogout } from '../../src-main/methods/provider-logout.ts';
import { NodeTransport } from '../../src-main/network/node-transport.ts';
import { killTree, processStartTime } from '../../src-main/process/kill-tree.ts';
import { findPortHolder } from '../../src-main/process/port-holder.ts';
import { ProgramFinder } from '../../src-main/process/program-finder.ts';
import { PipedCommandRunner } from '../../src-main/process/run-command.ts';
import { spawnPiped } from '../../src-main/process/spawn-piped.ts';
import { spawnPty } from '../../src-main/process/spawn-pty.ts';
import { ChosenPrograms } from '../../src-main/programs/chosen-programs.ts';
import { ProviderPrograms } from '../../src-main/programs/provider-programs.ts';
import { builtInProviders } from '../../src-main/providers/built-in.ts';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';
import { demoProvider } from '../../src-main/providers/demo.ts';
import { ProviderRegistry } from '../../src-main/providers/registry.ts';
import { Keychain } from '../../src-main/vault/keychain.ts';
import { Redactor } from '../../src-main/vault/redact.ts';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { RemovalReport } from '../../src-preload/contract/bundles.ts';
import { SecretWatch } from './secret-watch.ts';

export interface HouseOptions {
  /** What the local network plays. */
  hosts: Record<string, HostHandler>;
  /** Directories of the programs, first on the PATH. */
  programDirectories: readonly string[];
  /** Variables of the person's own, above what names the network. */
  environment?: Record<string, string>;
  /** Provider files as a person writes them (docs/providers.md). */
  providerFiles?: readonly ({ id: string } & Record<string, unknown>)[];
}

/** Nothing here starts it. */
const demo = demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1');

/**
 * The app without its windows: broker, CLI method, identities and their store as `main.ts` puts them together, on the
 * real clock, with real processes, in a network and a home directory that end with the test.
 */
export class ContractHouse {
  readonly place: TestPlace;
  readonly net: LocalNet;
  readonly secrets: SecretWatch;
  readonly identities: Identities;
  readonly providers: ProviderRegistry;
  readonly broker: Broker;
  readonly accountsRoot: string;
  /** Links that the system browser was opened with. */
  readonly opened = new Arrivals<string>('links opened in the system browser');
  /** How each sign-in's program was started. */
  readonly transports: ('pipe' | 'pty')[] = [];
  readonly #environment: NodeJS.ProcessEnv;
  readonly #programs: ProviderPrograms;
  #afterLogout: () => Promise<void> = async () => {};
  readonly #logout: ProviderLogout;
  readonly #transport: NodeTransport;
  readonly #check: CliAccountCheck;
  readonly #log: Log;
  readonly #snapshots: SessionSnapshot[] = [];
  readonly #watch: LeakWatch;
  #watchers: ((snapshot: SessionSnapshot) => void)[] = [];

  private constructor(place: TestPlace, net: LocalNet, secrets: SecretWatch, options: HouseOptions) {
    this.place = place;
    this.#watch = new LeakWatch(place);
    this.net = net;
    this.secrets = secrets;
    const clock = systemClock;
    const { home, data } = place;
    const path = [...options.programDirectories, join(projectRoot, 'node_modules', '.bin')];
    this.#environment = {
      HOME: home,
      PATH: [...path, '/usr/bin', '/bin'].join(':'),
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      TMPDIR: join(place.root, 'tmp'),
      ...net.environment,
      ...options.environment,
    };
    const finder = new ProgramFinder({
      environment: this.#environment,
      homeDirectory: home,
      platform: process.platform,
      readLoginPath: async () => null,
    });
    this.#programs = new ProviderPrograms(
      finder,
      new ChosenPrograms({ read: () => undefined, write: () => {} }),
      process.platform,
    );
    const redactor = new Redactor();
    const kill: CliMethodOptions['killTree'] = (pid, how) => killTree(pid, { clock, ...how });
    const started = <T>(transport: 'pipe' | 'pty', child: T): T => {
      this.transports.push(transport);
      return child;
    };
    const cli: CliMethodOptions = {
      programs: this.#programs,
      parentEnvironment: this.#environment,
      homeDirectory: home,
      platform: process.platform,
      clock,
      runtimeDirectory: join(data, 'run'),
      redactor,
      spawnPiped: (request) => started('pipe', spawnPiped(request)),
      spawnPty: (request, size) => started('pty', spawnPty(request, size)),
      killTree: kill,
      commands: new PipedCommandRunner(spawnPiped, kill, clock),
    };
    this.#transport = new NodeTransport(this.#environment);
    const services = { fetch: this.#transport.fetch };
    const cliMethod = new CliMethod(cli);
    const identityCenter = new IdentityCenterMethod({ ...cli, services });
    this.#logout = new ProviderLogout({ cli: new CliLogout(cli), programs: this.#programs, services });
    this.#check = new CliAccountCheck(cli);
    this.providers = new ProviderRegistry(builtInProviders(demo), join(data, 'providers'));
    this.accountsRoot = join(data, 'accounts');
    const storeFile = openIdentityStoreFile(data, clock.now);
    this.identities = new Identities({
      store: new IdentityStore(storeFile.file, storeFile.source),
      directories: new AccountDirectories(this.accountsRoot),
      vault: new Keychain(clock),
      clock,
      newId: randomUUID,
      providerName: (id) => this.providers.find(id)?.name ?? id,
      logout: async (providerId, directory, parameters) => {
        const outcome = await this.#logout.run(this.providers.find(providerId), directory, parameters);
        await this.#afterLogout();
        return outcome;
      },
      hasLogout: (providerId) => Boolean(this.providers.find(providerId)?.logout?.args),
      processStartTime,
      onChanged: () => {},
      fileProblems: storeFile.problems,
    });
    this.#log = new Log({
      directory: join(data, 'logs'),
      clock,
      redact: (text) => redactor.redact(text),
      level: 'debug',
    });
    this.broker = new Broker({
      providers: this.providers,
      method: { start: (request) => (request.flow.by ? identityCenter : cliMethod).start(request) },
      targets: this.identities,
      bundleName: (id) => this.identities.bundle(id).name,
      portHolder: (port) => findPortHolder(port),
      clock,
      newSessionId: randomUUID,
      openBrowser: async (url) => {
        this.opened.push(url);
        return true;
      },
      onChanged: (snapshot) => {
        this.#snapshots.push(snapshot);
        this.#watch.told(JSON.stringify(snapshot));
        for (const watcher of this.#watchers) watcher(snapshot);
      },
      onOutput: () => {},
      redact: (text) => redactor.redact(text),
      log: this.#log,
    });
  }

  static async open(options: HouseOptions): Promise<ContractHouse> {
    const place = await createTestPlace();
    await mkdir(join(place.root, 'tmp'));
    await mkdir(join(place.data, 'providers'), { recursive: true, mode: 0o700 });
    for (const file of options.providerFiles ?? []) {
      const path = join(place.data, 'providers', `${file.id}.json`);
      await writeFile(path, JSON.stringify(file), { mode: 0o600 });
    }
    const secrets = new SecretWatch();
    const net = await startLocalNet(await createLocalCa(place.root), secrets.over(options.hosts));
    const house = new ContractHouse(place, net, secrets, options);
    await house.#transport.use({
      proxy: { mode: 'system' },
      authorities: [readFileSync(net.ca.caFile, 'utf8')],
    });
    await house.providers.reload();
    const [problem] = house.providers.problems();
    if (problem) throw new Error(`${problem.source}: ${problem.reason}`);
    return house;
  }

  /** @throws Error for an id that no provider has */
  provider(id: string): ProviderDefinition {
    const provider = this.providers.find(id);
    if (!provider) throw new Error(`no provider ${id}`);
    return provider;
  }

  /** The first snapshot of the session, past or coming, that fits. @throws Error when the session ends without one */
  until(sessionId: string, fits: (snapshot: SessionSnapshot) => boolean): Promise<SessionSnapshot> {
    return new Promise((resolve, reject) => {
      const look = (snapshot: SessionSnapshot) => {
        if (snapshot.sessionId !== sessionId) return;
        const over = fits(snapshot) || snapshot.phase === 'ended';
        if (!over) return;
        this.#watchers = this.#watchers.filter((watcher) => watcher !== look);
        if (fits(snapshot)) resolve(snapshot);
        else reject(new Error(`the sign-in ended: ${this.report(sessionId)}`));
      };
      this.#watchers.push(look);
      for (const snapshot of [...this.#snapshots]) look(snapshot);
    });
  }

  /** The saved account, once nothing of its sign-in is left. @throws Error when the sign-in failed */
  async signedIn(sessionId: string): Promise<Account> {
    const snapshot = await this.until(sessionId, ({ status }) => status === 'success');
    await this.broker.settled();
    if (snapshot.status !== 'success' || !snapshot.accountId) throw new Error('nothing was saved');
    return this.identities.account(snapshot.accountId);
  }

  /** What the program printed, redacted. */
  lines(sessionId: string): string[] {
    return this.broker.transcript(sessionId).lines;
  }

  /** Signs an account out as the app does; `between` runs after the provider's own logout, while the directory is there. */
  async signOut(account: Account, between: () => Promise<void> = async () => {}): Promise<RemovalReport> {
    const faults: unknown[] = [];
    this.#afterLogout = () => between().catch((error: unknown) => void faults.push(error));
    const report = await this.identities.signOut(account.id);
    this.#afterLogout = async () => {};
    if (faults.length > 0) throw faults[0];
    return report;
  }

  /** Looks at an account as the app does by itself. */
  look(account: Account): Promise<AccountFinding> {
    return this.#check.look(this.provider(account.provider), account);
  }

  /** Runs the account's own program as in a terminal of its identity. */
  async run(account: Account, args: readonly string[]): Promise<{ exitCode: number | null; text: string }> {
    const provider = this.provider(account.provider);
    const { env } = bundleEnvironment({
      accounts: [{ account, provider }],
      bundleName: 'Contract',
      parent: this.#environment,
      searchPath: await this.#programs.searchPath(),
      platform: process.platform,
    });
    const file = await this.#programs.locate(provider);
    if (file === null) throw new Error(`${provider.program.names.join(', ')} not found`);
    const all = [...provider.program.args, ...args];
    const cli: CliProcess = runOnPipes({ file, args: all, env, cwd: this.place.home });
    return { exitCode: await cli.exited, text: cli.text() };
  }

  /** Processes that belong to anything in here. */
  processes(): ListedProcess[] {
    return process.platform === 'linux' ? processesMarkedWith(this.place.root) : [];
  }

  /** Ends what still runs and removes everything. */
  /** Throws when a secret was left where none may be (`leak-watch.ts`). */
  async close(): Promise<void> {
    for (const { sessionId } of this.broker.list()) {
      this.#watch.shown(this.broker.transcript(sessionId).lines.join('\n'));
    }
    await this.broker.stop();
    await this.#check.stop();
    for (const { pid } of this.processes()) process.kill(pid, 'SIGKILL');
    this.#log.close();
    await this.net.close();
    try {
      this.#watch.end('');
    } finally {
      await this.place.remove();
    }
  }

  /** How a sign-in stands, what its program printed, and what it asked of whom; all secrets in it are made up. */
  report(sessionId: string): string {
    const snapshot = this.broker.poll(sessionId);
    const why = snapshot.status === 'failed' ? JSON.stringify(snapshot.failure) : snapshot.status;
    const asked = this.net.seen.map(
      ({ method, host, path, status }) => `${method} ${host}${path} ${status ?? ''}`,
    );
    return [why, ...this.lines(sessionId), 'requests:', ...asked].join('\n');
  }
}
