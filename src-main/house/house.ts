import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { EventName, EventPayload } from '../../src-preload/contract.ts';
import { Broker } from '../broker/broker.ts';
import type { SignInMethod, SignInRequest } from '../broker/method.ts';
import type { Clock } from '../clock.ts';
import { SessionFeed } from '../command/session-feed.ts';
import { DemoService } from '../demo/demo-service.ts';
import { AccountDirectories } from '../identities/account-directories.ts';
import { AccountHealth, type LookNote } from '../identities/health.ts';
import { Identities } from '../identities/identities.ts';
import type { Account } from '../identities/model.ts';
import { IdentityStore } from '../identities/store.ts';
import type { AuditTrail } from '../journal/audit-trail.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { Log } from '../journal/log.ts';
import { trailVaultEntry } from '../journal/trail-seal.ts';
import { AccountUsers } from '../launch/account-users.ts';
import { KeyHomes } from '../launch/key-homes.ts';
import { LaunchPreparation } from '../launch/launch-preparation.ts';
import { recordedRuns } from '../launch/recorded-runs.ts';
import { openSessionTerminal } from '../launch/session-terminal.ts';
import { ShellPreparation } from '../launch/shell-preparation.ts';
import { AccountLook } from '../methods/account-look.ts';
import { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import { CliAccountCheck } from '../methods/cli/account-check.ts';
import { CliMethod } from '../methods/cli/cli-method.ts';
import { IsolationTest } from '../methods/cli/isolation-test.ts';
import { CliLogout } from '../methods/cli/logout.ts';
import { IdentityCenterMethod } from '../methods/identity-center/identity-center-method.ts';
import { Adoption } from '../methods/machine/adoption.ts';
import { MachineLogins } from '../methods/machine/machine-logins.ts';
import { ProviderLogout } from '../methods/provider-logout.ts';
import type { Transport } from '../network/transport.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { isAlive, killRecorded, killTree, processStartTime } from '../process/kill-tree.ts';
import { readLoginPath } from '../process/login-path.ts';
import { lowPriority } from '../process/low-priority.ts';
import { OpenerShim } from '../process/opener-shim.ts';
import { findPortHolder } from '../process/port-holder.ts';
import { ProgramFinder } from '../process/program-finder.ts';
import { PipedCommandRunner } from '../process/run-command.ts';
import { spawnPiped } from '../process/spawn-piped.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { ChosenPrograms } from '../programs/chosen-programs.ts';
import { defaultFlow } from '../programs/fitting-flows.ts';
import { Installs } from '../programs/installs.ts';
import { openJsonFile } from '../programs/json-file.ts';
import { OwnCopies } from '../programs/own-copies.ts';
import { ProgramStates } from '../programs/program-states.ts';
import { ProgramVersions } from '../programs/program-version.ts';
import { ProviderPrograms } from '../programs/provider-programs.ts';
import { builtInProviders } from '../providers/built-in.ts';
import { demoProvider } from '../providers/demo.ts';
import { recordProviderChanges } from '../providers/provider-changes.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import type { Redactor } from '../vault/redact.ts';
import { composeAudit } from './audit-house.ts';
import type { CloudEndpoints, CloudHouse } from './cloud-house.ts';
import { type CommandHost, composeCommand } from './command-house.ts';
import { composeDiagnostics } from './diagnostics-house.ts';
import { openIdentityStoreFile } from './identity-store-file.ts';
import { composeIssuers } from './issuer-house.ts';
import { demoSwitch, type OwnProgram, vaultProbeSwitch } from './modes.ts';
import { composeNetwork } from './network-house.ts';
import { ssoServices } from './sso-services.ts';
import { composeTerminals, type TerminalHouseParts } from './terminal-house.ts';
import { composeVault } from './vault-house.ts';

/** What the house stands on, and what it tells. */
export interface World {
  /** The data directory, absolute. */
  data: string;
  /** The directory of files that ship with us, absolute. */
  resources: string;
  clock: Clock;
  log: Log;
  redactor: Redactor;
  /** As this process was started with. */
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  platform: NodeJS.Platform;
  /** Makes our own requests. */
  transport: Transport;
  /** @returns false when no browser could be opened */
  openBrowser: (url: string) => Promise<boolean>;
  ownProgram: OwnProgram;
  /** For the `lanyard` command. */
  host: CommandHost;
  /** AWS's actions by service, as the build makes them; absolute. */
  awsActions: string;
  /** Where clouds are, for tests; their own addresses when absent. */
  cloudEndpoints?: CloudEndpoints;
  /** To whoever watches: the windows, where there are any. */
  emit: <E extends EventName>(event: E, payload: EventPayload<E>) => void;
  /** A sign-in changed. */
  onSession: (snapshot: SessionSnapshot) => void;
}

export type House = Awaited<ReturnType<typeof composeHouse>>;

/**
 * Every part that works without windows, made by hand. Nothing here knows Electron: the app puts its windows around it
 * (`main.ts`), a host without a display runs it as it is.
 */
export async function composeHouse(world: World) {
  const { data, resources, clock, log, redactor, homeDirectory, platform } = world;
  const { openBrowser, emit, ownProgram } = world;
  const network = composeNetwork({
    ...world,
    vault: () => vault,
    onChanged: () => emit('network.changed', {}),
  });
  const { fetch, childEnvironment: parentEnvironment } = network;
  const kill = (pid: number, options: { rootEnded?: boolean } = {}) => killTree(pid, { clock, ...options });
  const commands = new PipedCommandRunner(spawnPiped, kill, clock);

  const demo = new DemoService(clock);
  const { origin } = await demo.start();
  const providers = new ProviderRegistry(
    builtInProviders(demoProvider(ownProgram(demoSwitch), origin)),
    join(data, 'providers'),
  );
  const ownCopies = new OwnCopies(join(data, 'programs'), platform);
  const loginPath = () => readLoginPath(parentEnvironment.SHELL, parentEnvironment);
  const finder = new ProgramFinder({
    environment: parentEnvironment,
    homeDirectory,
    platform,
    readLoginPath: loginPath,
    lastFolders: () => ownCopies.folders(),
  });
  const chosenPrograms = new ChosenPrograms(openJsonFile(join(data, 'programs.json')));
  const programs = new ProviderPrograms(finder, chosenPrograms, platform);
  const runtimeDirectory = join(data, 'run');
  const programVersions = new ProgramVersions({
    commands,
    searchPath: () => programs.searchPath(),
    parentEnvironment,
    platform,
    scratchDirectory: runtimeDirectory,
    cache: openJsonFile(join(data, 'program-versions.json')),
  });
  const programStates = new ProgramStates({
    locate: (provider) => programs.locate(provider),
    chosen: (providerId) => chosenPrograms.of(providerId),
    owns: (file) => ownCopies.owns(file),
    versionOf: (provider, file, fresh) => programVersions.of(provider, file, fresh),
    platform,
    onChanged: () => emit('providers.changed', {}),
  });

  const installs = new Installs({
    copies: ownCopies,
    finder,
    ask: (provider, file) => programVersions.ask(provider, file),
    lookAgain: (provider) => programStates.lookAt(provider),
    spawn: spawnPiped,
    killTree: kill,
    processStartTime,
    parentEnvironment,
    platform,
    clock,
    redactor,
    onChanged: (providerId, install) => emit('providers.installChanged', { providerId, install }),
    log,
  });

  // Until the command's side is there nobody has been told anything.
  let tellShells = () => {};
  const { vault, selfTest } = composeVault({
    probe: ownProgram(vaultProbeSwitch),
    data,
    clock,
    parentEnvironment,
    commands,
    entries: () => {
      const { used, loose } = identities.vaultEntries();
      // The trail's moves along, and is nobody's key.
      const kept = command.kept.entries();
      return {
        used: [...used, ...network.entries(), ...kept.used],
        loose: [...loose, trailVaultEntry, ...kept.loose],
      };
    },
    onChanged: () => {
      emit('vault.changed', {});
      tellShells();
      void network.refresh();
      issuers.background.resumed();
      void identities.retryDeletions();
      command.sweepKept();
      audit.vaultChanged();
    },
    record: (event) => audit.record(event),
  });
  const audit: AuditTrail = composeAudit({
    data,
    vault,
    clock,
    redactor,
    log,
    identities: () => identities,
    onChanged: () => emit('activity.changed', {}),
  });
  const issuers = composeIssuers({
    data,
    resources,
    clock,
    fetch,
    redactor,
    vault,
    provider: (id) => providers.find(id),
    accounts: () => identities.accounts(),
    isVaultOpen: async () => (await vault.state()).status === 'ready',
    onNote: (accountId) => {
      for (const { id } of identities.bundlesOf(accountId)) emit('bundles.changed', { bundleId: id });
    },
    log,
    onChanged: (accountId, what) => {
      audit.record({ kind: what === 'renewed' ? 'token.refreshed' : 'token.refused', accountId });
      health.check(accountId).catch((error: unknown) => log.error('health.fault', describeFault(error)));
    },
  });
  const accountsRoot = join(data, 'accounts');
  const directories = new AccountDirectories(accountsRoot);
  const keyHomes = new KeyHomes(join(data, 'key-homes'));
  const storeFile = openIdentityStoreFile(data, clock.now);
  const identities: Identities = new Identities({
    store: new IdentityStore(storeFile.file, storeFile.source),
    directories,
    vault,
    clock,
    newId: randomUUID,
    providerName: (id) => providers.find(id)?.name ?? id,
    logout: (providerId, directory, parameters) =>
      logout.run(providers.find(providerId), directory, parameters),
    revoke: issuers.revoke,
    isRevocable: issuers.isRevocable,
    hasLogout: (providerId) => Boolean(providers.find(providerId)?.logout?.args),
    removeKeyHome: (accountId) => keyHomes.remove(accountId),
    processStartTime,
    onChanged: (bundleId) => bundlesChanged([bundleId]),
    fileProblems: storeFile.problems,
    audit,
  });

  // Requests wait for it; nothing else does.
  void network.refresh();
  // Of this one instance, before its first sign-in.
  await OpenerShim.sweep(runtimeDirectory);
  const cli = {
    programs,
    parentEnvironment,
    homeDirectory,
    platform,
    clock,
    runtimeDirectory,
    redactor,
    spawnPiped,
    spawnPty,
    killTree: kill,
    commands,
  };
  const cliMethod = new CliMethod(cli);
  const sso = ssoServices(world.cloudEndpoints ?? {}, fetch);
  const identityCenter = new IdentityCenterMethod({ ...cli, services: sso });
  const methodFor = ({ provider, flow }: SignInRequest): SignInMethod => {
    if (flow.by === 'identity-center') return identityCenter;
    return provider.issuer ? issuers.method : cliMethod;
  };
  const sessions = new SessionFeed();
  const broker: Broker = new Broker({
    providers,
    method: { start: (request) => methodFor(request).start(request) },
    defaultFlow: (provider) => defaultFlow(provider.flows, programStates.known(provider)),
    targets: identities,
    bundleName: (id) => identities.list().bundles.find((bundle) => bundle.id === id)?.name ?? null,
    portHolder: (port) => findPortHolder(port),
    clock,
    newSessionId: randomUUID,
    openBrowser,
    onChanged: (snapshot) => {
      emit('auth.changed', snapshot);
      sessions.push(snapshot);
      world.onSession(snapshot);
      if (snapshot.status === 'success' && snapshot.accountId) {
        health.signedIn(snapshot.accountId);
        issuers.background.changed(snapshot.accountId);
      }
    },
    onOutput: (sessionId, lines) => emit('auth.output', { sessionId, lines }),
    redact: (line) => redactor.redact(line),
    audit,
    log,
  });
  const logout: ProviderLogout = new ProviderLogout({ cli: new CliLogout(cli), programs, services: sso });
  const isolationTest: IsolationTest = new IsolationTest({ ...cli, scratchDirectory: runtimeDirectory });
  const apiKeys = new ApiKeySignIn({
    vault,
    accounts: identities,
    clock,
    newId: randomUUID,
    fetch,
    askAws: async (key, origin, signal) => {
      const { askAboutAwsKey } = await import('../cloud/sources/aws-keys.ts');
      return askAboutAwsKey(key, world.cloudEndpoints?.sts ?? origin, signal, fetch);
    },
    audit,
  });

  const accountCheck = new CliAccountCheck({
    ...cli,
    commands: new PipedCommandRunner((request) => lowPriority(spawnPiped(request)), kill, clock),
  });
  const accountLook = new AccountLook({
    providers,
    cli: accountCheck,
    checkKey: (provider, key) => apiKeys.check(provider, key),
    vault,
    clock,
  });
  const health: AccountHealth = new AccountHealth({
    identities,
    look: (account, reason, signal) => accountLook.look(account, reason, signal),
    providerName: (id) => providers.find(id)?.name ?? id,
    clock,
    random: Math.random,
    onChanged: (bundleIds) => bundlesChanged(bundleIds),
    audit,
    log,
  });
  const preparation = new LaunchPreparation({
    identities,
    providers,
    programs,
    parentEnvironment: world.environment,
    network,
    beforeLaunch: (accountIds) => health.beforeLaunch(accountIds),
    platform,
    vault,
    keyHomes,
    audit,
    sessionVariables: async (bundleId, sessionId, parent) =>
      (await cloud()).variables(bundleId, sessionId, parent),
  });
  const shell = new ShellPreparation({
    identities,
    providers,
    programs,
    network,
    beforeLaunch: (accountIds) => health.beforeLaunch(accountIds),
    platform,
    vault,
    keyHomes,
    noLogin: join(data, 'no-login'),
  });
  // Not with the rest: the SDKs of three clouds would make every start slower.
  let loadedCloud: CloudHouse | null = null;
  const cloud = once(async () => {
    const { composeCloud } = await import('./cloud-house.ts');
    loadedCloud = await composeCloud({
      data,
      clock,
      log,
      redactor,
      homeDirectory,
      environment: world.environment,
      awsActions: world.awsActions,
      endpoints: world.cloudEndpoints ?? {},
      fetch,
      identities,
      providers,
      vault,
      keeper: issuers.keeper,
      cli,
      preparation,
      audit,
      onChanged: () => emit('sessions.changed', {}),
      onWarning: (warning) => emit('sessions.warning', warning),
    });
    // Before anything is opened.
    await loadedCloud.recover();
    emit('sessions.changed', {});
    return loadedCloud;
  });
  const cloudRuns: TerminalHouseParts['cloudRuns'] = {
    started: async (sessionId, process, line) => (await cloud()).runs.started(sessionId, process, line),
    // Kept for what else is to run under it, until its time is over.
    ended: (sessionId, process) => loadedCloud?.runs.ended(sessionId, process, { keep: true }),
  };
  const terminals = composeTerminals({
    ...world,
    preparation,
    cloudRuns,
    identities,
    finder,
    runtimeDirectory,
    audit,
  });
  /** What follows walks all accounts: once for all bundles of a write. */
  const bundlesChanged = (bundleIds: readonly string[]) => {
    for (const bundleId of bundleIds) emit('bundles.changed', { bundleId });
    terminals.bundlesChanged();
    command.sweepKept();
    void loadedCloud?.revokeOrphaned();
    tellShells();
  };

  const adoption = new Adoption({
    identities,
    providers: () => providers.list().map(({ definition }) => definition),
    logins: new MachineLogins({ ...cli, accountsRoot }),
    audit,
  });
  const diagnostics = composeDiagnostics({
    data,
    clock,
    homeDirectory,
    redactor,
    vault,
    audit,
    providers,
    programStates,
    identities,
  });
  let providersLoaded = false;
  const users = new AccountUsers({
    sessions: () => broker.list(),
    cancel: (sessionId) => broker.cancel(sessionId),
    // Where the clouds were not loaded, nothing is open.
    cloudSessions: () => loadedCloud?.desk.list().sessions.filter(({ held }) => held) ?? [],
    revoke: async (id) => loadedCloud?.desk.revoke(id),
    keptForTools: (bundleId) => command.kept.count(bundleId),
    holders: environmentHolders,
  });

  const command = composeCommand({
    host: world.host,
    data,
    environment: parentEnvironment,
    homeDirectory,
    loginPath,
    platform,
    clock,
    log,
    identities,
    providers,
    programStates,
    broker,
    sessions,
    apiKeys,
    keeper: issuers.keeper,
    vault,
    users,
    health,
    preparation,
    shell,
    desk: async () => (await cloud()).desk,
    cloudRuns,
    redactor,
    audit,
    onApprovals: () => emit('approvals.changed', {}),
    onKept: () => emit('command.keptChanged', {}),
    running: recordedRuns(
      {
        started: (program) => terminals.running.add(program),
        ended: (id) => terminals.running.ended(id),
      },
      audit,
    ),
  });
  tellShells = command.changed;

  const refreshProviders = async (askVersions: boolean) => {
    finder.refresh();
    const before = providersLoaded ? providers.list() : null;
    await providers.reload();
    providersLoaded = true;
    if (before) recordProviderChanges(before, providers.list(), audit);
    programStates
      .look(
        providers.list().map(({ definition }) => definition),
        askVersions,
      )
      .catch((error: unknown) => log.error('programs.fault', describeFault(error)));
    emit('providers.changed', {});
  };

  /** What an earlier run left is ended or removed; then what goes on by itself begins. To be called once. */
  const start = async () => {
    // Side by side: ending what a crash left running may take seconds.
    const recovered = identities
      .recover(async (recorded) => {
        await killRecorded(recorded);
      })
      .then(() => {
        const { bundles, problems } = identities.list();
        // What cannot be read may have one.
        if (problems.length > 0) return;
        return keyHomes.keepOnly(bundles.flatMap(({ accounts }) => accounts.map(({ id }) => id)));
      })
      .catch((error: unknown) => log.error('recovery.fault', describeFault(error)));
    const swept = ownCopies
      .sweep(async (recorded) => {
        await killRecorded(recorded);
      })
      .catch((error: unknown) => log.error('programs.fault', describeFault(error)));
    const tidied = vault.tidy().catch((error: unknown) => log.error('vault.fault', describeFault(error)));
    await Promise.all([recovered, tidied, swept.then(() => refreshProviders(false))]);
    command.sweepKept();
    await command.start();
    // Only now are the person's own providers known, and accounts that an earlier run left half-made gone.
    health.start();
    issuers.background.start();
    // What ran under a session when an earlier run crashed is ended, also where nobody looks at sessions.
    cloud().catch((error: unknown) => log.error('cloud.fault', describeFault(error)));
  };

  /** Ends everything that runs. */
  const stop = async () => {
    // What waits for an answer hears that there will be none.
    command.approvals.stop();
    isolationTest.stop();
    programVersions.stop();
    vault.stop();
    await Promise.all([broker.stop(), installs.stop(), health.stop(), issuers.background.stop()]);
    await command.stop();
    await accountCheck.stop();
    await terminals.stop();
    await loadedCloud?.stop();
    await demo.stop();
    // After everything that has something to tell.
    await audit.stop();
    log.info('app.stopped');
    log.close();
  };

  return {
    clock,
    platform,
    fetch,
    network,
    providers,
    programStates,
    chosenPrograms,
    installs,
    refreshProviders,
    vault,
    selfTest: async () => {
      const steps = await selfTest();
      diagnostics.selfTested(steps);
      return steps;
    },
    audit,
    diagnostics,
    keeper: issuers.keeper,
    background: issuers.background,
    /** What is known of an account beside its row. */
    noteOf: (account: Account): LookNote => {
      const failure = issuers.background.failure(account.id);
      return {
        ...health.note(account),
        ...(failure ? { renewalProblem: `${failure.title}. ${failure.hint}` } : {}),
      };
    },
    identities,
    adoption,
    users,
    broker,
    apiKeys,
    health,
    isolationTest,
    preparation,
    terminals,
    cloud,
    runUnderSession: async (sessionId: string, providerId: string | null) => {
      const { runs } = await cloud();
      await openSessionTerminal(sessionId, providerId, {
        runs,
        finder,
        programs,
        provider: (id) => providers.find(id),
        homeDirectory,
        platform,
        runtimeDirectory,
        clock,
        processStartTime,
        isAlive,
        audit,
        onFault: (error) => log.error('cloud.fault', describeFault(error)),
      });
    },
    commandInstallation: command.installation,
    approvals: command.approvals,
    approvalSettings: command.approvalSettings,
    toolGuides: command.guides,
    keptCredentials: command.kept,
    /** Cloud sessions that are open, for the tray. */
    cloudSessions: () => loadedCloud?.desk.tray() ?? [],
    start,
    stop,
  };
}

/** Makes something at the first call; one that failed is made anew at the next. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
