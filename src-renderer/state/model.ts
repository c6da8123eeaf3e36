import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { AccountView, BundleSummary, BundleView } from '../../src-preload/contract/bundles.ts';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { FlowView, ProviderView } from '../../src-preload/contract/providers.ts';
import type { Failure, FormValues, Problem } from '../../src-preload/contract/values.ts';

/** What the Connect modal is about. */
export interface Connection {
  providerId: string;
  /** The bundle the account joins; `null` makes one on success. */
  bundleId: string | null;
  /** `undefined` is the provider's first flow. */
  flowId: string | undefined;
  /** What the flow was or will be started with; stands in its form at first. */
  parameters?: FormValues | undefined;
  attempt: Attempt;
}

export type Attempt =
  /** `auth.start` was sent and has not answered. */
  | { kind: 'starting' }
  | { kind: 'session'; sessionId: string }
  /** `auth.start` answered with a failure: there is no session. */
  | { kind: 'refused'; failure: Failure }
  /** The form for what the flow asks before it starts. */
  | { kind: 'parameters' }
  /** The form for an API key, which needs no session. */
  | { kind: 'api-key' };

export type SettingsSection =
  | 'identities'
  | 'providers'
  | 'cloud-sessions'
  | 'network'
  | 'security'
  | 'command'
  | 'appearance'
  | 'about';

export type Page =
  | { name: 'identities'; bundleId: string | null }
  /** `sessionId`: the cloud session to go to. */
  | { name: 'sessions'; sessionId?: string }
  | { name: 'activity' }
  /** `providerId`: the one whose details are open. */
  | { name: 'settings'; section: SettingsSection; providerId?: string }
  /** `tabId` null: the list of what runs. */
  | { name: 'terminals'; tabId: string | null };

export interface TrackedSession {
  snapshot: SessionSnapshot;
  /** Where the session last was while it ran, for the failure's details. */
  stage: { status: SessionSnapshot['status']; phase: SessionSnapshot['phase'] } | null;
}

export interface AppState {
  bundles: BundleSummary[];
  /** Those that were looked at, with their accounts; as new as the list. */
  details: Record<string, BundleView>;
  /** The one that a new window starts with. */
  defaultBundleId: string | null;
  bundleProblems: Problem[];
  bundlesLoaded: boolean;
  providers: ProviderView[];
  providerProblems: Problem[];
  providersLoaded: boolean;
  sessions: Record<string, TrackedSession>;
  /** Sessions that ended while their modal was not open, oldest first. */
  endedUnseen: string[];
  /** Sessions whose end the person caused or has seen. */
  dismissed: Record<string, true>;
  /** Installations that run, and those that ended and were not dismissed, by provider. */
  installs: Record<string, Install>;
  modal: Connection | null;
  page: Page;
  /** The identity that was shown last, for the pages that are not of one. */
  lastBundleId: string | null;
}

export type AppEvent =
  | {
      type: 'bundles-listed';
      bundles: BundleSummary[];
      defaultBundleId: string;
      problems: Problem[];
    }
  | { type: 'bundle-read'; bundle: BundleView }
  | { type: 'providers-listed'; providers: ProviderView[]; problems: Problem[] }
  | { type: 'sessions-listed'; sessions: SessionSnapshot[] }
  | { type: 'session-changed'; snapshot: SessionSnapshot }
  | { type: 'session-dismissed'; sessionId: string }
  | { type: 'installs-listed'; installs: Install[] }
  | { type: 'install-changed'; providerId: string; install: Install | null }
  | { type: 'modal-opened'; connection: Connection }
  | { type: 'attempt-changed'; attempt: Attempt }
  | { type: 'session-shown'; sessionId: string }
  | { type: 'modal-closed' }
  | { type: 'page-chosen'; page: Page };

export const initialState: AppState = {
  bundles: [],
  details: {},
  defaultBundleId: null,
  bundleProblems: [],
  bundlesLoaded: false,
  providers: [],
  providerProblems: [],
  providersLoaded: false,
  sessions: {},
  endedUnseen: [],
  dismissed: {},
  installs: {},
  modal: null,
  page: { name: 'identities', bundleId: null },
  lastBundleId: null,
};

export const isRunning = (snapshot: SessionSnapshot): boolean =>
  snapshot.status !== 'success' && snapshot.status !== 'failed';

/** The next state. Pure: the state that goes in is not changed, and parts that stay the same stay the same object. */
export function reduce(state: AppState, event: AppEvent): AppState {
  switch (event.type) {
    case 'bundles-listed':
      return keepPage({
        ...state,
        bundles: event.bundles,
        defaultBundleId: event.defaultBundleId,
        details: pickDetails(state.details, event.bundles),
        bundleProblems: event.problems,
        bundlesLoaded: true,
      });
    case 'bundle-read':
      return { ...state, details: { ...state.details, [event.bundle.id]: event.bundle } };
    case 'providers-listed':
      return {
        ...state,
        providers: event.providers,
        providerProblems: event.problems,
        providersLoaded: true,
      };
    case 'sessions-listed':
      // What a listing says of sessions that ended earlier is no news.
      return event.sessions.reduce(
        (next, snapshot) => (snapshot.sessionId in next.sessions ? next : track(next, snapshot)),
        state,
      );
    case 'session-changed':
      return noteEnd(track(state, event.snapshot), state, event.snapshot);
    case 'session-dismissed':
      return dismiss(state, event.sessionId);
    case 'installs-listed':
      return {
        ...state,
        installs: Object.fromEntries(event.installs.map((each) => [each.providerId, each])),
      };
    case 'install-changed': {
      const { [event.providerId]: _, ...others } = state.installs;
      return {
        ...state,
        installs: event.install ? { ...others, [event.providerId]: event.install } : others,
      };
    }
    case 'modal-opened':
      return { ...state, modal: event.connection };
    case 'attempt-changed': {
      if (!state.modal) return state;
      const next = { ...state, modal: { ...state.modal, attempt: event.attempt } };
      return event.attempt.kind === 'session' ? dismissIfEnded(next, event.attempt.sessionId) : next;
    }
    case 'session-shown': {
      const tracked = state.sessions[event.sessionId];
      if (!tracked) return state;
      const { providerId, bundleId, flowId, parameters, sessionId } = tracked.snapshot;
      const attempt = { kind: 'session', sessionId } as const;
      const modal: Connection = { providerId, bundleId, flowId, parameters, attempt };
      return dismissIfEnded({ ...state, modal }, sessionId);
    }
    case 'modal-closed':
      return state.modal ? { ...state, modal: null } : state;
    case 'page-chosen':
      return { ...state, page: event.page, lastBundleId: shownBundle(state)?.id ?? state.lastBundleId };
  }
}

/** The details of bundles that are still there. */
function pickDetails(details: AppState['details'], bundles: BundleSummary[]): AppState['details'] {
  const ids = new Set(bundles.map(({ id }) => id));
  const kept = Object.entries(details).filter(([id]) => ids.has(id));
  return kept.length === Object.keys(details).length ? details : Object.fromEntries(kept);
}

/** Pins the page to a bundle that is there, so that it stays when the list gets another order. */
function keepPage(state: AppState): AppState {
  if (state.page.name !== 'identities') return state;
  const bundleId = shownBundle(state)?.id ?? null;
  return bundleId === state.page.bundleId ? state : { ...state, page: { name: 'identities', bundleId } };
}

/** Takes a snapshot in. Ends stick (S-7): a late snapshot of a session that has ended changes nothing. */
function track(state: AppState, snapshot: SessionSnapshot): AppState {
  const known = state.sessions[snapshot.sessionId];
  if (known && !isRunning(known.snapshot)) return state;
  const stage = isRunning(snapshot)
    ? { status: snapshot.status, phase: snapshot.phase }
    : (known?.stage ?? null);
  return { ...state, sessions: { ...state.sessions, [snapshot.sessionId]: { snapshot, stage } } };
}

function noteEnd(next: AppState, before: AppState, snapshot: SessionSnapshot): AppState {
  const { sessionId } = snapshot;
  const known = before.sessions[sessionId];
  if (isRunning(snapshot) || (known && !isRunning(known.snapshot)) || next.dismissed[sessionId]) return next;
  if (shownSessionId(next) === sessionId) return dismiss(next, sessionId);
  return { ...next, endedUnseen: [...next.endedUnseen, sessionId] };
}

function dismiss(state: AppState, sessionId: string): AppState {
  return {
    ...state,
    dismissed: { ...state.dismissed, [sessionId]: true },
    endedUnseen: state.endedUnseen.filter((id) => id !== sessionId),
  };
}

function dismissIfEnded(state: AppState, sessionId: string): AppState {
  const tracked = state.sessions[sessionId];
  return tracked && !isRunning(tracked.snapshot) ? dismiss(state, sessionId) : state;
}

/** The session that the open modal shows, if it shows one. */
export function shownSessionId(state: AppState): string | null {
  const attempt = state.modal?.attempt;
  return attempt?.kind === 'session' ? attempt.sessionId : null;
}

/** Sessions that run, the oldest first. */
export function runningSessions(state: AppState): SessionSnapshot[] {
  return Object.values(state.sessions)
    .map((tracked) => tracked.snapshot)
    .filter(isRunning)
    .sort((a, b) => a.startedAt - b.startedAt);
}

/** The sign-in that runs for a provider in a bundle; there is at most one (S-11). */
export function runningSignIn(
  state: AppState,
  providerId: string,
  bundleId: string | null,
): SessionSnapshot | undefined {
  return runningSessions(state).find(
    (snapshot) => snapshot.providerId === providerId && snapshot.bundleId === bundleId,
  );
}

/** The account that a bundle has for a provider, as far as the bundle was looked at. */
export function boundAccount(
  state: AppState,
  providerId: string,
  bundleId: string | null,
): AccountView | undefined {
  const bundle = bundleId === null ? undefined : state.details[bundleId];
  return bundle?.accounts.find((account) => account.providerId === providerId);
}

/** The flow that a connection is about: the one named, else the provider's first. */
export function flowOf(
  state: AppState,
  { providerId, flowId }: { providerId: string; flowId?: string | undefined },
): FlowView | undefined {
  const flows = state.providers.find(({ id }) => id === providerId)?.flows ?? [];
  return flowId === undefined ? flows[0] : flows.find(({ id }) => id === flowId);
}

/** Whether what Connect would start now wants a program that is not there; another way may do without it. */
export function lacksProgram({ program, flows }: ProviderView): boolean {
  return program.state === 'missing' && (flows[0]?.needsProgram ?? true);
}

/** Bundles that can hold accounts: all but the blank identity. */
export const ownBundles = (state: AppState): BundleSummary[] =>
  state.bundles.filter((bundle) => !bundle.blank);

/** The bundle the page shows, or that was shown before it: the chosen one, else the default, else the first; `undefined` is the first run. */
export function shownBundle(state: AppState): BundleSummary | undefined {
  const chosen = state.page.name === 'identities' ? state.page.bundleId : state.lastBundleId;
  const found = state.bundles.find((bundle) => bundle.id === chosen);
  const [first] = ownBundles(state);
  if (found || !first) return found;
  return state.bundles.find((bundle) => bundle.id === state.defaultBundleId) ?? first;
}

/** Providers that a bundle has no account of yet. */
export function unboundProviders(bundle: BundleView, providers: ProviderView[]): ProviderView[] {
  const bound = new Set(bundle.accounts.map((account) => account.providerId));
  return providers.filter((provider) => !bound.has(provider.id));
}

/** Whether the open modal says of this provider that its program was not found. */
export function modalMissesProgram(state: AppState, providerId: string): boolean {
  if (state.modal?.providerId !== providerId) return false;
  const sessionId = shownSessionId(state);
  const snapshot = sessionId === null ? undefined : state.sessions[sessionId]?.snapshot;
  return snapshot?.status === 'failed' && snapshot.failure.code === 'program_not_found';
}

/** Installations for the rail: those that nothing else on the screen shows. */
export function installsElsewhere(state: AppState): Install[] {
  const inSettings = state.page.name === 'settings' && state.page.section === 'providers';
  return Object.values(state.installs).filter(
    ({ providerId }) => !inSettings && !modalMissesProgram(state, providerId),
  );
}

/** What the provider's keys are called. */
export function keyName(provider: Pick<ProviderView, 'keyKind'> | undefined): string {
  return provider?.keyKind === 'pat' ? 'Personal access token' : 'API key';
}
