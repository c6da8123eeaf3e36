import { watch } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { app, clipboard, dialog, powerMonitor, shell } from 'electron';
import { systemClock } from './clock.ts';
import { claimHouse } from './command/house-claim.ts';
import { noteLauncher } from './command/launcher.ts';
import { LanyardError } from './failures.ts';
import { composeHouse } from './house/house.ts';
import { probeVaults } from './house/vault-house.ts';
import { describeFault } from './journal/describe-fault.ts';
import { Log } from './journal/log.ts';
import { ProviderFiles } from './providers/provider-files.ts';
import { registerAppScheme, serveApp } from './shell/app-protocol.ts';
import { ChromiumTransport } from './shell/chromium-transport.ts';
import { commandProgram, launcherOf } from './shell/command-places.ts';
import { demoArguments, runAsDemoCli } from './shell/demo-program.ts';
import { composeDesktop, openDesktopChoices } from './shell/desktop.ts';
import { activityHandlers } from './shell/handlers/activity-handlers.ts';
import { appHandlers } from './shell/handlers/app-handlers.ts';
import { approvalHandlers } from './shell/handlers/approval-handlers.ts';
import { authHandlers } from './shell/handlers/auth-handlers.ts';
import { bundleHandlers } from './shell/handlers/bundle-handlers.ts';
import { commandHandlers } from './shell/handlers/command-handlers.ts';
import { desktopHandlers } from './shell/handlers/desktop-handlers.ts';
import { healthHandlers } from './shell/handlers/health-handlers.ts';
import { isolationHandlers } from './shell/handlers/isolation-handlers.ts';
import { issuerHandlers } from './shell/handlers/issuer-handlers.ts';
import { networkHandlers } from './shell/handlers/network-handlers.ts';
import { programHandlers } from './shell/handlers/program-handlers.ts';
import { providerHandlers } from './shell/handlers/provider-handlers.ts';
import { sessionHandlers } from './shell/handlers/session-handlers.ts';
import { terminalHandlers } from './shell/handlers/terminal-handlers.ts';
import { tokenHandlers } from './shell/handlers/token-handlers.ts';
import { vaultHandlers } from './shell/handlers/vault-handlers.ts';
import { type Handlers, pushEvent, registerIpc } from './shell/ipc.ts';
import { LinkArrivals } from './shell/link-arrivals.ts';
import { startsHidden } from './shell/login-start.ts';
import { ownProgram } from './shell/own-program.ts';
import { dataDirectory, isDevelopmentRuntime } from './shell/paths.ts';
import { pickCertificates } from './shell/pick-certificates.ts';
import { pickProgram } from './shell/pick-program.ts';
import { type SaveRequest, saveFile } from './shell/save-file.ts';
import { sayOnTerminal } from './shell/terminal-line.ts';
import { isVaultProbe, runAsVaultProbe } from './shell/vault-probe.ts';
import { applyWindowPolicy } from './shell/window-policy.ts';
import { openWindowStateFile } from './shell/window-state.ts';
import { Windows } from './shell/windows.ts';
import { Redactor } from './vault/redact.ts';
import { SecretClipboard } from './vault/secret-clipboard.ts';

const built = join(import.meta.dirname, '..');
const resources = join(app.getAppPath(), 'resources');
const asDemoCli = demoArguments(process.argv);

if (asDemoCli) void runAsDemoCli(app, asDemoCli);
else if (isVaultProbe(process.argv)) void runAsVaultProbe(app, probeVaults);
else startApp();

/** Before the app is ready: what must be said early, and the decision whether this is the one instance. */
function startApp(): void {
  let data: string;
  try {
    data = dataDirectory(app, process.env);
  } catch (error) {
    // Before the app is ready this is a line on the standard error where there are no boxes yet.
    sayAndExit(error, 'It is not known where its data is kept.');
    return;
  }
  app.setPath('userData', join(data, 'window'));
  registerAppScheme();
  applyWindowPolicy(app);
  // Notifications of Windows belong to an id, which the package's shortcut has as well.
  app.setAppUserModelId('dev.lanyard.app');
  if (!app.requestSingleInstanceLock()) {
    sayOnTerminal(app, 'Lanyard is running already: its window is shown.');
    app.quit();
    return;
  }
  const arrivals = new LinkArrivals(app, process.argv);
  app
    .whenReady()
    .then(() => compose(data, arrivals))
    .catch((error: unknown) => sayAndExit(error, `Data directory: ${data}`));
}

function sayAndExit(error: unknown, otherwise: string): void {
  const failure = error instanceof LanyardError ? error.failure : null;
  dialog.showErrorBox(failure?.title ?? 'Lanyard could not start', failure?.hint ?? otherwise);
  app.exit(1);
}

/** The composition root: the house, and the windows around it. */
async function compose(data: string, arrivals: LinkArrivals): Promise<void> {
  const windows = new Windows(
    join(built, 'preload', 'preload.cjs'),
    openWindowStateFile(join(data, 'window.json')),
    app.isPackaged,
  );
  // The page loads while the rest is made; what it asks meanwhile waits for the handlers.
  const composed = deferred<Handlers>();
  const redactor = new Redactor();
  const log = new Log({
    directory: join(data, 'logs'),
    clock: systemClock,
    redact: (text) => redactor.redact(text),
  });
  registerIpc(composed.promise, log);
  serveApp(join(built, 'renderer'));
  const choices = openDesktopChoices({
    app,
    windows,
    data,
    environment: process.env,
    homeDirectory: homedir(),
  });
  if (!startsHidden(app, process.argv)) windows.show();

  const giveBack = await claimHouse(data, systemClock);
  let desktop: ReturnType<typeof composeDesktop> | null = null;
  const house = await composeHouse({
    data,
    resources,
    log,
    redactor,
    clock: systemClock,
    environment: { ...process.env },
    homeDirectory: homedir(),
    platform: process.platform,
    transport: new ChromiumTransport(systemClock.now),
    openBrowser: (url) =>
      shell.openExternal(url).then(
        () => true,
        () => false,
      ),
    ownProgram: (mode) => ownProgram(app, mode),
    host: {
      kind: 'app',
      version: app.getVersion(),
      program: commandProgram(app),
      quit: () => app.quit(),
      bringUp: () => windows.show(),
    },
    awsActions: join(import.meta.dirname, 'aws-actions.json'),
    cloudEndpoints: cloudEndpoints(app.isPackaged, process.env),
    emit: (event, payload) => {
      pushEvent(windows.all(), event, payload);
      desktop?.presence.told(event);
    },
    onSession: (snapshot) => desktop?.presence.sessionChanged(snapshot),
  });
  const { providers, identities, health } = house;
  // Before what else may end with the last window.
  app.on('window-all-closed', () => house.approvals.windowClosed());
  const secretClipboard = new SecretClipboard(clipboard, systemClock);
  desktop = composeDesktop({
    app,
    windows,
    house,
    choices,
    resources,
    arrivals,
    cloudSessions: () =>
      house.cloudSessions().map(({ sessionId, principal, bundleName, endsAt }) => ({
        id: sessionId,
        label: bundleName === null ? principal : `${bundleName}: ${principal}`,
        endsAt,
      })),
    stop: async () => {
      await secretClipboard.takeBack();
      await house.stop().finally(giveBack);
    },
    clock: systemClock,
    log,
  });
  powerMonitor.on('resume', () => {
    house.vault.back();
    health.resumed();
    house.background.resumed();
    // It may be in another network now.
    void house.network.refresh();
  });
  powerMonitor.on('suspend', () => house.vault.away());
  powerMonitor.on('lock-screen', () => house.vault.away());
  const save = (request: SaveRequest) => saveFile(windows.all()[0], app.getPath('documents'), request);
  composed.resolve({
    ...authHandlers({ ...house, clipboard }),
    ...providerHandlers({ ...house, programs: house.programStates }),
    ...issuerHandlers({
      ...house,
      files: new ProviderFiles(join(data, 'providers')),
      refreshProviders: () => house.refreshProviders(false),
    }),
    ...approvalHandlers(house),
    ...commandHandlers({
      installation: house.commandInstallation,
      guides: house.toolGuides,
      kept: house.keptCredentials,
      audit: house.audit,
      clipboard,
    }),
    ...networkHandlers({ ...house, pickCertificates: () => pickCertificates(windows) }),
    ...isolationHandlers({
      providers,
      test: house.isolationTest,
      onTested: (report) => house.diagnostics.isolationTested(report),
    }),
    ...programHandlers({
      ...house,
      clipboard,
      chosen: house.chosenPrograms,
      states: house.programStates,
      pickProgram: (provider) =>
        pickProgram(windows, provider, house.chosenPrograms.of(provider.id), process.platform),
    }),
    ...bundleHandlers({
      identities,
      noteOf: house.noteOf,
      stopLooking: (accountId) => health.forget(accountId),
      adoption: house.adoption,
      users: house.users,
      onDuplicated: (bundleId, copyId) => house.approvalSettings.copy(bundleId, copyId),
      saveFile: (name, text) =>
        save({
          title: 'Export identities',
          name,
          filter: { name: 'JSON', extensions: ['json'] },
          content: text,
        }),
      now: systemClock.now,
      log,
    }),
    ...healthHandlers(health, identities),
    ...desktopHandlers(desktop),
    ...terminalHandlers({ app, clipboard, terminals: house.terminals }),
    ...activityHandlers({
      clipboard,
      audit: house.audit,
      diagnostics: house.diagnostics,
      versions: {
        Lanyard: app.getVersion(),
        Electron: process.versions.electron ?? '',
        Chromium: process.versions.chrome ?? '',
        Node: process.versions.node,
        Packaged: app.isPackaged ? 'yes' : 'no',
        'Development runtime': isDevelopmentRuntime(app) ? 'yes' : 'no',
      },
      save,
      onVerifying: (entries) => pushEvent(windows.all(), 'activity.verifying', { entries }),
    }),
    ...sessionHandlers({ ...house, clipboard: secretClipboard }),
    ...vaultHandlers(house),
    ...tokenHandlers({ ...house, clipboard: secretClipboard }),
    ...appHandlers({
      app,
      clipboard,
      openTerminal: house.terminals.openTerminal,
      dataDirectory: data,
      developmentRuntime: isDevelopmentRuntime(app),
    }),
  });

  log.info('app.started', {
    version: app.getVersion(),
    electron: process.versions.electron ?? '',
    developmentRuntime: isDevelopmentRuntime(app),
  });
  try {
    noteLauncher(data, launcherOf(app));
  } catch (error) {
    // Then it cannot start us by itself.
    log.error('command.not_noted', describeFault(error));
  }
  await house.start();
  // Only now are the person's own providers known.
  desktop.acceptLinks();
  sayOnTerminal(app, `Lanyard is running. Its data is in ${data}; Ctrl+C ends it.`);
  if (process.argv.includes('--lanyard-reload')) reloadOnChange(windows);
}

/** Clouds that stand on this machine, for tests of the app: never in what people install. */
function cloudEndpoints(isPackaged: boolean, environment: NodeJS.ProcessEnv) {
  const origin = environment.LANYARD_AWS_ORIGIN;
  return isPackaged || !origin ? {} : { sts: origin, iam: origin, ssoPortal: origin, ssoOidc: origin };
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
