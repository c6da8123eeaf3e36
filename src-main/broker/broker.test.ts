import { describe, expect, it } from 'vitest';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { LanyardError } from '../failures.ts';
import type { SavedSignIn, SignInTarget, SignInWay } from '../identities/sign-in-target.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Broker, type BrokerOptions } from './broker.ts';
import type { Confirmation, SignedInIdentity } from './method.ts';
import { type ScriptedAttempt, ScriptedMethod } from './sign-in-script.fixture.ts';

class RecordedTarget implements SignInTarget {
  readonly directory = '/accounts/a/1';
  readonly saves: SignedInIdentity[] = [];
  discards = 0;
  fault: LanyardError | null = null;

  recordProcess(): void {}

  async save(identity: SignedInIdentity): Promise<SavedSignIn> {
    if (this.fault) throw this.fault;
    this.saves.push(identity);
    return { bundleId: 'bundle-1', accountId: 'account-1', bundleName: 'Work' };
  }

  async discard(): Promise<void> {
    this.discards += 1;
  }
}

const link = (url: string, source: 'printed' | 'captured' = 'printed') =>
  ({ type: 'link', url, trust: 'listed', source }) as const;
const code = (text: string) =>
  ({
    type: 'code',
    code: text,
    verificationUrl: 'https://example.test/device',
    lifetimeMs: 900_000,
  }) as const;

function house(
  change: (provider: ProviderDefinition) => ProviderDefinition = (provider) => provider,
  more: Partial<BrokerOptions> = {},
) {
  const clock = new ManualClock();
  const method = new ScriptedMethod();
  const targets: RecordedTarget[] = [];
  const asked: number[] = [];
  const holders: { pid?: number; program?: string }[] = [];
  const ways: (SignInWay | undefined)[] = [];
  const opened: string[] = [];
  const pushed: SessionSnapshot[] = [];
  const outputs: { sessionId: string; lines: number }[] = [];
  const provider = change(sampleDefinition());
  const waiters: {
    done: (snapshot: SessionSnapshot) => boolean;
    resolve: (snapshot: SessionSnapshot) => void;
  }[] = [];
  let ids = 0;
  let browserWorks = true;
  const broker = new Broker({
    providers: { find: (id) => (id === provider.id ? provider : null) },
    method,
    targets: {
      open: (_provider, _usesDirectory, _bundle, _session, way) => {
        const target = new RecordedTarget();
        targets.push(target);
        ways.push(way);
        return target;
      },
    },
    bundleName: (id) => (id === 'work' ? 'Work' : null),
    portHolder: async (port) => {
      asked.push(port);
      return holders.shift() ?? null;
    },
    clock,
    newSessionId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    openBrowser: async (url) => {
      opened.push(url);
      return browserWorks;
    },
    onChanged: (snapshot) => {
      pushed.push(snapshot);
      for (const waiter of waiters.filter((each) => each.done(snapshot))) waiter.resolve(snapshot);
    },
    onOutput: (sessionId, lines) => outputs.push({ sessionId, lines }),
    redact: (line) => line.replaceAll('hunter2', '[redacted]'),
    log: { info: () => {}, error: () => {} },
    ...more,
  });
  /** The first pushed snapshot, past or coming, that fits. */
  const seen = (done: (snapshot: SessionSnapshot) => boolean) =>
    new Promise<SessionSnapshot>((resolve) => {
      const found = pushed.find(done);
      if (found) resolve(found);
      else waiters.push({ done, resolve });
    });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const attempt = async (index = 0): Promise<ScriptedAttempt> => {
    for (;;) {
      const found = method.attempts[index];
      if (found) return found;
      await turn();
    }
  };
  const start = async (flowId?: string) => {
    const { sessionId } = broker.start({ providerId: provider.id, ...(flowId ? { flowId } : {}) });
    return { sessionId, attempt: await attempt(method.attempts.length) };
  };
  return {
    broker,
    clock,
    method,
    targets,
    ways,
    /** Ports that were looked at. */
    asked,
    /** Who is found on a port, look by look; nobody when there are no more. */
    holders,
    opened,
    pushed,
    outputs,
    provider,
    seen,
    turn,
    attempt,
    start,
    breakBrowser: () => {
      browserWorks = false;
    },
  };
}

const status = (wanted: SessionSnapshot['status']) => (snapshot: SessionSnapshot) =>
  snapshot.status === wanted;

describe('a session', () => {
  it('S-1: start returns a session id and no link at once, in state pending', () => {
    const { broker, provider } = house();
    const answer = broker.start({ providerId: provider.id });
    expect(answer).toEqual({ sessionId: expect.stringMatching(/^auth-[0-9a-f-]{36}$/), authUrl: null });
    expect(broker.poll(answer.sessionId)).toMatchObject({ providerId: provider.id, status: 'pending' });
  });

  it('S-2: poll has exactly the fields of each status, and a typed error for an unknown session', async () => {
    const { broker, provider, start, seen } = house();
    /** What a poll says besides what every status has. */
    const said = (sessionId: string) =>
      Object.fromEntries(Object.entries(broker.poll(sessionId)).filter(([name]) => ownFields.includes(name)));
    const ownFields = 'providerId status authUrl deviceCode verificationUrl bundleId email error'.split(' ');
    // Started for no identity in particular.
    const common = { providerId: provider.id, bundleId: null };
    const { sessionId, attempt } = await start();
    expect(said(sessionId)).toEqual({ ...common, status: 'pending' });
    attempt.play(link('https://auth.example.test/authorize?state=a'));
    await seen(status('url-available'));
    expect(said(sessionId)).toEqual({
      ...common,
      status: 'url-available',
      authUrl: 'https://auth.example.test/authorize?state=a',
    });
    attempt.play({ type: 'completed', by: 'exit' });
    await seen(status('success'));
    expect(said(sessionId)).toEqual({
      ...common,
      status: 'success',
      bundleId: 'bundle-1',
      email: 'ada@example.test',
    });

    const device = await start();
    device.attempt.play(code('ABCD-EFGH'));
    await seen(status('code-emitted'));
    expect(said(device.sessionId)).toEqual({
      ...common,
      status: 'code-emitted',
      deviceCode: 'ABCD-EFGH',
      verificationUrl: 'https://example.test/device',
    });
    device.attempt.confirmation = { signedIn: true, identity: {} };
    device.attempt.play({ type: 'completed', by: 'exit' });
    await seen(({ sessionId, status }) => sessionId === device.sessionId && status === 'success');
    expect(said(device.sessionId)).toEqual({ ...common, status: 'success', bundleId: 'bundle-1' });

    const failing = await start();
    broker.cancel(failing.sessionId);
    expect(said(failing.sessionId)).toEqual({
      ...common,
      status: 'failed',
      error: 'The sign-in was cancelled',
    });
    expect(() => broker.poll('auth-unknown')).toThrowError(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'unknown_session' }) }),
    );
  });

  it('S-3: a link after a code does not move the state back, but is kept', async () => {
    const { broker, start, seen, turn } = house();
    const { sessionId, attempt } = await start();
    attempt.play(code('ABCD-EFGH'));
    await seen(status('code-emitted'));
    attempt.play(link('https://auth.example.test/authorize'));
    await turn();
    expect(broker.poll(sessionId)).toMatchObject({
      status: 'code-emitted',
      authUrl: 'https://auth.example.test/authorize',
    });
  });

  it('S-4: the first link and code are kept; a provider that renews them replaces and counts', async () => {
    for (const renews of [false, true]) {
      const { broker, start, turn } = house((provider) => ({
        ...provider,
        flows: provider.flows.map((flow) => ({ ...flow, renews })),
      }));
      const { sessionId, attempt } = await start();
      attempt.play(
        link('https://auth.example.test/1'),
        link('https://auth.example.test/1'),
        link('https://auth.example.test/2'),
      );
      await turn();
      expect(broker.poll(sessionId)).toMatchObject({
        authUrl: `https://auth.example.test/${renews ? 2 : 1}`,
        renewals: renews ? 1 : 0,
      });
      attempt.play(code('AAAA-AAAA'), code('BBBB-BBBB'));
      await turn();
      expect(broker.poll(sessionId)).toMatchObject({
        deviceCode: renews ? 'BBBB-BBBB' : 'AAAA-AAAA',
        renewals: renews ? 2 : 0,
      });
    }
  });

  it('S-5: a success line alone never ends a session, and a check that says no leaves it running', async () => {
    const { broker, start, seen, targets } = house();
    const { sessionId, attempt } = await start();
    attempt.confirmation = {
      signedIn: false,
      failure: { code: 'check_says_signed_out', title: 't', hint: 'h' },
    };
    attempt.play({ type: 'completed', by: 'line' });
    await seen((snapshot) => snapshot.phase === 'checking');
    await seen((snapshot) => snapshot.phase === 'waiting');
    expect(broker.poll(sessionId).status).toBe('pending');
    attempt.play({ type: 'completed', by: 'exit' });
    expect(await seen(status('failed'))).toMatchObject({ failure: { code: 'check_says_signed_out' } });
    expect(targets[0]?.saves).toEqual([]);
  });

  it('S-5: a sign-in that cannot be saved fails and leaves nothing', async () => {
    const { start, seen, targets, turn } = house();
    const { attempt } = await start();
    const [target] = targets;
    if (target)
      target.fault = new LanyardError({ code: 'could_not_save', title: 'disk full', hint: 'make room' });
    attempt.play({ type: 'completed', by: 'exit' });
    expect(await seen(status('failed'))).toMatchObject({
      error: 'disk full',
      failure: { code: 'could_not_save' },
    });
    await turn();
    expect(target?.discards).toBe(1);
  });

  it('S-6: the first email of a success line wins over later ones and over the credential file', async () => {
    const { start, seen, targets } = house();
    const { attempt } = await start();
    attempt.play(
      { type: 'email', email: 'first@example.test' },
      { type: 'email', email: 'second@example.test' },
      { type: 'completed', by: 'exit' },
    );
    expect(await seen(status('success'))).toMatchObject({ email: 'first@example.test' });
    expect(targets[0]?.saves).toEqual([{ email: 'first@example.test' }]);
  });

  it('S-7: terminal states stick', async () => {
    const { broker, start, seen, turn, targets } = house();
    const { sessionId, attempt } = await start();
    expect(broker.cancel(sessionId)).toEqual({ success: true });
    attempt.play({ type: 'completed', by: 'exit' });
    await turn();
    expect(broker.poll(sessionId).status).toBe('failed');
    expect(broker.cancel(sessionId)).toMatchObject({ success: false, failure: { code: 'session_ended' } });
    expect(targets[0]?.saves).toEqual([]);

    const second = await start();
    second.attempt.play({ type: 'completed', by: 'exit' });
    await seen(status('success'));
    expect(broker.cancel(second.sessionId)).toMatchObject({ success: false });
    expect(broker.poll(second.sessionId).status).toBe('success');
  });

  it('S-8: the cap ends the session by itself, and it can be polled for five minutes more', async () => {
    const { broker, clock, start } = house();
    const { sessionId, attempt } = await start();
    clock.advance(599_999);
    expect(broker.poll(sessionId).status).toBe('pending');
    clock.advance(1);
    expect(broker.poll(sessionId)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('timed out'),
      failure: { code: 'timed_out' },
    });
    expect(attempt.cancels).toBeGreaterThan(0);
    clock.advance(299_999);
    expect(broker.poll(sessionId).status).toBe('failed');
    clock.advance(1);
    expect(() => broker.poll(sessionId)).toThrow(LanyardError);
  });

  it('S-8: a definition may set its own cap', async () => {
    const { broker, clock, start } = house((provider) => ({ ...provider, timeoutSeconds: 5 }));
    const { sessionId } = await start();
    clock.advance(5_000);
    expect(broker.poll(sessionId)).toMatchObject({
      failure: { code: 'timed_out', title: expect.stringContaining('5 seconds') },
    });
  });

  it('S-9: cancel says true once, and gives a reason for an unknown or ended session', async () => {
    const { broker, start } = house();
    const { sessionId, attempt } = await start();
    expect(broker.cancel(sessionId)).toEqual({ success: true });
    expect(attempt.cancels).toBeGreaterThan(0);
    expect(broker.cancel(sessionId)).toMatchObject({
      success: false,
      reason: expect.stringContaining('ended'),
    });
    expect(broker.cancel('auth-none')).toMatchObject({
      success: false,
      failure: { code: 'unknown_session' },
    });
  });

  it('S-10: a cancel before the method was started prevents the start', async () => {
    const { broker, provider, method, turn } = house();
    const { sessionId } = broker.start({ providerId: provider.id });
    broker.cancel(sessionId);
    await turn();
    expect(method.attempts).toEqual([]);
  });

  it('S-11: a double click is one sign-in', async () => {
    const { broker, provider, clock, method, turn } = house();
    const first = broker.start({ providerId: provider.id });
    clock.advance(200);
    expect(broker.start({ providerId: provider.id })).toEqual(first);
    await turn();
    expect(method.attempts).toHaveLength(1);
  });

  it('S-11: a newer start replaces the older one, whose process is gone before the new one starts, and which can no longer save', async () => {
    const { broker, clock, provider, start, method, turn, targets, seen } = house();
    const older = await start();
    let release = () => {};
    older.attempt.gone = new Promise((resolve) => {
      release = resolve;
    });
    let answer = (_: Confirmation) => {};
    older.attempt.confirmation = new Promise((resolve) => {
      answer = resolve;
    });
    older.attempt.play({ type: 'completed', by: 'exit' });
    await seen((snapshot) => snapshot.phase === 'checking');
    clock.advance(1_000);
    const newer = broker.start({ providerId: provider.id });
    expect(broker.poll(older.sessionId)).toMatchObject({
      status: 'failed',
      failure: { code: 'replaced' },
      error: expect.stringContaining('replaced by a newer sign-in'),
    });
    answer({ signedIn: true, identity: {} });
    await turn();
    expect(method.attempts).toHaveLength(1);
    release();
    await turn();
    expect(method.attempts).toHaveLength(2);
    expect(targets[0]?.saves).toEqual([]);
    expect(broker.poll(newer.sessionId).status).toBe('pending');
  });

  it('S-11: a new start after a cancel waits until the cancelled process is gone', async () => {
    const { broker, clock, provider, start, method, turn } = house();
    const first = await start();
    let release = () => {};
    first.attempt.gone = new Promise((resolve) => {
      release = resolve;
    });
    broker.cancel(first.sessionId);
    clock.advance(1_000);
    broker.start({ providerId: provider.id });
    await turn();
    expect(method.attempts).toHaveLength(1);
    release();
    await turn();
    expect(method.attempts).toHaveLength(2);
  });

  it('S-11: sign-ins of one provider into different bundles run side by side', async () => {
    const { broker, clock, provider, turn, method } = house();
    broker.start({ providerId: provider.id, intoBundleId: 'a' });
    clock.advance(1_000);
    broker.start({ providerId: provider.id, intoBundleId: 'b' });
    await turn();
    expect(method.attempts).toHaveLength(2);
    expect(broker.list().map((each) => each.status)).toEqual(['pending', 'pending']);
  });

  it('S-12: line, file and exit together save once', async () => {
    const { start, seen, turn, targets, pushed } = house();
    const { attempt } = await start();
    attempt.play(
      { type: 'completed', by: 'line' },
      { type: 'completed', by: 'file' },
      { type: 'completed', by: 'exit' },
    );
    await seen(status('success'));
    await turn();
    expect(targets[0]?.saves).toHaveLength(1);
    expect(pushed.filter((snapshot) => snapshot.status === 'success')).toHaveLength(1);
  });

  it('S-12: a cancel during the check wins over the save', async () => {
    const { broker, start, seen, turn, targets } = house();
    const { sessionId, attempt } = await start();
    let answer = (_: Confirmation) => {};
    attempt.confirmation = new Promise((resolve) => {
      answer = resolve;
    });
    attempt.play({ type: 'completed', by: 'exit' });
    await seen((snapshot) => snapshot.phase === 'checking');
    broker.cancel(sessionId);
    answer({ signedIn: true, identity: {} });
    await turn();
    expect(targets[0]).toMatchObject({ saves: [], discards: 1 });
    expect(broker.poll(sessionId).status).toBe('failed');
  });

  it('S-15: what the method says went wrong is the failure', async () => {
    const { start, seen } = house();
    const { attempt } = await start();
    const failure = { code: 'exited_with_code', title: 'gave up', hint: 'look', detail: 'last line' };
    attempt.play({ type: 'failed', failure });
    expect(await seen(status('failed'))).toMatchObject({ error: 'gave up', failure });
  });

  it('S-16: every change is pushed, and the list has running and ended sessions, newest first', async () => {
    const { broker, start, pushed, turn } = house();
    const first = await start();
    broker.cancel(first.sessionId);
    await turn();
    const second = await start();
    expect(broker.list().map((each) => each.sessionId)).toEqual([second.sessionId, first.sessionId]);
    expect(pushed.map((each) => [each.sessionId, each.status])).toEqual([
      [first.sessionId, 'pending'],
      [first.sessionId, 'failed'],
      [second.sessionId, 'pending'],
    ]);
  });
});

describe('links', () => {
  it('the system browser is opened once by itself, and again on request', async () => {
    const { broker, start, turn, opened } = house();
    const { sessionId, attempt } = await start();
    attempt.play(link('https://auth.example.test/authorize'));
    await turn();
    attempt.play(link('https://auth.example.test/other'));
    await turn();
    expect(opened).toEqual(['https://auth.example.test/authorize']);
    expect(broker.poll(sessionId).browserOpened).toBe(true);
    expect(await broker.openLink(sessionId)).toEqual({ success: true });
    expect(opened).toHaveLength(2);
  });

  it('L-2: an offered link of a custom provider is shown but never opened by itself', async () => {
    const { start, seen, turn, opened } = house();
    const { attempt } = await start();
    attempt.play({
      type: 'link',
      url: 'https://login.custom.test/oauth',
      trust: 'offered',
      source: 'printed',
    });
    await seen(status('url-available'));
    await turn();
    expect(opened).toEqual([]);
  });

  it('L-1: a link to a foreign host is text, never the sign-in link', async () => {
    const { broker, start, turn, opened } = house();
    const { sessionId, attempt } = await start();
    attempt.play({ type: 'untrusted-link', url: 'https://evil.test/?x=auth.example.test' });
    await turn();
    expect(broker.poll(sessionId)).toMatchObject({
      status: 'pending',
      untrustedLinks: ['https://evil.test/?x=auth.example.test'],
    });
    expect(await broker.openLink(sessionId)).toMatchObject({
      success: false,
      failure: { code: 'not_ready' },
    });
    expect(opened).toEqual([]);
  });

  it('X-8: a flow that waits for the captured link opens that one, and the printed one when none comes', async () => {
    const captures = (provider: ProviderDefinition): ProviderDefinition => ({
      ...provider,
      flows: provider.flows.map((flow) => ({ ...flow, opens: 'captured' as const })),
    });
    const first = house(captures);
    const one = await first.start();
    one.attempt.play(link('https://auth.example.test/printed'));
    await first.turn();
    expect(first.opened).toEqual([]);
    one.attempt.play(link('https://auth.example.test/captured', 'captured'));
    await first.turn();
    expect(first.opened).toEqual(['https://auth.example.test/captured']);
    expect(first.broker.poll(one.sessionId)).toMatchObject({ authUrl: 'https://auth.example.test/printed' });

    const second = house(captures);
    const other = await second.start();
    other.attempt.play(link('https://auth.example.test/printed'));
    await second.turn();
    second.clock.advance(2_000);
    await second.turn();
    expect(second.opened).toEqual(['https://auth.example.test/printed']);
  });

  it('O-6: a browser that cannot be opened is a notice, and the link stays', async () => {
    const { broker, start, turn, breakBrowser } = house();
    breakBrowser();
    const { sessionId, attempt } = await start();
    attempt.play(link('https://auth.example.test/authorize'));
    await turn();
    expect(broker.poll(sessionId)).toMatchObject({
      status: 'url-available',
      notices: [{ code: 'browser_launch_failed' }],
    });
  });
});

describe('what the CLI printed', () => {
  it('S-14: the log has the length of each line, up to a bound, and no line', async () => {
    const logged: { event: string; fields: Record<string, unknown> }[] = [];
    const log = {
      info: (event: string, fields: Record<string, unknown> = {}) => logged.push({ event, fields }),
      error: () => {},
    };
    const { broker, start, turn, seen } = house(undefined, { log });
    const { sessionId, attempt } = await start();
    attempt.play({ type: 'line', text: 'Visit https://auth.test/?code=ABCD-1234 ✓' });
    attempt.play({ type: 'line', text: '' }, { type: 'line', text: 'x'.repeat(100_000) });
    attempt.play({ type: 'completed', by: 'exit' });
    await seen(status('success'));
    const lengths = () =>
      logged.filter(({ event }) => event === 'session.output').map(({ fields }) => fields);
    expect(lengths()).toEqual([{ session: sessionId, lines: 3, lineBytes: '43 0 100000' }]);

    const flooded = await start();
    for (let line = 0; line < 5_000; line += 1) flooded.attempt.play({ type: 'line', text: 'ABCD-1234' });
    await turn();
    broker.cancel(flooded.sessionId);
    expect(lengths()[1]).toMatchObject({
      lines: 5_000,
      lineBytes: expect.stringMatching(/^9(?: 9){199} …$/),
    });
    expect(JSON.stringify(logged)).not.toMatch(/ABCD|auth\.test|xxx/);
  });

  it('S-13 S-16: windows hear of new lines a few times a second, also of the last ones, and read them redacted', async () => {
    const { broker, start, turn, outputs, clock } = house();
    const { sessionId, attempt } = await start();
    for (let line = 0; line < 100; line += 1) attempt.play({ type: 'line', text: `line ${line} hunter2` });
    await turn();
    expect(outputs).toEqual([]);
    clock.advance(200);
    expect(outputs).toEqual([{ sessionId, lines: 100 }]);
    clock.advance(1_000);
    expect(outputs).toHaveLength(1);
    attempt.play({ type: 'line', text: 'last' });
    await turn();
    broker.cancel(sessionId);
    clock.advance(200);
    expect(outputs.at(-1)).toEqual({ sessionId, lines: 101 });
    const { lines } = broker.transcript(sessionId);
    expect(lines[0]).toBe('line 0 [redacted]');
    expect(lines.at(-1)).toBe('last');
  });

  it('S-14: what a server or a program says of a failure is shown without the secrets that it repeats', async () => {
    const { broker, start, seen } = house();
    const { sessionId, attempt } = await start();
    const failure = { code: 'denied', title: 'Denied', hint: 'h', detail: 'not with hunter2' };
    attempt.play({ type: 'failed', failure });
    const { failure: shown } = (await seen(({ status }) => status === 'failed')) as { failure?: unknown };
    expect(shown).toEqual({ ...failure, detail: 'not with [redacted]' });
    expect(JSON.stringify(broker.poll(sessionId))).not.toContain('hunter2');
  });
});

describe('pasted text', () => {
  it('V-3: is delivered or says why not', async () => {
    const { broker, start, turn } = house();
    const { sessionId, attempt } = await start();
    expect(await broker.submitCallback(sessionId, 'code')).toEqual({ success: true });
    expect(attempt.pasted).toEqual(['code']);
    expect(broker.poll(sessionId).phase).toBe('submitted');
    attempt.delivery = { delivered: false, failure: { code: 'malformed_code', title: 'no code', hint: 'h' } };
    expect(await broker.submitCallback(sessionId, 'x')).toMatchObject({ success: false, reason: 'no code' });
    expect(await broker.submitCallback('auth-none', 'x')).toMatchObject({
      success: false,
      failure: { code: 'unknown_session' },
    });
    broker.cancel(sessionId);
    await turn();
    expect(await broker.submitCallback(sessionId, 'x')).toMatchObject({
      success: false,
      reason: expect.stringContaining('the CLI has exited'),
    });
  });

  it('V-4: a rejected paste can be tried again while the CLI still waits', async () => {
    const { broker, start, turn } = house();
    const { sessionId, attempt } = await start();
    await broker.submitCallback(sessionId, 'wrong');
    attempt.play({ type: 'paste-rejected', text: 'Invalid code.' });
    await turn();
    expect(broker.poll(sessionId)).toMatchObject({ phase: 'waiting', pasteRejected: 'Invalid code.' });
    expect(await broker.submitCallback(sessionId, 'right')).toEqual({ success: true });
    expect(broker.poll(sessionId).pasteRejected).toBeUndefined();
    expect(attempt.pasted).toEqual(['wrong', 'right']);
  });

  it('V-4: the reason of a refusal stays when the CLI makes a new link right after it', async () => {
    const { broker, start, turn } = house((provider) => ({
      ...provider,
      flows: provider.flows.map((flow) => ({ ...flow, renews: true })),
    }));
    const { sessionId, attempt } = await start();
    attempt.play(link('https://auth.example.test/1'));
    await turn();
    await broker.submitCallback(sessionId, 'wrong');
    attempt.play({ type: 'paste-rejected', text: 'Invalid code.' }, link('https://auth.example.test/2'));
    await turn();
    expect(broker.poll(sessionId)).toMatchObject({ renewals: 1, pasteRejected: 'Invalid code.' });
  });
});

describe('what only the person knows', () => {
  const asking = (each: ProviderDefinition): ProviderDefinition => ({
    ...each,
    allowedHosts: ['{param:host}'],
    flows: each.flows.map((flow, index) =>
      index > 0
        ? { ...flow, verificationUrl: 'https://acme.test/device' }
        : {
            ...flow,
            args: ['login', '--host', '{param:host}'],
            parameters: [
              { id: 'host', label: 'Host', example: 'a.test', accepts: '.+', required: true, kind: 'host' },
            ],
          },
    ),
  });

  it('starts with it filled in, and tells and keeps it', async () => {
    const { broker, provider, attempt, ways } = house(asking);
    const parameters = { host: ' GHE.Acme.test ' };
    const { sessionId } = broker.start({ providerId: provider.id, parameters });
    const { request } = await attempt();
    expect(request.flow.args).toEqual(['login', '--host', 'ghe.acme.test']);
    expect(request.provider.allowedHosts).toEqual(['=ghe.acme.test']);
    expect(broker.poll(sessionId).parameters).toEqual({ host: 'ghe.acme.test' });
    expect(ways).toEqual([{ flowId: 'browser', parameters: { host: 'ghe.acme.test' } }]);
  });

  it('is refused by field before anything is started or ended', async () => {
    const { broker, provider, attempt, pushed, targets, clock } = house(asking);
    const { sessionId } = broker.start({ providerId: provider.id, parameters: { host: 'a.test' } });
    await attempt();
    clock.advance(1_000);
    const before = pushed.length;
    for (const [parameters, fields] of [
      [undefined, { host: 'This is needed.' }],
      [{ host: '--x' }, { host: 'This must not begin with "-".' }],
      [{ host: 'a.test', port: '1' }, { port: 'This is not asked for.' }],
    ] as const) {
      const request = { providerId: provider.id, ...(parameters ? { parameters: { ...parameters } } : {}) };
      expect(() => broker.start(request)).toThrowError(
        expect.objectContaining({ failure: expect.objectContaining({ code: 'bad_parameter', fields }) }),
      );
    }
    expect([pushed.length, targets.length, broker.list().length]).toEqual([before, 1, 1]);
    expect(broker.poll(sessionId).status).toBe('pending');
  });

  it('is not there where a flow asks for nothing', async () => {
    const { broker, start, ways } = house(asking);
    const { sessionId } = await start('device');
    expect(broker.poll(sessionId)).not.toHaveProperty('parameters');
    expect(ways).toEqual([{ flowId: 'device' }]);
  });
});

describe('I-17: a port that only one sign-in can have', () => {
  const inBundle = (
    provider: ProviderDefinition,
    intoBundleId: string,
    more: { endSessionId?: string } = {},
  ) => ({
    providerId: provider.id,
    flowId: 'device',
    intoBundleId,
    ...more,
  });
  const refusal = (start: () => unknown) => {
    try {
      start();
    } catch (error) {
      if (error instanceof LanyardError) return error.failure;
    }
    return null;
  };

  it('a second sign-in that needs it is told who has it, and nothing is ended or started', async () => {
    const { broker, provider, attempt, targets, pushed } = house();
    const { sessionId } = broker.start(inBundle(provider, 'work'));
    await attempt();
    const before = pushed.length;
    expect(refusal(() => broker.start(inBundle(provider, 'client')))).toEqual({
      code: 'port_held_by_sign_in',
      title: 'Another sign-in has port 1455: Acme as Work',
      hint: expect.stringContaining('End that sign-in'),
      blockedBy: { sessionId },
    });
    expect(
      refusal(() => broker.start(inBundle(provider, 'client', { endSessionId: 'auth-other' })))?.code,
    ).toBe('port_held_by_sign_in');
    expect([pushed.length, targets.length]).toEqual([before, 1]);
    expect(broker.poll(sessionId).status).toBe('pending');
    // Another way of the same provider needs no port.
    broker.start({ providerId: provider.id, flowId: 'browser', intoBundleId: 'client' });
    expect((await attempt(1)).request.flow.id).toBe('browser');
  });

  it('with consent the other one ends, and the new one starts when nothing is left of it', async () => {
    const { broker, provider, attempt, method, turn } = house();
    const first = broker.start(inBundle(provider, 'work'));
    const held = await attempt();
    let leave = () => {};
    held.gone = new Promise((resolve) => {
      leave = resolve;
    });
    const second = broker.start(inBundle(provider, 'client', { endSessionId: first.sessionId }));
    expect(broker.poll(first.sessionId)).toMatchObject({
      status: 'failed',
      failure: { code: 'replaced', title: expect.stringContaining('Acme as a new identity') },
    });
    for (let turns = 0; turns < 5; turns += 1) await turn();
    expect(method.attempts).toHaveLength(1);
    leave();
    expect((await attempt(1)).request.sessionId).toBe(second.sessionId);
  });

  it('one that has ended has it no more; one in the same place is replaced as ever', async () => {
    const { broker, provider, attempt } = house();
    const first = broker.start(inBundle(provider, 'work'));
    await attempt();
    broker.cancel(first.sessionId);
    const second = broker.start(inBundle(provider, 'client'));
    await attempt(1);
    broker.start({ ...inBundle(provider, 'client'), flowId: 'browser' });
    await attempt(2);
    expect(broker.poll(second.sessionId)).toMatchObject({ failure: { code: 'replaced' } });
  });

  it('is looked at before the start; one that another program has fails the sign-in by name', async () => {
    const { broker, provider, asked, holders, seen, targets, method } = house();
    holders.push({ pid: 4242, program: 'grafana' });
    const { sessionId } = broker.start(inBundle(provider, 'work'));
    expect(await seen(status('failed'))).toMatchObject({
      sessionId,
      failure: {
        code: 'port_in_use',
        title: 'Port 1455, which Acme waits on, is taken',
        hint: expect.stringContaining('End grafana'),
        detail: 'By grafana, process 4242.',
      },
    });
    expect(asked).toEqual([1455]);
    expect([targets, method.attempts]).toEqual([[], []]);
    broker.start({ providerId: provider.id, flowId: 'browser' });
    expect(asked).toEqual([1455]);
  });

  it('what is left of a sign-in that was just ended is waited for', async () => {
    const { broker, provider, attempt, clock, holders, asked, turn } = house();
    const first = broker.start(inBundle(provider, 'work'));
    await attempt();
    holders.push({}, {});
    const second = broker.start(inBundle(provider, 'client', { endSessionId: first.sessionId }));
    for (const looks of [2, 3]) {
      while (asked.length < looks) await turn();
      await turn();
      clock.advance(100);
    }
    expect((await attempt(1)).request.sessionId).toBe(second.sessionId);
    expect(asked).toHaveLength(4);
  });

  it('a flow that takes another port when its own is taken needs none', async () => {
    const { broker, provider, attempt, asked } = house((each) => ({
      ...each,
      flows: each.flows.map((flow) => ({ ...flow, portMayMove: true })),
    }));
    broker.start(inBundle(provider, 'work'));
    broker.start(inBundle(provider, 'client'));
    await attempt(1);
    expect(asked).toEqual([]);
  });
});

describe('what is refused at the start', () => {
  it('L-5: a provider that is an API key and nothing else, before anything is started', () => {
    const { broker, provider, targets } = house((each) => ({ ...each, flows: [], proof: { kind: 'none' } }));
    for (const flowId of [undefined, 'browser']) {
      const request = { providerId: provider.id, ...(flowId === undefined ? {} : { flowId }) };
      expect(() => broker.start(request)).toThrowError(
        expect.objectContaining({ failure: expect.objectContaining({ code: 'key_only' }) }),
      );
    }
    expect([broker.list(), targets]).toEqual([[], []]);
  });

  it('an unknown provider or flow', () => {
    const { broker, provider } = house();
    expect(() => broker.start({ providerId: 'nobody' })).toThrowError(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'unknown_provider' }) }),
    );
    expect(() => broker.start({ providerId: provider.id, flowId: 'none' })).toThrowError(
      expect.objectContaining({ failure: expect.objectContaining({ code: 'unknown_flow' }) }),
    );
    expect(broker.list()).toEqual([]);
  });
});

it('quitting ends every sign-in, waits for it, and starts no other', async () => {
  const { broker, provider, start, targets } = house();
  const { sessionId, attempt } = await start();
  const stopped = broker.stop();
  expect(() => broker.start({ providerId: provider.id })).toThrow(LanyardError);
  await stopped;
  expect(attempt.cancels).toBeGreaterThan(0);
  expect(targets[0]?.discards).toBe(1);
  expect(broker.poll(sessionId)).toMatchObject({ status: 'failed', failure: { code: 'cancelled' } });
});

it('X-6: a start that names no flow takes the one that fits the program; one that is named is taken', () => {
  const { broker } = house(undefined, { defaultFlow: ({ flows }) => flows[1] });
  const flowOf = (request: { flowId?: string }) =>
    broker.poll(broker.start({ providerId: 'acme', ...request }).sessionId).flowId;
  expect(flowOf({})).toBe('device');
  expect(flowOf({ flowId: 'browser' })).toBe('browser');
});
