import type {
  CloudSessionView,
  PolicyAnswer,
  PolicyProfileView,
  PrincipalKind,
  SessionSource,
  SessionTerms,
} from '../../src-preload/contract/sessions.ts';
import type { Problem } from '../../src-preload/contract/values.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Cloud } from './action.ts';
import type { ActionCatalogue } from './action-catalogue.ts';
import type { CloudSessions, IssueFacts } from './cloud-sessions.ts';
import { mustEndAt } from './lease.ts';
import { type OpenForm, openRequest, policyOf } from './open-form.ts';
import { policyAnswer } from './policy-answer.ts';
import type { PolicyProfile } from './profiles.ts';
import type { SessionAudit } from './session-audit.ts';
import { type CloudSession, isFinished, principalOf, shortId } from './session-record.ts';
import type { SessionSettings } from './session-settings.ts';
import type { SessionStore } from './session-store.ts';
import { sessionView, type ViewParts } from './session-view.ts';
import type { SessionSources } from './sources/session-sources.ts';

export interface SessionDeskParts {
  clock: Clock;
  store: SessionStore;
  sessions: CloudSessions;
  settings: SessionSettings;
  sources: SessionSources;
  audit: SessionAudit;
  /** Of AWS's actions; null where they are not known here. Asked for when it is needed first. */
  catalogue: () => Promise<ActionCatalogue | null>;
  bundleName: ViewParts['bundleName'];
  showTime: ViewParts['showTime'];
  redact: ViewParts['redact'];
}

/** Finished ones that a window lists. */
const finishedShown = 200;

/** A session in the tray. */
export interface TraySession {
  readonly sessionId: string;
  readonly principal: string;
  readonly bundleName: string | null;
  readonly endsAt: number;
}

/** What windows and the command ask of cloud sessions: the forms of people on one side, the sessions on the other. */
export class SessionDesk {
  readonly #parts: SessionDeskParts;

  constructor(parts: SessionDeskParts) {
    this.#parts = parts;
  }

  /** Newest first: all active ones and the last finished ones; `more` are kept and not listed. */
  list(): { sessions: CloudSessionView[]; more: number; problems: Problem[] } {
    const { store } = this.#parts;
    let finished = 0;
    const shown = store.sessions.filter((session) => {
      if (isFinished(session)) finished += 1;
      return !isFinished(session) || finished <= finishedShown;
    });
    return {
      sessions: shown.map((session) => this.#view(session)),
      more: store.sessions.length - shown.length,
      problems: [...store.problems],
    };
  }

  /** @throws LanyardError `session_not_found` */
  get(id: string): { session: CloudSessionView; issued: IssueFacts | null } {
    return { session: this.#view(this.#session(id)), issued: this.#parts.sessions.issued(id) };
  }

  /** What runs out when, soonest first. */
  tray(): TraySession[] {
    const { store, sessions, bundleName } = this.#parts;
    return store.sessions
      .filter((session) => !isFinished(session) && sessions.isHeld(session.id))
      .map((session) => ({
        sessionId: session.id,
        principal: principalOf(session),
        bundleName: session.bundleId === undefined ? null : bundleName(session.bundleId),
        endsAt: mustEndAt(session),
      }))
      .sort((a, b) => a.endsAt - b.endsAt);
  }

  /** What a window is told of a session that ends soon. */
  warning(session: CloudSession) {
    return {
      sessionId: session.id,
      shortId: shortId(session.id),
      principal: this.#view(session).principal,
      endsAt: mustEndAt(session),
    };
  }

  /** @throws LanyardError `unknown_profile`, `wrong_principal` */
  async checkPolicy(
    question: Pick<OpenForm, 'profileId' | 'actions' | 'deny' | 'resources' | 'sourceIps'> & {
      cloud: Cloud;
      principal: PrincipalKind;
    },
  ): Promise<PolicyAnswer> {
    const profile = this.#profile(question.profileId, question.cloud);
    const policy = policyOf(question, profile);
    const answer = await policyAnswer(
      question.cloud,
      question.principal,
      policy,
      question.cloud === 'aws' ? await this.#parts.catalogue() : null,
    );
    // Indices are those of what was sent: profiles and repeats are put together before they are looked at.
    const problems = answer.problems.map((problem) => {
      if (problem.index === null) return problem;
      const index = question[problem.field].indexOf(policy[problem.field][problem.index] ?? '');
      return { ...problem, index: index === -1 ? null : index };
    });
    return { ...answer, problems };
  }

  profiles(): { profiles: PolicyProfileView[]; problems: Problem[] } {
    const { profiles, problems } = this.#parts.settings.profiles();
    return {
      profiles: profiles.map((profile) => ({
        ...profile,
        actions: [...profile.actions],
        deny: [...profile.deny],
      })),
      problems,
    };
  }

  /** @throws those of `SessionSettings.saveProfile` */
  saveProfile(profile: Omit<PolicyProfile, 'id'> & { id?: string | undefined }): string {
    const { id, ...rest } = profile;
    const actions = profile.actions.filter((action) => action !== '');
    const deny = profile.deny.filter((action) => action !== '');
    return this.#parts.settings.saveProfile({ ...rest, actions, deny, ...(id === undefined ? {} : { id }) });
  }

  /** @throws those of `SessionSettings.deleteProfile` */
  deleteProfile(id: string): void {
    this.#parts.settings.deleteProfile(id);
  }

  terms(bundleId: string): SessionTerms {
    const { capSeconds, cap, capFailure, notNarrowedAccepted } = this.#parts.settings.terms(bundleId);
    return {
      cap,
      notNarrowedAccepted,
      ...(capSeconds === null ? {} : { capSeconds }),
      ...(capFailure === null ? {} : { capFailure }),
    };
  }

  /** @throws those of `SessionSettings.setTerms` */
  setTerms(
    bundleId: string,
    { cap, notNarrowedAccepted }: { cap?: string | undefined; notNarrowedAccepted?: boolean | undefined },
  ): void {
    this.#parts.settings.setTerms(bundleId, {
      ...(cap === undefined ? {} : { cap }),
      ...(notNarrowedAccepted === undefined ? {} : { notNarrowedAccepted }),
    });
  }

  /** @throws LanyardError `unknown_bundle` */
  sources(bundleId: string): Promise<SessionSource[]> {
    return this.#parts.sources.list(bundleId);
  }

  /** @throws those of `SessionSources.awsAccounts` */
  awsAccounts(bundleId: string, sourceId: string) {
    return this.#parts.sources.awsAccounts(bundleId, sourceId);
  }

  /** @throws those of `SessionSources.awsRoles` */
  awsRoles(bundleId: string, sourceId: string, awsAccountId: string): Promise<string[]> {
    return this.#parts.sources.awsRoles(bundleId, sourceId, awsAccountId);
  }

  /**
   * Opens a session, or uses one again.
   * @throws LanyardError of the form, the settings, the source and the issuer
   */
  async open(form: OpenForm): Promise<{ session: CloudSession; reused: boolean }> {
    const { settings, sources, sessions, audit } = this.#parts;
    const { bundleId } = form;
    const capSeconds = settings.capOf(bundleId);
    const source = await sources.one(bundleId, form.sourceId);
    const request = openRequest(form, {
      source,
      profile: this.#profile(form.profileId, form.cloud),
      capSeconds,
      accepted: settings.terms(bundleId).notNarrowedAccepted,
    });
    try {
      const opened = await sessions.open(request);
      if (opened.reused) audit.reused(opened.session);
      else audit.issued(opened.session);
      const gaps = opened.session.enforcement?.state === 'not_enforced';
      // Said once, kept for the identity (C-11).
      if (form.acceptNotNarrowed && gaps) settings.setTerms(bundleId, { notNarrowedAccepted: true });
      return opened;
    } catch (error) {
      if (error instanceof LanyardError) audit.refused(request.inputs, error.failure);
      throw error;
    }
  }

  /** For programs that ask the `lanyard` command. @throws those of `CloudSessions.credentials` */
  credentials(id: string): Promise<Record<string, unknown>> {
    return this.#parts.sessions.credentials(id);
  }

  /** @throws LanyardError of `extendLease`, `session_not_found`, of the settings */
  extend(id: string, endsAt: number): CloudSessionView {
    const { sessions, settings, audit } = this.#parts;
    const before = this.#session(id);
    const session = sessions.extend(id, endsAt, settings.capOf(before.bundleId ?? ''));
    audit.extended(session, Math.round((mustEndAt(session) - mustEndAt(before)) / 1000));
    return this.#view(session);
  }

  /**
   * @param deny also by a change in the cloud that stays, where there is such a way (C-18)
   * @throws LanyardError `session_not_held`, `could_not_save`
   */
  async revoke(id: string, { deny = false }: { deny?: boolean } = {}): Promise<CloudSessionView> {
    const before = this.#session(id);
    const session = await this.#parts.sessions.revoke(id, { deny });
    if (!isFinished(before)) this.#parts.audit.takenBack(session);
    return this.#view(session);
  }

  /** @throws LanyardError `session_not_finished` */
  remove(id: string): void {
    if (this.#parts.store.remove(id)) return;
    throw new LanyardError({
      code: 'session_not_finished',
      title: 'Only a session that has ended can be removed.',
      hint: 'Revoke it first.',
    });
  }

  removeFinished(): number {
    const { store } = this.#parts;
    return store.sessions.filter((session) => isFinished(session) && store.remove(session.id)).length;
  }

  #session(id: string): CloudSession {
    const session = this.#parts.store.get(id);
    if (session) return session;
    throw new LanyardError({
      code: 'session_not_found',
      title: 'This session is not there any more.',
      hint: 'Start a new one.',
    });
  }

  #profile(id: string | undefined, cloud: Cloud): PolicyProfile | null {
    if (id === undefined) return null;
    const profile = this.#parts.settings.profile(id);
    if (profile.cloud === cloud) return profile;
    throw new LanyardError({
      code: 'wrong_profile',
      title: 'This profile is of another cloud.',
      hint: 'Choose one of the same cloud.',
    });
  }

  #view(session: CloudSession): CloudSessionView {
    const { clock, sessions, bundleName, showTime, redact } = this.#parts;
    return sessionView(session, {
      now: clock.now(),
      isHeld: (id) => sessions.isHeld(id),
      bundleName,
      showTime,
      redact,
    });
  }
}
