import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, dialog, Notification, net, powerMonitor, shell } from 'electron';
import { Broker } from './broker/broker.ts';
import { systemClock } from './clock.ts';
import { DemoService } from './demo/demo-service.ts';
import { LanyardError } from './failures.ts';
import { AccountDirectories } from './identities/account-directories.ts';
import { AccountHealth } from './identities/health.ts';
import { Identities } from './identities/identities.ts';
import { IdentityStore } from './identities/store.ts';
import { describeFault } from './journal/describe-fault.ts';
import { Log } from './journal/log.ts';
import { AccountUsers } from './launch/account-users.ts';
import { openBundleTerminal } from './launch/bundle-terminal.ts';
import { KeyHomes } from './launch/key-homes.ts';
import { AccountLook } from './methods/account-look.ts';
import { ApiKeySignIn } from './methods/api-key/api-key.ts';
import { CliAccountCheck } from './methods/cli/account-check.ts';
import { CliMethod } from './methods/cli/cli-method.ts';
import { IsolationTest } from './methods/cli/isolation-test.ts';
import { CliLogout } from './methods/cli/logout.ts';
import { Adoption } from './methods/machine/adoption.ts';
import { MachineLogins } from './methods/machine/machine-logins.ts';
import { environmentHolders } from './process/environment-holders.ts';
import { killRecorded, killTree, processStartTime } from './process/kill-tree.ts';
import { readLoginPath } from './process/login-path.ts';
import { lowPriority } from './process/low-priority.ts';
import { OpenerShim } from './process/opener-shim.ts';
import { findPortHolder } from './process/port-holder.ts';
import { ProgramFinder } from './process/program-finder.ts';
import { PipedCommandRunner } from './process/run-command.ts';
import { spawnPiped } from './process/spawn-piped.ts';
import { spawnPty } from './process/spawn-pty.ts';
import { ChosenPrograms } from './programs/chosen-programs.ts';
import { defaultFlow } from './programs/fitting-flows.ts';
import { Installs } from './programs/installs.ts';
import { openJsonFile } from './programs/json-file.ts';
import { OwnCopies } from './programs/own-copies.ts';
import { ProgramStates } from './programs/program-states.ts';
import { ProgramVersions } from './programs/program-version.ts';
import { ProviderPrograms } from './programs/provider-programs.ts';
import { builtInProviders } from './providers/built-in.ts';
import { demoProvider } from './providers/demo.ts';
import { ProviderFiles } from './providers/provider-files.ts';
import { ProviderRegistry } from './providers/registry.ts';
import { registerAppScheme, serveApp } from './shell/app-protocol.ts';
import { demoArguments, demoProgram, runAsDemoCli } from './shell/demo-program.ts';
import { appHandlers } from './shell/handlers/app-handlers.ts';
import { authHandlers } from './shell/handlers/auth-handlers.ts';
import { bundleHandlers } from './shell/handlers/bundle-handlers.ts';
import { healthHandlers } from './shell/handlers/health-handlers.ts';
import { isolationHandlers } from './shell/handlers/isolation-handlers.ts';
import { issuerHandlers } from './shell/handlers/issuer-handlers.ts';
import { programHandlers } from './shell/handlers/program-handlers.ts';
import { providerHandlers } from './shell/handlers/provider-handlers.ts';
import { tokenHandlers } from './shell/handlers/token-handlers.ts';
import { vaultHandlers } from './shell/handlers/vault-handlers.ts';
import { openIdentityStoreFile } from './shell/identity-store-file.ts';
import { type Handlers, pushEvent, registerIpc } from './shell/ipc.ts';
import { composeIssuers } from './shell/issuer-house.ts';
import { dataDirectory, isDevelopmentRuntime } from './shell/paths.ts';
import { pickProgram } from './shell/pick-program.ts';
import { Presence } from './shell/presence.ts';
import { saveFile } from './shell/save-file.ts';
import { composeVault, probeVaults } from './shell/vault-house.ts';
import { isVaultProbe, runAsVaultProbe } from './shell/vault-probe.ts';
import { applyWindowPolicy } from './shell/window-policy.ts';
import { openWindowStateFile } from './shell/window-state.ts';
import { Windows } from './shell/windows.ts';
import { Redactor } from './vault/redact.ts';

const built = join(import.meta.dirname, '..');
const resources = join(app.getAppPath(), 'resources');
const asDemoCli = demoArguments(process.argv);

if (asDemoCli) void runAsDemoCli(app, asDemoCli);
else if (isVaultProbe(process.argv)) void runAsVaultProbe(app, probeVaults);
else startApp();

/** Before the app is ready: what must be said early, and the decision whether this is the one instance. */
function startApp(): void {
  const data = dataDirectory(app, process.env);
  app.setPath('userData', join(data, 'window'));
  registerAppScheme();
  applyWindowPolicy(app);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  app
    .whenReady()
    .then(() => compose(data))
    .catch((error: unknown) => {
      const failure = error instanceof LanyardError ? error.failure : null;
      dialog.showErrorBox(
        failure?.title ?? 'Lanyard could not start',
        failure?.hint ?? `Data directory: ${data}`,
      );
      app.exit(1);
    });
}

/** The composition root: every part, made by hand. */
async function compose(data: string): Promise<void> {
  const clock = systemClock;
  const redactor = new Redactor();
  const log = new Log({ directory: join(data, 'logs'), clock, redact: (text) => redactor.redact(text) });
  const kill = (pid: number, options: { rootEnded?: boolean } = {}) => killTree(pid, { clock, ...options });
  const commands = new PipedCommandRunner(spawnPiped, kill, clock);
  const parentEnvironment = { ...process.env };
  const homeDirectory = homedir();
  const { platform } = process;
  // Chromium's network stack: the system's proxy and certificates.
  const netFetch = (url: string, init: RequestInit) => net.fetch(url, init);

  const windows = new Windows(
    join(built, 'preload', 'preload.cjs'),
    openWindowStateFile(join(data, 'window.json')),
    app.isPackaged,
  );
  // The page loads while the rest is made; what it asks meanwhile waits for the handlers.
  const composed = deferred<Handlers>();
  registerIpc(composed.promise, log);
  serveApp(join(built, 'renderer'));
  windows.show();

  const demo = new DemoService(clock);
  const { origin } = await demo.start();
  const providers = new ProviderRegistry(
    builtInProviders(demoProvider(demoProgram(app), origin)),
    join(data, 'providers'),
  );
  const ownCopies = new OwnCopies(join(data, 'programs'), platform);
  const finder = new ProgramFinder({
    environment: parentEnvironment,
    homeDirectory,
    platform,
    readLoginPath: () => readLoginPath(parentEnvironment.SHELL, parentEnvironment),
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
    onChanged: () => pushEvent(windows.all(), 'providers.changed', {}),
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
    onChanged: (providerId, install) =>
      pushEvent(windows.all(), 'providers.installChanged', { providerId, install }),
    log,
  });

  const { vault, selfTest } = composeVault({
    app,
    data,
    clock,
    parentEnvironment,
    commands,
    entries: () => identities.vaultEntries(),
    onChanged: () => {
      pushEvent(windows.all(), 'vault.changed', {});
      void identities.retryDeletions();
    },
  });
  const issuers = composeIssuers({
    data,
    resources,
    clock,
    fetch: netFetch,
    redactor,
    vault,
    provider: (id) => providers.find(id),
    onChanged: (accountId) => {
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
    onChanged: (bundleId) => pushEvent(windows.all(), 'bundles.changed', { bundleId }),
    fileProblems: storeFile.problems,
  });

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
  const broker: Broker = new Broker({
    providers,
    method: { start: (request) => (request.provider.issuer ? issuers.method : cliMethod).start(request) },
    defaultFlow: (provider) => defaultFlow(provider.flows, programStates.version(provider)),
    targets: identities,
    bundleName: (id) => identities.list().bundles.find((bundle) => bundle.id === id)?.name ?? null,
    portHolder: (port) => findPortHolder(port),
    clock,
    newSessionId: randomUUID,
    openBrowser: (url) =>
      shell.openExternal(url).then(
        () => true,
        () => false,
      ),
    onChanged: (snapshot) => {
      pushEvent(windows.all(), 'auth.changed', snapshot);
      presence.sessionChanged(snapshot);
      if (snapshot.status === 'success' && snapshot.accountId) health.signedIn(snapshot.accountId);
    },
    onOutput: (sessionId, lines) => pushEvent(windows.all(), 'auth.output', { sessionId, lines }),
    redact: (line) => redactor.redact(line),
    log,
  });
  const presence = new Presence({
    app,
    windows,
    icon: join(resources, 'tray.png'),
    sessions: () => broker.list(),
    providerName: (id) => providers.find(id)?.name ?? id,
    notify: (options) => (Notification.isSupported() ? new Notification(options) : null),
    stop: async () => {
      isolationTest.stop();
      programVersions.stop();
      await Promise.all([broker.stop(), installs.stop(), health.stop()]);
      await accountCheck.stop();
      await demo.stop();
      log.info('app.stopped');
      log.close();
    },
  });
  const logout: CliLogout = new CliLogout(cli);
  const isolationTest: IsolationTest = new IsolationTest({ ...cli, scratchDirectory: runtimeDirectory });
  const apiKeys = new ApiKeySignIn({
    vault,
    accounts: identities,
    clock,
    newId: randomUUID,
    fetch: netFetch,
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
    onChanged: (bundleId) => pushEvent(windows.all(), 'bundles.changed', { bundleId }),
    log,
  });
  powerMonitor.on('resume', () => health.resumed());

  const refreshProviders = async (askVersions: boolean) => {
    finder.refresh();
    await providers.reload();
    programStates
      .look(
        providers.list().map(({ definition }) => definition),
        askVersions,
      )
      .catch((error: unknown) => log.error('programs.fault', describeFault(error)));
    pushEvent(windows.all(), 'providers.changed', {});
  };
  composed.resolve({
    ...authHandlers({ broker, providers, apiKeys }),
    ...providerHandlers({
      providers,
      programs: programStates,
      refreshProviders,
      platform,
    }),
    ...issuerHandlers({
      providers,
      files: new ProviderFiles(join(data, 'providers')),
      identities,
      refreshProviders: () => refreshProviders(false),
      fetch: netFetch,
      clock,
    }),
    ...isolationHandlers({ providers, test: isolationTest }),
    ...programHandlers({
      providers,
      chosen: chosenPrograms,
      states: programStates,
      installs,
      pickProgram: (provider) => pickProgram(windows, provider, chosenPrograms.of(provider.id), platform),
      platform,
    }),
    ...bundleHandlers({
      identities,
      noteOf: (account) => health.note(account),
      stopLooking: (accountId) => health.forget(accountId),
      adoption: new Adoption({
        identities,
        providers: () => providers.list().map(({ definition }) => definition),
        logins: new MachineLogins({ ...cli, accountsRoot }),
      }),
      users: new AccountUsers({
        sessions: () => broker.list(),
        cancel: (sessionId) => broker.cancel(sessionId),
        holders: environmentHolders,
      }),
      saveFile: (name, text) => saveFile(windows.all()[0], app.getPath('documents'), name, text),
      now: clock.now,
      log,
    }),
    ...healthHandlers(health, identities),
    ...vaultHandlers({ vault, selfTest }),
    ...tokenHandlers({ identities, providers, keeper: issuers.keeper, vault, clock }),
    ...appHandlers({
      app,
      openTerminal: (bundleId) =>
        openBundleTerminal(bundleId, {
          identities,
          providers,
          programs,
          finder,
          parentEnvironment,
          homeDirectory,
          beforeLaunch: (accountIds) => health.beforeLaunch(accountIds),
          platform,
          vault,
          keyHomes,
          runtimeDirectory,
          clock,
        }),
      dataDirectory: data,
      developmentRuntime: isDevelopmentRuntime(app),
    }),
  });

  log.info('app.started', {
    version: app.getVersion(),
    electron: process.versions.electron ?? '',
    developmentRuntime: isDevelopmentRuntime(app),
  });
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
  // Only now are the person's own providers known, and accounts that an earlier run left half-made gone.
  health.start();
  if (process.argv.includes('--lanyard-reload')) reloadOnChange(windows);
}

/** A promise and what resolves it. */
function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** For `npm run dev`: a new build of the renderer shows at once. */
function reloadOnChange(windows: Windows): void {
  let timer: NodeJS.Timeout | undefined;
  watch(join(built, 'renderer'), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const window of windows.all()) window.webContents.reload();
    }, 200);
  });
}
