import { describe, expect, it } from 'vitest';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import {
  type AppEvent,
  type AppState,
  initialState,
  installsElsewhere,
  modalMissesProgram,
  reduce,
  runningSessions,
  runningSignIn,
  shownBundle,
  shownSessionId,
  unboundProviders,
} from './model.ts';
import {
  account,
  bundle,
  failed,
  install,
  pending,
  provider,
  success,
  summary,
  withLink,
} from './test-data.ts';

const stateAfter = (...events: AppEvent[]): AppState => events.reduce(reduce, initialState);
const changed = (snapshot: SessionSnapshot): AppEvent => ({ type: 'session-changed', snapshot });
const listed = (...bundles: BundleSummary[]): AppEvent => ({
  type: 'bundles-listed',
  bundles,
  defaultBundleId: bundles[0]?.id ?? 'blank',
  problems: [],
});
const openOn = (sessionId: string): AppEvent => ({ type: 'session-shown', sessionId });

describe('sessions', () => {
  it('S-16: a listing after a reload brings the running session, and the modal can go on with it', () => {
    const running = withLink('s1', { bundleId: 'work', flowId: 'browser' });
    const state = stateAfter({ type: 'sessions-listed', sessions: [running] }, openOn('s1'));
    expect(runningSessions(state)).toEqual([running]);
    expect(state.modal).toEqual({
      providerId: 'codex',
      bundleId: 'work',
      flowId: 'browser',
      attempt: { kind: 'session', sessionId: 's1' },
    });
  });

  it('a listing that was asked for earlier does not undo a newer event', () => {
    const state = stateAfter(changed(withLink('s1')), { type: 'sessions-listed', sessions: [pending('s1')] });
    expect(state.sessions.s1?.snapshot.status).toBe('url-available');
  });

  it('S-7: an end sticks against a late snapshot', () => {
    const state = stateAfter(changed(failed('s1')), changed(withLink('s1')), changed(success('s1')));
    expect(state.sessions.s1?.snapshot.status).toBe('failed');
  });

  it('remembers where a session was when it failed', () => {
    const state = stateAfter(changed({ ...withLink('s1'), phase: 'checking' }), changed(failed('s1')));
    expect(state.sessions.s1?.stage).toEqual({ status: 'url-available', phase: 'checking' });
  });

  it('knows the one sign-in of a provider in a bundle', () => {
    const state = stateAfter(
      changed(pending('s1', { bundleId: 'work' })),
      changed(pending('s2', { bundleId: null })),
      changed(failed('s3', { bundleId: 'home' })),
    );
    expect(runningSignIn(state, 'codex', 'work')?.sessionId).toBe('s1');
    expect(runningSignIn(state, 'codex', null)?.sessionId).toBe('s2');
    expect(runningSignIn(state, 'codex', 'home')).toBeUndefined();
    expect(runningSignIn(state, 'claude', 'work')).toBeUndefined();
  });
});

describe('ends that nobody saw', () => {
  it('a session that ends behind a closed modal is kept for the person to see', () => {
    expect(stateAfter(changed(pending('s1')), changed(success('s1'))).endedUnseen).toEqual(['s1']);
  });

  it('one that ends in the open modal is not', () => {
    expect(stateAfter(changed(pending('s1')), openOn('s1'), changed(success('s1'))).endedUnseen).toEqual([]);
  });

  it('one that the person ended is not', () => {
    const state = stateAfter(
      changed(pending('s1')),
      { type: 'session-dismissed', sessionId: 's1' },
      changed(failed('s1')),
    );
    expect(state.endedUnseen).toEqual([]);
  });

  it('is settled by looking at it', () => {
    const state = stateAfter(changed(pending('s1')), changed(failed('s1')), openOn('s1'));
    expect(state.endedUnseen).toEqual([]);
    expect(shownSessionId(state)).toBe('s1');
  });

  it('what ended before the window was opened is no news', () => {
    expect(stateAfter({ type: 'sessions-listed', sessions: [failed('s1')] }).endedUnseen).toEqual([]);
  });
});

describe('the modal', () => {
  it('shows nothing for a session that main has forgotten', () => {
    expect(stateAfter(openOn('gone')).modal).toBeNull();
  });

  it('takes no attempt once it is closed', () => {
    const state = stateAfter({ type: 'attempt-changed', attempt: { kind: 'session', sessionId: 's1' } });
    expect(state.modal).toBeNull();
  });
});

describe('details', () => {
  it('are kept with the bundles that are still there', () => {
    const read = (id: string): AppEvent => ({ type: 'bundle-read', bundle: bundle(id) });
    const state = stateAfter(listed(summary('a'), summary('b')), read('a'), read('b'), listed(summary('b')));
    expect(Object.keys(state.details)).toEqual(['b']);
  });
});

describe('the page', () => {
  const blank = summary('blank', { blank: true });
  const choose = (bundleId: string): AppEvent => ({
    type: 'page-chosen',
    page: { name: 'identities', bundleId },
  });

  it('is the first run while there is nothing but the blank identity', () => {
    expect(shownBundle(stateAfter(listed(blank)))).toBeUndefined();
  });

  it('is the default in a new window, the blank identity too, and stays there', () => {
    const bundles = [summary('a'), summary('b'), blank];
    const starting = (defaultBundleId: string) =>
      stateAfter({ type: 'bundles-listed', bundles, defaultBundleId, problems: [] });
    expect(starting('b').page).toEqual({ name: 'identities', bundleId: 'b' });
    expect(shownBundle(starting('blank'))?.id).toBe('blank');
    const later = reduce(starting('b'), {
      type: 'bundles-listed',
      bundles,
      defaultBundleId: 'a',
      problems: [],
    });
    expect(shownBundle(later)?.id).toBe('b');
  });

  it('can be the blank identity when it was chosen', () => {
    expect(shownBundle(stateAfter(listed(blank), choose('blank')))?.id).toBe('blank');
  });

  it('stays with its bundle when the list changes its order', () => {
    const state = stateAfter(listed(summary('a'), summary('b')), listed(summary('b'), summary('a')));
    expect(shownBundle(state)?.id).toBe('a');
  });

  it('falls back to the first when its bundle is deleted', () => {
    const state = stateAfter(listed(summary('a'), summary('b')), choose('b'), listed(summary('a'), blank));
    expect(shownBundle(state)?.id).toBe('a');
  });

  it('is the same identity again after the settings', () => {
    const settings = { type: 'page-chosen', page: { name: 'settings', section: 'about' } } as const;
    const state = stateAfter(listed(summary('a'), summary('b')), choose('b'), settings, settings);
    expect(shownBundle(state)?.id).toBe('b');
    expect(shownBundle(reduce(state, listed(summary('a'))))?.id).toBe('a');
  });

  it('offers the providers that the bundle does not have', () => {
    const work = bundle('work', { accounts: [account('codex')] });
    const left = unboundProviders(work, [provider('codex'), provider('claude')]);
    expect(left.map(({ id }) => id)).toEqual(['claude']);
  });
});

it('changes nothing in the state it is given', () => {
  const before = stateAfter(changed(pending('s1')), listed(summary('a')));
  const copy = structuredClone(before);
  for (const event of [changed(withLink('s1')), openOn('s1'), listed()]) reduce(before, event);
  expect(before).toEqual(copy);
});

it('X-6: the rail has the installations that nothing else on the screen shows', () => {
  const given = reduce(initialState, {
    type: 'installs-listed',
    installs: [install('running'), install('failed', { providerId: 'claude' })],
  });
  const ids = (state: AppState) => installsElsewhere(state).map(({ providerId }) => providerId);
  expect(ids(given)).toEqual(['codex', 'claude']);
  const settings = { type: 'page-chosen', page: { name: 'settings', section: 'providers' } } as const;
  expect(ids(reduce(given, settings))).toEqual([]);
  const about = { type: 'page-chosen', page: { name: 'settings', section: 'about' } } as const;
  expect(ids(reduce(given, about))).toEqual(['codex', 'claude']);
  const snapshot = failed('s1');
  const lacking = { ...snapshot, failure: { ...snapshot.failure, code: 'program_not_found' } };
  const seen = reduce(given, { type: 'session-changed', snapshot: lacking });
  const shown = reduce(seen, { type: 'session-shown', sessionId: 's1' });
  expect(modalMissesProgram(shown, 'codex')).toBe(true);
  expect(ids(shown)).toEqual(['claude']);
});
