import type { Notice, Progress, SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { assertNever } from '../failures.ts';
import type { SavedSignIn } from '../identities/sign-in-target.ts';
import { isForPeople, type OAuthPhase } from '../oauth/progress.ts';
import type { SignedInIdentity, SignInEvent } from './method.ts';

/** What is fixed when a sign-in starts. Times are milliseconds since the Unix epoch, UTC. */
export interface SessionStart {
  sessionId: string;
  providerId: string;
  flowId: string;
  bundleId: string | null;
  /** What the person said before it started; absent where nothing was asked. */
  parameters?: Record<string, string>;
  paste: 'none' | 'code' | 'callback';
  /** The newest link or code replaces the first (S-4). */
  renews: boolean;
  startedAt: number;
  deadlineAt: number;
}

interface Link {
  url: string;
  trust: 'listed' | 'offered';
}

interface DeviceCode {
  code: string;
  verificationUrl: string;
  /** The page with the code filled in. */
  completeUrl?: string;
  expiresAt?: number;
}

export type SessionEnd =
  | { kind: 'running'; phase: 'starting' | 'waiting' | 'submitted' | 'checking' | 'saving' }
  | { kind: 'success'; saved: SavedSignIn; identity: SignedInIdentity }
  | { kind: 'failed'; failure: Failure };

/** One sign-in, whole: replaced, never changed. */
export interface SessionState {
  readonly start: SessionStart;
  readonly end: SessionEnd;
  readonly command: string;
  readonly printedLink: Link | null;
  /** The link that the CLI handed to its opener; finishes by itself where the printed one needs a paste. */
  readonly capturedLink: Link | null;
  readonly code: DeviceCode | null;
  readonly email: string | null;
  readonly promptsForPaste: boolean;
  readonly pasteRejected: string | null;
  readonly browserOpened: boolean;
  readonly notices: readonly Notice[];
  readonly untrustedLinks: readonly string[];
  readonly renewals: number;
  /** The latest step that is told to people (O-4). */
  readonly progress: Progress | null;
}

export type SessionEvent =
  | SignInEvent
  | { type: 'browser-opened' }
  | { type: 'submitted' }
  | { type: 'checking' }
  /** The check said no while the CLI still runs: it may be only early. */
  | { type: 'check-refused' }
  | { type: 'saving' }
  | { type: 'saved'; saved: SavedSignIn; identity: SignedInIdentity };

const untrustedLinksShown = 5;
const noticesShown = 10;

export function beginSession(start: SessionStart): SessionState {
  return {
    start,
    end: { kind: 'running', phase: 'starting' },
    command: '',
    printedLink: null,
    capturedLink: null,
    code: null,
    email: null,
    promptsForPaste: false,
    pasteRejected: null,
    browserOpened: false,
    notices: [],
    untrustedLinks: [],
    renewals: 0,
    progress: null,
  };
}

/**
 * What a session becomes when something happens. An ended session stays as it is (S-7): the same object comes back,
 * as it does whenever an event changes nothing.
 * @param now milliseconds since the Unix epoch, UTC
 */
export function reduceSession(state: SessionState, event: SessionEvent, now: number): SessionState {
  if (state.end.kind !== 'running') return state;
  const running = (phase: Extract<SessionEnd, { kind: 'running' }>['phase']): SessionState =>
    state.end.kind === 'running' && state.end.phase === phase
      ? state
      : { ...state, end: { kind: 'running', phase } };
  // A pasted callback may have done its work by the time its delivery is told of.
  const beforeCheck = (phase: 'waiting' | 'submitted'): SessionState =>
    state.end.kind === 'running' && (state.end.phase === 'checking' || state.end.phase === 'saving')
      ? state
      : running(phase);
  switch (event.type) {
    case 'started':
      return state.command === event.command ? state : { ...state, command: event.command };
    case 'link':
      return reduceLink(state, event);
    case 'untrusted-link':
      if (state.untrustedLinks.includes(event.url) || state.untrustedLinks.length >= untrustedLinksShown)
        return state;
      return { ...state, untrustedLinks: [...state.untrustedLinks, event.url] };
    case 'code':
      return reduceCode(state, event, now);
    case 'prompt':
      return state.promptsForPaste
        ? leaveStarting(state)
        : { ...leaveStarting(state), promptsForPaste: true };
    case 'paste-rejected':
      return state.promptsForPaste && state.pasteRejected === event.text
        ? beforeCheck('waiting')
        : { ...beforeCheck('waiting'), pasteRejected: event.text, promptsForPaste: true };
    case 'email':
      return state.email === null ? { ...state, email: event.email } : state;
    case 'notice':
      if (state.notices.length >= noticesShown) return state;
      return { ...state, notices: [...state.notices, event.notice] };
    case 'progress': {
      const progress = progressOf(event.phase);
      return progress === null ? state : { ...state, progress };
    }
    case 'line':
    case 'completed':
      return state;
    case 'failed':
      return { ...state, end: { kind: 'failed', failure: event.failure } };
    case 'browser-opened':
      return state.browserOpened ? state : { ...state, browserOpened: true };
    case 'submitted':
      return state.pasteRejected === null
        ? beforeCheck('submitted')
        : { ...beforeCheck('submitted'), pasteRejected: null };
    case 'checking':
      return state.end.phase === 'saving' ? state : running('checking');
    case 'check-refused':
      return state.end.phase === 'checking' ? running('waiting') : state;
    case 'saving':
      return running('saving');
    case 'saved':
      return { ...state, end: { kind: 'success', saved: event.saved, identity: event.identity } };
    default:
      return assertNever(event);
  }
}

/** The link or code is there: what happens next is up to the person. */
function leaveStarting(state: SessionState): SessionState {
  return state.end.kind === 'running' && state.end.phase === 'starting'
    ? { ...state, end: { kind: 'running', phase: 'waiting' } }
    : state;
}

function reduceLink(state: SessionState, event: Extract<SignInEvent, { type: 'link' }>): SessionState {
  const link: Link = { url: event.url, trust: event.trust };
  const key = event.source === 'printed' ? 'printedLink' : 'capturedLink';
  const known = state[key];
  if (known?.url === link.url) return state;
  if (known && !state.start.renews) return state;
  // A refusal stays: gemini 0.61.0 makes a new link as soon as it has refused a code.
  const renewal = known ? { renewals: state.renewals + 1 } : {};
  return { ...leaveStarting(state), ...renewal, [key]: link };
}

function reduceCode(
  state: SessionState,
  event: Extract<SignInEvent, { type: 'code' }>,
  now: number,
): SessionState {
  if (state.code?.code === event.code) return state;
  if (state.code && !state.start.renews) return state;
  const code: DeviceCode = {
    code: event.code,
    verificationUrl: event.verificationUrl,
    ...(event.completeUrl === undefined ? {} : { completeUrl: event.completeUrl }),
    ...(event.lifetimeMs === undefined ? {} : { expiresAt: now + event.lifetimeMs }),
  };
  return { ...leaveStarting(state), code, renewals: state.renewals + (state.code ? 1 : 0) };
}

/** What of a phase a window is told; nothing of its numbers and names (O-4). */
function progressOf(phase: OAuthPhase): Progress | null {
  if (!isForPeople(phase)) return null;
  return phase.phase === 'binding-local-server'
    ? { phase: phase.phase, attempt: phase.attempt }
    : { phase: phase.phase };
}

/** The link to show and copy: the printed one, else the one handed to the opener. */
export function shownLink(state: SessionState): Link | null {
  return state.printedLink ?? state.capturedLink;
}

/** Where "Open in browser" leads: the link that finishes by itself if there is one, else the shown one, else the code's page. */
export function linkToOpen(state: SessionState): string | null {
  if (state.code) return state.code.completeUrl ?? state.code.verificationUrl;
  return (state.capturedLink ?? state.printedLink)?.url ?? null;
}

/** What is known of a verification URL: one that the CLI did not print is the definition's own. */
function trustOf({ printedLink, capturedLink }: SessionState, url: string): Link['trust'] {
  return [printedLink, capturedLink].find((link) => link?.url === url)?.trust ?? 'listed';
}

/** The session as windows see it (S-2). */
export function snapshotOf(state: SessionState): SessionSnapshot {
  const { start, end } = state;
  const link = shownLink(state);
  const common = {
    sessionId: start.sessionId,
    providerId: start.providerId,
    flowId: start.flowId,
    bundleId: start.bundleId,
    ...(start.parameters === undefined ? {} : { parameters: start.parameters }),
    command: state.command,
    startedAt: start.startedAt,
    deadlineAt: start.deadlineAt,
    phase: end.kind === 'running' ? end.phase : ('ended' as const),
    paste: start.paste,
    promptsForPaste: state.promptsForPaste,
    browserOpened: state.browserOpened,
    notices: [...state.notices],
    untrustedLinks: [...state.untrustedLinks],
    renewals: state.renewals,
    ...(state.progress === null ? {} : { progress: state.progress }),
    ...(state.pasteRejected === null ? {} : { pasteRejected: state.pasteRejected }),
  };
  switch (end.kind) {
    case 'running':
      if (state.code) {
        return {
          ...common,
          status: 'code-emitted',
          deviceCode: state.code.code,
          verificationUrl: state.code.verificationUrl,
          ...(state.code.completeUrl === undefined
            ? {}
            : { verificationUrlComplete: state.code.completeUrl }),
          linkTrust: trustOf(state, state.code.verificationUrl),
          ...(state.code.expiresAt === undefined ? {} : { codeExpiresAt: state.code.expiresAt }),
          ...(link ? { authUrl: link.url } : {}),
        };
      }
      return link
        ? { ...common, status: 'url-available', authUrl: link.url, linkTrust: link.trust }
        : { ...common, status: 'pending' };
    case 'success': {
      const email = state.email ?? end.identity.email;
      const { login, organisation, plan } = end.identity;
      return {
        ...common,
        status: 'success',
        bundleId: end.saved.bundleId,
        ...(end.saved.accountId === undefined ? {} : { accountId: end.saved.accountId }),
        ...(end.saved.bundleName === undefined ? {} : { bundleName: end.saved.bundleName }),
        ...(email === undefined ? {} : { email }),
        ...(login === undefined ? {} : { login }),
        ...(organisation === undefined ? {} : { organisation }),
        ...(plan === undefined ? {} : { plan }),
      };
    }
    case 'failed':
      return { ...common, status: 'failed', error: end.failure.title, failure: end.failure };
    default:
      return assertNever(end);
  }
}
