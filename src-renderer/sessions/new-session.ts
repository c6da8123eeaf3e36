import { createEffect, createMemo, createSignal, on, onCleanup, untrack } from 'solid-js';
import { createStore, unwrap } from 'solid-js/store';
import type {
  PolicyAnswer,
  PolicyProfileView,
  PrincipalKind,
  SessionSource,
  SessionTerms,
} from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { ask } from '../state/ask.ts';
import type { App } from '../state/create-app.ts';
import { ownBundles, shownBundle } from '../state/model.ts';
import { createLoad, type Load, succeeding } from './load.ts';
import {
  type DraftProblems,
  emptyDraft,
  notesOf,
  type PolicyList,
  policyOf,
  requestOf,
  type SessionDraft,
} from './session-draft.ts';

/** How long the person has stopped typing before the policy is checked, in milliseconds. */
const pauseMs = 250;

type Account = { id: string; name: string; email?: string | undefined };

/** What the parts of the New session sheet have in common. All of it is reactive. */
export interface NewSession {
  draft: SessionDraft;
  change: (changes: Partial<SessionDraft>) => void;
  sources: Load<{ sources: SessionSource[] }>;
  /** The one that was chosen. */
  source: () => SessionSource | undefined;
  accounts: Load<{ success: true; accounts: Account[] }>;
  roles: Load<{ success: true; roles: string[] }>;
  profiles: Load<{ profiles: PolicyProfileView[] }>;
  profile: () => PolicyProfileView | undefined;
  terms: Load<SessionTerms>;
  principal: () => PrincipalKind | null;
  /** What main says of the policy; the last answer stays while the next is waited for. */
  answer: () => PolicyAnswer | null;
  checking: () => boolean;
  checkFailure: () => Failure | null;
  notes: (list: PolicyList) => ReturnType<typeof notesOf>;
  /** The cloud does not hold the session to its actions, and this was not accepted for the identity yet. */
  asksAcceptance: () => boolean;
  bundleName: () => string;
  problems: () => DraftProblems;
  failure: () => Failure | null;
  busy: () => boolean;
  /** Opens the session. Returns its id, or `null` where something stands in the way, which is then shown. */
  open: () => Promise<{ sessionId: string; reused: boolean } | null>;
}

/** The state behind the New session sheet. Must be called inside a root. */
export function createNewSession(app: App): NewSession {
  const { bridge, cloud } = app;
  const startBundle = () =>
    (shownBundle(app.state) ?? ownBundles(app.state)[0] ?? app.state.bundles[0])?.id ?? '';
  const kept = cloud.draft();
  const [draft, setDraft] = createStore<SessionDraft>(
    structuredClone(kept ? unwrap(kept) : emptyDraft(startBundle())),
  );
  const [problems, setProblems] = createSignal<DraftProblems>({});
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [answer, setAnswer] = createSignal<PolicyAnswer | null>(null);
  const [checking, setChecking] = createSignal(false);
  const [checkFailure, setCheckFailure] = createSignal<Failure | null>(null);
  let opened = false;

  // An identity may go while its draft waits.
  if (!app.state.bundles.some(({ id }) => id === draft.bundleId)) setDraft('bundleId', startBundle());
  onCleanup(() => cloud.keepDraft(opened ? null : structuredClone(unwrap(draft))));

  const sources = createLoad(
    () => draft.bundleId || null,
    (bundleId) => bridge.sessions.sources({ bundleId }),
  );
  const terms = createLoad(
    () => draft.bundleId || null,
    (bundleId) => bridge.sessions.terms({ bundleId }),
  );
  const profiles = createLoad(
    () => 'all',
    () => bridge.sessions.profiles(),
  );
  const source = createMemo(() => sources.value()?.sources.find(({ id }) => id === draft.sourceId));
  const isCenter = () => source()?.kind === 'identity-center' && !source()?.failure;
  const accounts = createLoad(
    createMemo(() => (isCenter() ? draft.sourceId : null)),
    (sourceId) =>
      succeeding(bridge.sessions.awsAccounts({ bundleId: untrack(() => draft.bundleId), sourceId })),
  );
  const roles = createLoad(
    createMemo(() => (isCenter() && draft.awsAccountId !== '' ? draft.awsAccountId : null)),
    (awsAccountId) =>
      succeeding(
        bridge.sessions.awsRoles({
          bundleId: untrack(() => draft.bundleId),
          sourceId: untrack(() => draft.sourceId),
          awsAccountId,
        }),
      ),
  );
  const profile = () => profiles.value()?.profiles.find(({ id }) => id === draft.profileId);
  const principal = () => (draft.principal === '' ? null : draft.principal);

  const change = (changes: Partial<SessionDraft>) => {
    setDraft(changes);
    setFailure(null);
    const changed = Object.keys(changes);
    // What was wrong with a field is not known to be wrong with what stands there now.
    setProblems((before) =>
      Object.fromEntries(
        Object.entries(before).filter(
          ([field]) => !changed.includes(field) && !(changed.includes('limits') && field in draft.limits),
        ),
      ),
    );
  };

  // The first source that can be used, where none was chosen or the chosen one is not this identity's.
  createEffect(
    on(sources.value, (read) => {
      if (!read || read.sources.some(({ id }) => id === draft.sourceId)) return;
      const usable = read.sources.find((each) => !each.failure) ?? read.sources[0];
      setDraft({ sourceId: usable?.id ?? '', acceptNotNarrowed: false });
    }),
  );
  createEffect(
    on(source, (chosen) => {
      if (!chosen) return;
      const first = chosen.principals[0] ?? '';
      const fits = draft.principal !== '' && chosen.principals.includes(draft.principal);
      const { awsAccountId = '', roleName = '' } = chosen.baseRole ?? {};
      setDraft({
        principal: fits ? draft.principal : first,
        ...(chosen.kind === 'identity-center' && draft.awsAccountId === '' ? { awsAccountId, roleName } : {}),
      });
    }),
  );
  // A profile is of one cloud, and may have been deleted since it was chosen.
  createEffect(() => {
    const [chosen, shown] = [profile(), source()];
    const isGone = draft.profileId !== '' && profiles.value() !== null && !chosen;
    if (isGone || (chosen && shown && chosen.cloud !== shown.cloud)) setDraft('profileId', '');
  });

  const asked = createMemo(() => {
    const [kind, cloudName] = [principal(), source()?.cloud];
    if (kind === null || cloudName === undefined || !source()?.principals.includes(kind)) return null;
    return JSON.stringify({ ...policyOf(draft, cloudName), principal: kind });
  });
  createEffect(
    on(asked, (request) => {
      if (request === null) {
        setAnswer(null);
        return;
      }
      setChecking(true);
      let stale = false;
      const timer = setTimeout(async () => {
        const reply = await ask(bridge.sessions.checkPolicy(JSON.parse(request)));
        if (stale) return;
        setChecking(false);
        setCheckFailure(reply.ok ? null : reply.failure);
        setAnswer(reply.ok ? reply.value : null);
      }, pauseMs);
      onCleanup(() => {
        stale = true;
        clearTimeout(timer);
      });
    }),
  );

  const asksAcceptance = () =>
    answer()?.enforcement?.state === 'not_enforced' && terms.value()?.notNarrowedAccepted === false;

  const open = async () => {
    if (busy()) return null;
    const chosen = source();
    const made = requestOf(
      unwrap(draft),
      chosen ? { cloud: chosen.cloud, picksRole: chosen.kind === 'identity-center' } : null,
    );
    const wrong: DraftProblems = 'problems' in made ? { ...made.problems } : {};
    if (asksAcceptance() && !draft.acceptNotNarrowed) {
      wrong.acceptNotNarrowed = 'Accept this to open the session, or choose another principal.';
    }
    setProblems(wrong);
    setFailure(null);
    if ('problems' in made || Object.keys(wrong).length > 0 || (answer()?.problems.length ?? 0) > 0)
      return null;
    setBusy(true);
    const reply = await succeeding(bridge.sessions.open(made.request));
    setBusy(false);
    if (!reply.ok) {
      if (reply.failure.code === 'invalid_duration' && draft.ttl === 'own') {
        setProblems({ ownTtl: `${reply.failure.title} ${reply.failure.hint}` });
      } else {
        setFailure(reply.failure);
      }
      return null;
    }
    opened = true;
    return reply.value;
  };

  return {
    draft,
    change,
    sources,
    source,
    accounts,
    roles,
    profiles,
    profile,
    terms,
    principal,
    answer,
    checking,
    checkFailure,
    notes: (list) => notesOf(answer(), list, draft[list]),
    asksAcceptance,
    bundleName: () => app.state.bundles.find(({ id }) => id === draft.bundleId)?.name ?? '',
    problems,
    failure,
    busy,
    open,
  };
}
