import { contextBridge, ipcRenderer } from 'electron';
import type {
  Channel,
  EventName,
  EventPayload,
  LanyardBridge,
  Reply,
  Request,
  Response,
} from './contract.ts';

/** Not exposed: windows get the named functions below and can neither name a channel nor pass a callback to one. */
const call = <C extends Channel>(channel: C, request: Request<C>): Promise<Reply<Response<C>>> =>
  ipcRenderer.invoke(channel, request);

const listen = <E extends EventName>(
  event: E,
  listener: (payload: EventPayload<E>) => void,
): (() => void) => {
  const handler = (_event: unknown, payload: EventPayload<E>) => listener(payload);
  ipcRenderer.on(event, handler);
  return () => ipcRenderer.removeListener(event, handler);
};

const bridge: LanyardBridge = {
  auth: {
    start: (request) => call('auth.start', request),
    poll: (request) => call('auth.poll', request),
    cancel: (request) => call('auth.cancel', request),
    submitCallback: (request) => call('auth.submitCallback', request),
    submitApiKey: (request) => call('auth.submitApiKey', request),
    list: () => call('auth.list', {}),
    transcript: (request) => call('auth.transcript', request),
    openLink: (request) => call('auth.openLink', request),
    copy: (request) => call('auth.copy', request),
    onChanged: (listener) => listen('auth.changed', listener),
    onOutput: (listener) => listen('auth.output', listener),
    onShow: (listener) => listen('auth.show', listener),
  },
  clipboard: { readText: () => call('clipboard.readText', {}) },
  providers: {
    list: () => call('providers.list', {}),
    refresh: (request) => call('providers.refresh', request),
    copyInstallCommand: (request) => call('providers.copyInstallCommand', request),
    chooseProgram: (request) => call('providers.chooseProgram', request),
    forgetProgram: (request) => call('providers.forgetProgram', request),
    install: (request) => call('providers.install', request),
    cancelInstall: (request) => call('providers.cancelInstall', request),
    installs: () => call('providers.installs', {}),
    dismissInstall: (request) => call('providers.dismissInstall', request),
    testIsolation: (request) => call('providers.testIsolation', request),
    onInstallChanged: (listener) => listen('providers.installChanged', listener),
    onChanged: (listener) => listen('providers.changed', listener),
  },
  bundles: {
    list: () => call('bundles.list', {}),
    get: (request) => call('bundles.get', request),
    create: (request) => call('bundles.create', request),
    rename: (request) => call('bundles.rename', request),
    describe: (request) => call('bundles.describe', request),
    recolour: (request) => call('bundles.recolour', request),
    move: (request) => call('bundles.move', request),
    setDefault: (request) => call('bundles.setDefault', request),
    duplicate: (request) => call('bundles.duplicate', request),
    planDelete: (request) => call('bundles.planDelete', request),
    delete: (request) => call('bundles.delete', request),
    export: () => call('bundles.export', {}),
    onChanged: (listener) => listen('bundles.changed', listener),
  },
  accounts: {
    planSignOut: (request) => call('accounts.planSignOut', request),
    signOut: (request) => call('accounts.signOut', request),
    expect: (request) => call('accounts.expect', request),
    findOnMachine: () => call('accounts.findOnMachine', {}),
    adopt: (request) => call('accounts.adopt', request),
    check: (request) => call('accounts.check', request),
    checkAll: (request) => call('accounts.checkAll', request),
    acceptPerson: (request) => call('accounts.acceptPerson', request),
  },
  sessions: {
    list: () => call('sessions.list', {}),
    profiles: () => call('sessions.profiles', {}),
    removeFinished: () => call('sessions.removeFinished', {}),
    get: (request) => call('sessions.get', request),
    checkPolicy: (request) => call('sessions.checkPolicy', request),
    saveProfile: (request) => call('sessions.saveProfile', request),
    deleteProfile: (request) => call('sessions.deleteProfile', request),
    terms: (request) => call('sessions.terms', request),
    setTerms: (request) => call('sessions.setTerms', request),
    sources: (request) => call('sessions.sources', request),
    awsAccounts: (request) => call('sessions.awsAccounts', request),
    awsRoles: (request) => call('sessions.awsRoles', request),
    open: (request) => call('sessions.open', request),
    extend: (request) => call('sessions.extend', request),
    revoke: (request) => call('sessions.revoke', request),
    run: (request) => call('sessions.run', request),
    copyEnvironment: (request) => call('sessions.copyEnvironment', request),
    remove: (request) => call('sessions.remove', request),
    onChanged: (listener) => listen('sessions.changed', listener),
    onWarning: (listener) => listen('sessions.warning', listener),
  },
  launch: { openTerminal: (request) => call('launch.openTerminal', request) },
  app: { info: () => call('app.info', {}) },
  issuers: {
    test: (request) => call('issuers.test', request),
    add: (request) => call('issuers.add', request),
    remove: (request) => call('issuers.remove', request),
  },
  network: {
    state: () => call('network.state', {}),
    saveProxy: (request) => call('network.saveProxy', request),
    chooseAuthorities: () => call('network.chooseAuthorities', {}),
    removeAuthorities: () => call('network.removeAuthorities', {}),
    test: (request) => call('network.test', request),
    onChanged: (listener) => listen('network.changed', listener),
  },
  tokens: {
    show: (request) => call('tokens.show', request),
    refresh: (request) => call('tokens.refresh', request),
    copy: (request) => call('tokens.copy', request),
  },
  vault: {
    state: () => call('vault.state', {}),
    choose: (request) => call('vault.choose', request),
    unlock: (request) => call('vault.unlock', request),
    lock: () => call('vault.lock', {}),
    changePassphrase: (request) => call('vault.changePassphrase', request),
    setAutoLock: (request) => call('vault.setAutoLock', request),
    selfTest: () => call('vault.selfTest', {}),
    setAside: () => call('vault.setAside', {}),
    onChanged: (listener) => listen('vault.changed', listener),
  },
};

contextBridge.exposeInMainWorld('lanyard', bridge);
