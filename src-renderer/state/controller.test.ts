import { describe, expect, it } from 'vitest';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { EventName, EventPayload, LanyardBridge, Reply } from '../../src-preload/contract.ts';
import { type ControllerParts, createController } from './controller.ts';
import { type AppState, initialState, reduce, shownSessionId } from './model.ts';
import { account, bundle, failed, install, pending, provider, summary, withLink } from './test-data.ts';

/**
 * A main process whose answers the test gives one by one: what is tested is the order in which answers and events can
 * come. Calls that a test does not expect reject.
 */
function scene(remembered: ControllerParts['remembered'] = null) {
  const asked: { call: string; request: unknown; answer: (reply: unknown) => void }[] = [];
  const listeners = new Map<EventName, (payload: never) => void>();
  const call = (name: string) => (request?: unknown) =>
    new Promise<never>((answer) =>
      asked.push({ call: name, request, answer: answer as (reply: unknown) => void }),
    );
  const listen = (event: EventName) => (listener: (payload: never) => void) => {
    listeners.set(event, listener);
    return () => listeners.delete(event);
  };
  // The call `bundles.list` is known by its whole name, and so is every event.
  const group = (name: string) =>
    new Proxy(
      {},
      {
        get: (_target, method: string) => {
          const event = /^on([A-Z])(.*)$/.exec(method);
          if (!event) return call(`${name}.${method}`);
          return listen(`${name}.${event[1]?.toLowerCase()}${event[2]}` as EventName);
        },
      },
    );
  const bridge = new Proxy({}, { get: (_target, name: string) => group(name) }) as LanyardBridge;
  let state: AppState = initialState;
  const announced: string[] = [];
  const shownAccounts: string[] = [];
  const controller = createController({
    bridge,
    state: () => state,
    dispatch: (event) => {
      state = reduce(state, event);
    },
    announce: (text) => announced.push(text),
    remembered,
    showAccount: (accountId) => shownAccounts.push(accountId),
  });
  return {
    controller,
    announced,
    shownAccounts,
    state: () => state,
    stop: controller.begin(),
    listeners,
    calls: (name: string) => asked.filter(({ call }) => call === name),
    /** Answers the oldest open call of that name, and lets everything that follows from it happen. */
    async answer(name: string, reply: Reply<unknown>) {
      const index = asked.findIndex(({ call }) => call === name);
      const [open] = asked.splice(index, index < 0 ? 0 : 1);
      if (!open) throw new Error(`nobody called ${name}`);
      open.answer(reply);
      await settled();
    },
    emit<E extends EventName>(event: E, payload: EventPayload<E>) {
      listeners.get(event)?.(payload as never);
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
const ok = (value: unknown): Reply<unknown> => ({ ok: true, value });
const started = (sessionId: string) => ok({ sessionId, authUrl: null });
const cancelled = ok({ success: true });
const toWork = { providerId: 'codex', bundleId: 'work' };

describe('connect', () => {
  it('S-11: a double click asks main for one sign-in', async () => {
    const main = scene();
    void main.controller.connect(toWork);
    void main.controller.connect(toWork);
    await settled();
    expect(main.calls('auth.start').map(({ request }) => request)).toEqual([
      { providerId: 'codex', intoBundleId: 'work' },
    ]);
  });

  it('leaves the bundle out when one is to be made', async () => {
    const main = scene();
    void main.controller.connect({ providerId: 'codex', bundleId: null });
    await settled();
    expect(main.calls('auth.start')[0]?.request).toEqual({ providerId: 'codex' });
  });

  describe('to a flow that asks for something first', () => {
    const region = { id: 'region', label: 'Region', example: 'eu-central-1', required: true };
    const asking = {
      ...provider('codex'),
      flows: [
        { id: 'device', label: 'Device', kind: 'device-code' as const, parameters: [region] },
        { id: 'browser', label: 'Browser', kind: 'browser' as const, parameters: [] },
        { id: 'tenant', label: 'Tenant', kind: 'browser' as const, parameters: [region] },
      ],
    };
    const opened = async (request = toWork) => {
      const main = scene();
      await main.answer('providers.list', ok({ providers: [asking], problems: [] }));
      const known = { ...account('codex'), flowId: 'tenant', parameters: { region: 'us-east-1' } };
      const id = request.bundleId;
      await main.answer('bundles.list', ok({ bundles: [summary(id)], problems: [] }));
      await main.answer('bundles.get', ok(bundle(id, { accounts: id === 'home' ? [known] : [] })));
      void main.controller.connect(request);
      await settled();
      return main;
    };

    it('shows its form and starts nothing; what is wrong with it is told there; then it starts', async () => {
      const main = await opened();
      expect(main.calls('auth.start')).toEqual([]);
      expect(main.state().modal).toMatchObject({ attempt: { kind: 'parameters' }, parameters: undefined });
      const refused = main.controller.submitParameters({ region: '-' });
      const failure = { code: 'bad_parameter', title: 'No', hint: 'Mend it', fields: { region: 'No.' } };
      await main.answer('auth.start', { ok: false, failure });
      expect(await refused).toEqual(failure);
      expect(main.state().modal?.attempt).toEqual({ kind: 'parameters' });
      expect(main.announced).toEqual([]);

      const taken = main.controller.submitParameters({ region: 'eu' });
      expect(main.calls('auth.start')[0]?.request).toEqual({
        providerId: 'codex',
        flowId: 'device',
        intoBundleId: 'work',
        parameters: { region: 'eu' },
      });
      await main.answer('auth.start', started('s1'));
      await main.answer('auth.poll', ok(pending('s1', { bundleId: 'work' })));
      expect(await taken).toBeNull();
      expect(shownSessionId(main.state())).toBe('s1');
    });

    it('shows the form again, as it was, to try again; and no form for a flow without one', async () => {
      const main = await opened();
      void main.controller.submitParameters({ region: 'eu' });
      await main.answer('auth.start', { ok: false, failure: { code: 'x', title: 'No', hint: 'Later' } });
      expect(main.state().modal?.attempt).toMatchObject({ kind: 'refused' });
      await main.controller.restart();
      expect(main.state().modal).toMatchObject({
        attempt: { kind: 'parameters' },
        parameters: { region: 'eu' },
      });
      void main.controller.restart('browser');
      await settled();
      expect(main.calls('auth.start')[0]?.request).toEqual({
        providerId: 'codex',
        flowId: 'browser',
        intoBundleId: 'work',
      });
    });

    it('a reconnect goes the same way, with what the account was signed in with', async () => {
      const main = await opened({ providerId: 'codex', bundleId: 'home' });
      expect(main.state().modal).toMatchObject({
        flowId: 'tenant',
        parameters: { region: 'us-east-1' },
        attempt: { kind: 'parameters' },
      });
    });

    it('a form that was closed while main checked it ends what was started', async () => {
      const main = await opened();
      const submitted = main.controller.submitParameters({ region: 'eu' });
      await main.controller.cancel();
      await main.answer('auth.start', started('s1'));
      await main.answer('auth.cancel', cancelled);
      expect(await submitted).toBeNull();
      expect(main.state().modal).toBeNull();
    });
  });

  it('I-17: a sign-in that is in the way is ended only when asked to, and its end is no news', async () => {
    const main = scene();
    main.emit('auth.changed', pending('other', { bundleId: 'home' }));
    void main.controller.connect(toWork);
    await settled();
    const failure = {
      code: 'port_held_by_sign_in',
      title: 'Taken',
      hint: 'End it',
      blockedBy: { sessionId: 'other' },
    };
    await main.answer('auth.start', { ok: false, failure });
    expect(main.state().modal?.attempt).toEqual({ kind: 'refused', failure });
    expect(main.announced).toHaveLength(1);
    const ended = main.controller.endOtherAndStart();
    await settled();
    expect(main.calls('auth.start')[0]?.request).toEqual({
      providerId: 'codex',
      intoBundleId: 'work',
      endSessionId: 'other',
    });
    main.emit('auth.changed', failed('other', { bundleId: 'home' }));
    await main.answer('auth.start', started('s1'));
    await main.answer('auth.poll', ok(pending('s1', { bundleId: 'work' })));
    await ended;
    expect(shownSessionId(main.state())).toBe('s1');
    expect(main.announced).toEqual(['codex: Taken. End it', "Starting codex's sign-in."]);
    expect(main.state().endedUnseen).toEqual([]);
  });

  it('L-5: a provider that is only an API key asks for the key and starts nothing', async () => {
    const main = scene();
    const keyOnly = { ...provider('codex', { state: 'not-needed' }), flows: [], acceptsApiKey: true };
    await main.answer('providers.list', ok({ providers: [keyOnly], problems: [] }));
    void main.controller.connect(toWork);
    await settled();
    expect(main.calls('auth.start')).toEqual([]);
    expect(main.state().modal).toMatchObject({ bundleId: 'work', attempt: { kind: 'api-key' } });
  });

  it('shows the sign-in that already runs there instead of starting another', async () => {
    const main = scene();
    main.emit('auth.changed', withLink('s1', { bundleId: 'work' }));
    await main.controller.connect(toWork);
    expect(main.calls('auth.start')).toEqual([]);
    expect(shownSessionId(main.state())).toBe('s1');
  });

  it('shows a refusal of main in the modal and reads it out', async () => {
    const main = scene();
    void main.controller.connect(toWork);
    await settled();
    const failure = { code: 'unknown_bundle', title: 'No such identity', hint: 'Choose another.' };
    await main.answer('auth.start', { ok: false, failure });
    expect(main.state().modal?.attempt).toEqual({ kind: 'refused', failure });
    expect(main.announced).toEqual(['codex: No such identity. Choose another.']);
  });

  it('asks for the snapshot only when no event has brought it', async () => {
    const main = scene();
    void main.controller.connect(toWork);
    await settled();
    main.emit('auth.changed', pending('s1', { bundleId: 'work' }));
    await main.answer('auth.start', started('s1'));
    expect(main.calls('auth.poll')).toEqual([]);
    expect(shownSessionId(main.state())).toBe('s1');
  });
});

describe('giving up', () => {
  it('S-9: cancel before main has answered still ends the sign-in', async () => {
    const main = scene();
    void main.controller.connect(toWork);
    await settled();
    void main.controller.cancel();
    await main.answer('auth.start', started('s1'));
    expect(main.calls('auth.cancel').map(({ request }) => request)).toEqual([{ sessionId: 's1' }]);
    expect(main.state().modal).toBeNull();
  });

  it('is neither read out nor kept as an end that nobody saw', async () => {
    const main = scene();
    main.emit('auth.changed', pending('s1'));
    await main.controller.show('s1');
    void main.controller.cancel();
    main.emit('auth.changed', failed('s1'));
    await main.answer('auth.cancel', cancelled);
    expect(main.state().endedUnseen).toEqual([]);
    expect(main.announced).toEqual([]);
  });

  it('hiding leaves the sign-in alone, and its end is read out', async () => {
    const main = scene();
    main.emit('auth.changed', pending('s1'));
    await main.controller.show('s1');
    main.controller.hide();
    main.emit('auth.changed', failed('s1'));
    expect(main.calls('auth.cancel')).toEqual([]);
    expect(main.state().endedUnseen).toEqual(['s1']);
    expect(main.announced).toEqual(['codex: The CLI stopped. Read what it said.']);
  });

  it('another flow ends the running one first, then starts with the same bundle', async () => {
    const main = scene();
    main.emit('auth.changed', withLink('s1', { bundleId: 'work' }));
    await main.controller.show('s1');
    void main.controller.restart('device');
    await settled();
    expect(main.calls('auth.start')).toEqual([]);
    await main.answer('auth.cancel', cancelled);
    expect(main.calls('auth.start').map(({ request }) => request)).toEqual([
      { providerId: 'codex', flowId: 'device', intoBundleId: 'work' },
    ]);
  });

  it('cancel while the running one is being ended starts no other', async () => {
    const main = scene();
    main.emit('auth.changed', withLink('s1', { bundleId: 'work' }));
    await main.controller.show('s1');
    void main.controller.restart('device');
    await settled();
    void main.controller.cancel();
    await main.answer('auth.cancel', cancelled);
    expect(main.calls('auth.start')).toEqual([]);
    expect(main.state().modal).toBeNull();
  });

  it('try again has main look for a program that was missing', async () => {
    const main = scene();
    await main.answer(
      'providers.list',
      ok({ providers: [provider('codex', { state: 'missing', installable: false })], problems: [] }),
    );
    main.emit('auth.changed', failed('s1', { bundleId: 'work' }));
    await main.controller.show('s1');
    void main.controller.restart();
    await settled();
    expect(main.calls('auth.start')).toEqual([]);
    await main.answer('providers.refresh', ok({}));
    expect(main.calls('auth.start')).toHaveLength(1);
  });
});

describe('a window that comes back', () => {
  const sessions = (...list: SessionSnapshot[]) => ok({ sessions: list });

  it('S-16: opens the modal again that was open before the reload', async () => {
    const main = scene({ page: { name: 'identities', bundleId: 'work' }, openSessionId: 's1' });
    await main.answer('auth.list', sessions(withLink('s1', { bundleId: 'work' })));
    expect(shownSessionId(main.state())).toBe('s1');
    expect(main.state().page).toEqual({ name: 'identities', bundleId: 'work' });
  });

  it('S-16: a new window has the running sign-in and no modal', async () => {
    const main = scene();
    await main.answer('auth.list', sessions(withLink('s1')));
    expect(main.state().modal).toBeNull();
    expect(Object.keys(main.state().sessions)).toEqual(['s1']);
  });

  it('shows a session that the tray asks for before the window knows of it', async () => {
    const main = scene();
    main.emit('auth.show', { sessionId: 's1' });
    await main.answer('auth.poll', ok(withLink('s1')));
    expect(shownSessionId(main.state())).toBe('s1');
  });

  it('R-9: goes to the account that a notification was about, also before its identity was read', async () => {
    const main = scene({ page: { name: 'settings', section: 'about' }, openSessionId: null });
    main.emit('desktop.show', { place: { name: 'identity', bundleId: 'work', accountId: 'a1' } });
    await main.answer(
      'bundles.list',
      ok({ bundles: [summary('home'), summary('work')], defaultBundleId: 'home', problems: [] }),
    );
    expect(main.state().page).toEqual({ name: 'identities', bundleId: 'work' });
    expect(main.shownAccounts).toEqual(['a1']);
  });
});

const empty = { bundles: [], defaultBundleId: 'blank', problems: [] };

describe('lists', () => {
  const two = { bundles: [summary('work'), summary('home')], defaultBundleId: 'home', problems: [] };

  it('reads the accounts of the identity that is shown, once, and of another when it is chosen', async () => {
    const main = scene();
    await main.answer('bundles.list', ok(two));
    expect(main.calls('bundles.get').map(({ request }) => request)).toEqual([{ bundleId: 'home' }]);
    await main.answer('bundles.get', ok(bundle('home')));
    main.controller.choosePage({ name: 'identities', bundleId: 'work' });
    await main.answer('bundles.get', ok(bundle('work')));
    main.controller.choosePage({ name: 'identities', bundleId: 'home' });
    await settled();
    expect(main.calls('bundles.get')).toEqual([]);
    expect(Object.keys(main.state().details)).toEqual(['home', 'work']);
  });

  it('I-9: reads what a change names together with the list', async () => {
    const main = scene();
    await main.answer('bundles.list', ok(two));
    await main.answer('bundles.get', ok(bundle('home')));
    main.controller.choosePage({ name: 'identities', bundleId: 'work' });
    await main.answer('bundles.get', ok(bundle('work')));
    main.controller.choosePage({ name: 'identities', bundleId: 'home' });
    main.emit('bundles.changed', { bundleId: 'work' });
    expect(main.calls('bundles.get').map(({ request }) => request)).toEqual([{ bundleId: 'work' }]);
    expect(main.calls('bundles.list')).toHaveLength(1);
    await main.answer('bundles.get', {
      ok: false,
      failure: { code: 'unknown_bundle', title: 'Gone', hint: '' },
    });
    await main.answer('bundles.list', ok({ ...two, bundles: [summary('home')] }));
    expect(Object.keys(main.state().details)).toEqual(['home']);
  });

  it('I-9: a change of an identity that nobody has looked at reads the list alone', async () => {
    const main = scene();
    await main.answer('bundles.list', ok(two));
    await main.answer('bundles.get', ok(bundle('home')));
    main.emit('bundles.changed', { bundleId: 'work' });
    await main.answer('bundles.list', ok(two));
    await settled();
    expect(main.calls('bundles.get')).toEqual([]);
  });

  it('I-9: any number of changes while a list is read cause one more reading', async () => {
    const main = scene();
    main.emit('bundles.changed', { bundleId: 'a' });
    main.emit('bundles.changed', { bundleId: 'b' });
    expect(main.calls('bundles.list')).toHaveLength(1);
    await main.answer('bundles.list', ok(empty));
    expect(main.calls('bundles.list')).toHaveLength(1);
    await main.answer('bundles.list', ok(empty));
    expect(main.calls('bundles.list')).toHaveLength(0);
  });

  it('stops listening when it is told to', () => {
    const main = scene();
    main.stop();
    expect([...main.listeners.keys()]).toEqual([]);
  });
});

describe('installing a program', () => {
  const missing = (sessionId: string) => {
    const snapshot = failed(sessionId, { bundleId: 'work' });
    return { ...snapshot, failure: { ...snapshot.failure, code: 'program_not_found' } };
  };
  const installed = (status: Install['status'], more: Partial<Install> = {}) => ({
    providerId: 'codex',
    install: install(status, more),
  });

  it('X-6: the modal that missed the program goes on by itself when it is there', async () => {
    const main = scene();
    main.emit('auth.changed', missing('s1'));
    await main.controller.show('s1');
    main.emit('providers.installChanged', installed('running'));
    expect(main.calls('auth.start')).toEqual([]);
    main.emit('providers.installChanged', installed('succeeded', { version: '1.0.0' }));
    await settled();
    expect(main.calls('providers.dismissInstall').map(({ request }) => request)).toEqual([
      { providerId: 'codex' },
    ]);
    expect(main.calls('auth.start').map(({ request }) => request)).toEqual([
      { providerId: 'codex', flowId: 'browser', intoBundleId: 'work' },
    ]);
    expect(main.announced.slice(-2)).toEqual(['Installing codex.', 'codex 1.0.0 was installed.']);
  });

  it.each([
    ['another provider', 'claude', missing('s1')],
    ['a failure of another kind', 'codex', failed('s1', { bundleId: 'work' })],
  ])('X-6: nothing starts by itself in a modal of %s', async (_, providerId, shown) => {
    const main = scene();
    main.emit('auth.changed', shown);
    await main.controller.show('s1');
    main.emit('providers.installChanged', { ...installed('succeeded'), providerId });
    await settled();
    expect(main.calls('auth.start')).toEqual([]);
    expect(main.calls('providers.dismissInstall')).toEqual([]);
  });

  it('X-6: a new window picks up what runs, says each end once, and forgets what was dismissed', async () => {
    const main = scene();
    await main.answer('providers.installs', ok({ installs: [install('running')] }));
    expect(main.state().installs).toMatchObject({ codex: { status: 'running' } });
    const failure = { code: 'x', title: 'npm could not reach its registry', hint: 'Check the network.' };
    main.emit('providers.installChanged', installed('running', { lines: ['one'] }));
    main.emit('providers.installChanged', installed('failed', { failure }));
    main.emit('providers.installChanged', installed('failed', { failure }));
    expect(main.announced).toEqual(['codex: npm could not reach its registry. Check the network.']);
    main.emit('providers.installChanged', { providerId: 'codex', install: null });
    expect(main.state().installs).toEqual({});
  });
});
