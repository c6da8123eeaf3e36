import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Place } from '../../src-preload/contract/desktop.ts';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { Failure, FormValues } from '../../src-preload/contract/values.ts';
import type { LanyardBridge } from '../../src-preload/contract.ts';
import { sentences } from '../format/sentences.ts';
import { healthNews } from './account-status.ts';
import { announcementFor, installAnnouncement } from './announcements.ts';
import { ask } from './ask.ts';
import { coalesce } from './coalesce.ts';
import {
  type AppEvent,
  type AppState,
  type Attempt,
  boundAccount,
  type Connection,
  flowOf,
  isRunning,
  modalMissesProgram,
  type Page,
  runningSignIn,
  shownBundle,
  shownSessionId,
} from './model.ts';

/** What outlives a reload of the window, besides all that main knows. */
export interface WindowMemory {
  page: Page;
  openSessionId: string | null;
}

export interface ControllerParts {
  bridge: LanyardBridge;
  state: () => AppState;
  dispatch: (event: AppEvent) => void;
  /** Says something to people who do not see the change. */
  announce: (text: string) => void;
  remembered: WindowMemory | null;
  /** Moves to an account's card, as soon as it is there. */
  showAccount: (accountId: string) => void;
}

export interface ConnectRequest {
  providerId: string;
  bundleId: string | null;
  flowId?: string | undefined;
}

type StartRequest = ConnectRequest & Pick<Connection, 'parameters'> & { endSessionId?: string };

/** Everything a person can ask for. Answers of main arrive in the state; only what a form needs inline is returned. */
export interface Controller {
  /** Listens to main and reads the first lists. Returns the function that stops listening. */
  begin(): () => void;
  /**
   * Opens the modal and starts a sign-in, or shows the one that already runs there; a flow that asks for something shows
   * its form first. Does nothing while a modal is open, so the second click of a double click starts nothing.
   */
  connect(request: ConnectRequest): Promise<void>;
  /** Ends the modal's attempt, if one runs, and starts another for the same provider and bundle, or shows its form. */
  restart(flowId?: string): Promise<void>;
  /** Ends the sign-in that stands in the way of the modal's, and starts that. */
  endOtherAndStart(): Promise<void>;
  /** Starts the sign-in whose form the modal shows. Returns what is wrong with the form, or `null`. */
  submitParameters(values: FormValues): Promise<Failure | null>;
  /** Starts the modal's sign-in once more, into an identity of its own. */
  saveAsNew(): Promise<void>;
  /** Turns the modal into the form for an API key; a sign-in that runs is ended. */
  useApiKey(): Promise<void>;
  /** Ends the sign-in and closes the modal. */
  cancel(): Promise<void>;
  /** Closes the modal; a sign-in that runs goes on. */
  hide(): void;
  show(sessionId: string): Promise<void>;
  dismiss(sessionId: string): void;
  choosePage(page: Page): void;
  /** Where something outside of the window led. */
  goTo(place: Place): void;
}

export function createController(parts: ControllerParts): Controller {
  const { bridge, state, dispatch } = parts;
  /** Counts attempts of this window: an answer to an attempt that was given up is recognised by its number. */
  let attempt = 0;
  /** Sessions this window ended on purpose: their failure is no news. */
  const givenUp = new Set<string>();

  const providerName = (providerId: string) =>
    state().providers.find((provider) => provider.id === providerId)?.name ?? providerId;

  const onSnapshot = (snapshot: SessionSnapshot) => {
    const before = state().sessions[snapshot.sessionId]?.snapshot;
    if (before && !isRunning(before)) return;
    dispatch({ type: 'session-changed', snapshot });
    // What goes on behind a closed modal is only worth an interruption when it ends.
    const heard = shownSessionId(state()) === snapshot.sessionId || !isRunning(snapshot);
    if (!heard || givenUp.has(snapshot.sessionId)) return;
    const text = announcementFor(before, snapshot, providerName(snapshot.providerId));
    if (text) parts.announce(text);
  };

  /** Bundles that were read, or are being read: the others are read when somebody looks at them. */
  const known = new Set<string>();
  const readBundle = async (bundleId: string) => {
    known.add(bundleId);
    const reply = await ask(bridge.bundles.get({ bundleId }));
    // A bundle that is gone is not in the next list either.
    if (!reply.ok) return;
    const isShown = shownBundle(state())?.id === bundleId;
    const news = isShown ? healthNews(state().details[bundleId], reply.value, providerName) : null;
    dispatch({ type: 'bundle-read', bundle: reply.value });
    if (news) parts.announce(news);
  };
  /** Bundles whose details are to be read with the next list. */
  const stale = new Set<string>();
  const loadBundles = coalesce(async () => {
    const changed = [...stale].filter((id) => known.has(id));
    stale.clear();
    const [reply] = await Promise.all([ask(bridge.bundles.list()), ...changed.map(readBundle)]);
    if (reply.ok) dispatch({ type: 'bundles-listed', ...reply.value });
    await readShownBundle();
  });
  const readShownBundle = async () => {
    const shown = shownBundle(state());
    if (shown && !state().details[shown.id]) await readBundle(shown.id);
  };
  const loadProviders = coalesce(async () => {
    const reply = await ask(bridge.providers.list());
    if (reply.ok) dispatch({ type: 'providers-listed', ...reply.value });
  });

  const poll = async (sessionId: string) => {
    const reply = await ask(bridge.auth.poll({ sessionId }));
    if (reply.ok) onSnapshot(reply.value);
  };

  const end = async (sessionId: string) => {
    givenUp.add(sessionId);
    dispatch({ type: 'session-dismissed', sessionId });
    await ask(bridge.auth.cancel({ sessionId }));
  };

  /** Makes every attempt that is under way an old one, and ends its session if it has one that runs. */
  const giveUp = async (sessionId: string | null) => {
    attempt += 1;
    const snapshot = sessionId === null ? undefined : state().sessions[sessionId]?.snapshot;
    if (sessionId !== null && !(snapshot && !isRunning(snapshot))) await end(sessionId);
  };

  const openWith = (request: StartRequest, attempt: Attempt) => {
    const { providerId, bundleId, flowId, parameters } = request;
    dispatch({ type: 'modal-opened', connection: { providerId, bundleId, flowId, parameters, attempt } });
  };

  /** The form of the flow if it has one, filled in with what the account was signed in with; else the sign-in itself. */
  const askOrStart = async (request: StartRequest, ending: string | null) => {
    const flow = flowOf(state(), request);
    if (!flow?.parameters.length) {
      await start({ ...request, parameters: undefined }, ending);
      return;
    }
    const known = boundAccount(state(), request.providerId, request.bundleId)?.parameters;
    const stopped = giveUp(ending);
    // By its name: which one is the first may change while the person types, with what is known of programs.
    const asking = { ...request, flowId: flow.id, parameters: request.parameters ?? known };
    openWith(asking, { kind: 'parameters' });
    await stopped;
  };

  /** An account that was signed in with answers of the person's is signed in again the same way. */
  const sameWay = (request: ConnectRequest): ConnectRequest => {
    const account = boundAccount(state(), request.providerId, request.bundleId);
    if (request.flowId !== undefined || !account?.parameters) return request;
    return flowOf(state(), { providerId: request.providerId, flowId: account.flowId })
      ? { ...request, flowId: account.flowId }
      : request;
  };

  const askToStart = ({ providerId, bundleId, flowId, parameters, endSessionId }: StartRequest) =>
    ask(
      bridge.auth.start({
        providerId,
        ...(flowId === undefined ? {} : { flowId }),
        ...(bundleId === null ? {} : { intoBundleId: bundleId }),
        ...(parameters === undefined ? {} : { parameters }),
        ...(endSessionId === undefined ? {} : { endSessionId }),
      }),
    );

  /** What main says to a start that the modal has waited for. */
  const take = async (request: StartRequest, reply: Awaited<ReturnType<typeof askToStart>>) => {
    if (!reply.ok) {
      dispatch({ type: 'attempt-changed', attempt: { kind: 'refused', failure: reply.failure } });
      parts.announce(`${providerName(request.providerId)}: ${sentences(reply.failure)}`);
      return;
    }
    const { sessionId } = reply.value;
    dispatch({ type: 'attempt-changed', attempt: { kind: 'session', sessionId } });
    if (!state().sessions[sessionId]) await poll(sessionId);
  };

  const takesOnlyKey = (providerId: string) =>
    state().providers.find(({ id }) => id === providerId)?.flows.length === 0;

  const start = async (request: StartRequest, ending: string | null) => {
    openWith(request, { kind: 'starting' });
    const stopped = giveUp(ending);
    const mine = attempt;
    await stopped;
    if (mine !== attempt) return;
    const reply = await askToStart(request);
    // The person gave up before main had answered.
    if (mine === attempt) await take(request, reply);
    else if (reply.ok) await end(reply.value.sessionId);
  };

  const show = async (sessionId: string) => {
    if (!state().sessions[sessionId]) await poll(sessionId);
    if (state().modal?.attempt.kind === 'starting') return;
    dispatch({ type: 'session-shown', sessionId });
  };

  const restart = async (flowId?: string) => {
    const modal = state().modal;
    if (!modal || modal.attempt.kind === 'starting') return;
    const provider = state().providers.find(({ id }) => id === modal.providerId);
    // The CLI may have been installed since: let main look before it says "not found" again.
    if (provider?.program.state === 'missing') await ask(bridge.providers.refresh({ askVersions: false }));
    await askOrStart({ ...modal, flowId: flowId ?? modal.flowId }, shownSessionId(state()));
  };

  const onInstall = (providerId: string, install: Install | null) => {
    const before = state().installs[providerId];
    dispatch({ type: 'install-changed', providerId, install });
    const text = installAnnouncement(before, install, providerName(providerId));
    if (text) parts.announce(text);
    // The person wanted to sign in, and the program was all that was missing.
    if (install?.status !== 'succeeded' || !modalMissesProgram(state(), providerId)) return;
    void ask(bridge.providers.dismissInstall({ providerId }));
    void restart();
  };

  const loadInstalls = async () => {
    const reply = await ask(bridge.providers.installs());
    if (reply.ok) dispatch({ type: 'installs-listed', installs: reply.value.installs });
  };

  const restore = async () => {
    const reply = await ask(bridge.auth.list());
    if (reply.ok) dispatch({ type: 'sessions-listed', sessions: reply.value.sessions });
    const open = parts.remembered?.openSessionId;
    if (open && state().sessions[open] && !state().modal)
      dispatch({ type: 'session-shown', sessionId: open });
  };

  const choosePage = (page: Page) => {
    dispatch({ type: 'page-chosen', page });
    void readShownBundle();
  };

  const goTo = (place: Place) => {
    switch (place.name) {
      case 'identity':
        choosePage({ name: 'identities', bundleId: place.bundleId });
        if (place.accountId !== undefined) parts.showAccount(place.accountId);
        return;
      case 'terminal':
        choosePage({ name: 'terminals', tabId: place.tabId });
        return;
      case 'cloud-session':
        choosePage({ name: 'sessions', sessionId: place.sessionId });
        return;
    }
  };

  return {
    begin() {
      const stop = [
        bridge.auth.onChanged(onSnapshot),
        bridge.auth.onShow(({ sessionId }) => void show(sessionId)),
        bridge.desktop.onShow(({ place }) => goTo(place)),
        bridge.bundles.onChanged(({ bundleId }) => {
          stale.add(bundleId);
          void loadBundles();
        }),
        bridge.providers.onChanged(() => void loadProviders()),
        bridge.providers.onInstallChanged(({ providerId, install }) => onInstall(providerId, install)),
      ];
      if (parts.remembered) dispatch({ type: 'page-chosen', page: parts.remembered.page });
      void loadBundles();
      void loadProviders();
      void loadInstalls();
      void restore();
      return () => {
        for (const each of stop) each();
      };
    },

    async connect(request) {
      if (state().modal) return;
      const running = runningSignIn(state(), request.providerId, request.bundleId);
      if (running) dispatch({ type: 'session-shown', sessionId: running.sessionId });
      else if (takesOnlyKey(request.providerId)) openWith(request, { kind: 'api-key' });
      else await askOrStart(sameWay(request), null);
    },

    restart,

    async endOtherAndStart() {
      const modal = state().modal;
      const other = modal?.attempt.kind === 'refused' ? modal.attempt.failure.blockedBy : undefined;
      if (!modal || !other) return;
      givenUp.add(other.sessionId);
      dispatch({ type: 'session-dismissed', sessionId: other.sessionId });
      await start({ ...modal, endSessionId: other.sessionId }, null);
    },

    async submitParameters(values) {
      const modal = state().modal;
      if (modal?.attempt.kind !== 'parameters') return null;
      attempt += 1;
      const mine = attempt;
      const request = { ...modal, parameters: values };
      const reply = await askToStart(request);
      if (mine !== attempt) {
        if (reply.ok) await end(reply.value.sessionId);
        return null;
      }
      if (!reply.ok && reply.failure.fields) return reply.failure;
      openWith(request, { kind: 'starting' });
      await take(request, reply);
      return null;
    },

    async saveAsNew() {
      const modal = state().modal;
      if (!modal || modal.attempt.kind === 'starting') return;
      await start({ ...modal, bundleId: null }, shownSessionId(state()));
    },

    async useApiKey() {
      const stopped = giveUp(shownSessionId(state()));
      dispatch({ type: 'attempt-changed', attempt: { kind: 'api-key' } });
      await stopped;
    },

    async cancel() {
      const sessionId = shownSessionId(state());
      dispatch({ type: 'modal-closed' });
      await giveUp(sessionId);
    },

    hide() {
      dispatch({ type: 'modal-closed' });
    },

    show,

    dismiss(sessionId) {
      dispatch({ type: 'session-dismissed', sessionId });
    },

    choosePage,
    goTo,
  };
}
