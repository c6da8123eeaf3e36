import { describe, expect, it } from 'vitest';
import type { ApprovalMode } from '../../src-preload/contract/approvals.ts';
import type { AuditEvent } from '../journal/audit.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { ApprovalSettings } from './approval-settings.ts';
import { Approvals, type ApprovalsParts, type Asked, answerLimitMs, readingMs } from './approvals.ts';
import type { Asker } from './asker.ts';

const program = (path: string, pid: number) => ({
  pid,
  path,
  name: path.split('/').at(-1) ?? '',
  file: `file of ${path}`,
});

/** Somebody's program, which the terminal's shell has started. */
const askerNamed = (path: string): Asker => ({
  program: program(path, 40),
  parents: [program('/usr/bin/bash', 30), program('/usr/bin/terminal', 20)],
  key: `${path} under bash under terminal`,
});

const work = { id: 'work', name: 'Work' };
const runs = (...purpose: string[]): Asked => ({ what: 'run', bundle: work, purpose });

function scene(mode: ApprovalMode = 'first', changes: Partial<ApprovalsParts> = {}) {
  const clock = new ManualClock();
  const noted: AuditEvent[] = [];
  const modes: Record<string, ApprovalMode> = { work: mode };
  let brought = 0;
  let ids = 0;
  const askers = new Map<number, Asker>([
    [1, askerNamed('/usr/bin/deploy')],
    [2, askerNamed('/usr/bin/other')],
    [3, { program: null, parents: [], key: null }],
  ]);
  const approvals = new Approvals({
    settings: new ApprovalSettings({
      read: () => JSON.stringify(modes),
      write: () => {},
      bundleIds: () => ['work', 'client'],
    }),
    asker: async (pid) => askers.get(pid) ?? { program: null, parents: [], key: null },
    fromKernel: true,
    bringUp: () => {
      brought += 1;
    },
    redact: (text) => text.replaceAll('sk-canary', '[key]'),
    clock,
    newId: () => `request-${++ids}`,
    audit: { record: (event) => void noted.push(event) },
    onChanged: () => {},
    ...changes,
  });
  /** A program asks; `state` tells how far it came. */
  const ask = (pid = 1, asked = runs('make', 'release')) => {
    const gone = new AbortController();
    const said: string[] = [];
    const state = { outcome: 'waits' };
    const done = approvals
      .require({ pid, gone: gone.signal, say: (line) => void said.push(line) }, asked)
      .then(
        () => 'allowed',
        (error: { failure?: { code: string } }) => error.failure?.code ?? String(error),
      )
      .then((outcome) => {
        state.outcome = outcome;
        return outcome;
      });
    return { done, state, said, leave: () => gone.abort() };
  };
  const answer = (said: 'once' | 'session' | 'deny') =>
    approvals.answer(approvals.waiting().request?.requestId ?? '', said);
  const kinds = () => noted.map(({ kind, detail }) => `${kind} ${detail?.answer ?? detail?.reason}`);
  return { approvals, clock, noted, kinds, ask, answer, askers, brought: () => brought, settle };
}

/** Lets everything go on that can. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

const code = (act: () => void) => {
  try {
    act();
    return 'taken';
  } catch (error) {
    return (error as { failure: { code: string } }).failure.code;
  }
};

describe('what programs outside of the app ask for', () => {
  it('C-22: off by default: nothing is asked, and nothing is looked up', async () => {
    const { approvals, ask, noted } = scene('off', {
      asker: () => Promise.reject(new Error('looked up')),
    });
    expect(await ask().done).toBe('allowed');
    expect([approvals.waiting().request, noted]).toEqual([null, []]);
  });

  it('C-22: the question names program, parents, identity, purpose, actions and time; nothing goes on before the answer', async () => {
    const { approvals, ask, clock, answer, brought, kinds, noted } = scene();
    const session = {
      principal: 'arn:aws:iam::1:role/deploy',
      actions: ['s3:GetObject'],
      deny: [],
      resources: [],
      seconds: 2700,
    };
    const asking = ask(1, { ...runs('aws', 's3', 'ls'), what: 'session', session });
    await settle();
    expect(approvals.waiting()).toEqual({
      behind: 0,
      request: {
        requestId: 'request-1',
        what: 'session',
        bundleId: 'work',
        bundleName: 'Work',
        program: { name: 'deploy', path: '/usr/bin/deploy', pid: 40 },
        parents: [
          { name: 'bash', path: '/usr/bin/bash', pid: 30 },
          { name: 'terminal', path: '/usr/bin/terminal', pid: 20 },
        ],
        fromKernel: true,
        purpose: ['aws', 's3', 'ls'],
        session,
        times: 1,
        mayRemember: true,
        endsAt: clock.now() + answerLimitMs,
      },
    });
    expect([asking.state.outcome, brought(), asking.said]).toEqual([
      'waits',
      1,
      [expect.stringContaining('Work asks before')],
    ]);
    clock.advance(readingMs);
    answer('once');
    expect(await asking.done).toBe('allowed');
    expect(kinds()).toEqual(['request.allowed once']);
    expect(noted[0]).toMatchObject({ bundleId: 'work', detail: { program: '/usr/bin/deploy' } });
    expect(JSON.stringify(noted)).not.toContain('s3');
  });

  it('R-8: allow once holds for one request', async () => {
    const { ask, clock, answer } = scene();
    const first = ask();
    await settle();
    clock.advance(readingMs);
    answer('once');
    expect(await first.done).toBe('allowed');
    const second = ask();
    await settle();
    expect(second.state.outcome).toBe('waits');
    answer('deny');
    expect(await second.done).toBe('request_denied');
  });

  it('R-8: allowed for this session: the same program, under the same ones, for the same, until Lanyard quits', async () => {
    const { approvals, ask, clock, answer, askers, kinds } = scene();
    const first = ask();
    await settle();
    clock.advance(readingMs);
    answer('session');
    expect(await first.done).toBe('allowed');
    expect(await ask(1, runs('something', 'else')).done).toBe('allowed');
    expect(kinds()).toEqual(['request.allowed session', 'request.allowed earlier']);

    const others = [
      ask(2),
      ask(1, { ...runs(), what: 'env' }),
      ask(1, { ...runs(), about: 'another session' }),
    ];
    await settle();
    expect(others.map(({ state }) => state.outcome)).toEqual(['waits', 'waits', 'waits']);
    for (const { leave } of others) leave();

    // Its file is another one now.
    askers.set(1, { ...askerNamed('/usr/bin/deploy'), key: 'changed' });
    const changed = ask();
    await settle();
    expect(changed.state.outcome).toBe('waits');
    changed.leave();

    askers.set(1, askerNamed('/usr/bin/deploy'));
    approvals.forget('work');
    const forgotten = ask();
    await settle();
    expect(forgotten.state.outcome).toBe('waits');
  });

  it('C-22: asked every time: an answer cannot be kept', async () => {
    const { approvals, ask, clock, answer } = scene('always');
    const asking = ask();
    await settle();
    clock.advance(readingMs);
    expect(approvals.waiting().request?.mayRemember).toBe(false);
    expect(code(() => answer('session'))).toBe('not_rememberable');
    answer('once');
    expect(await asking.done).toBe('allowed');
  });

  it('R-8: a program that cannot be told from another one is never remembered, nor put together with another', async () => {
    const { approvals, ask, clock, answer } = scene();
    const [first, second] = [ask(3), ask(3)];
    await settle();
    clock.advance(readingMs);
    expect(approvals.waiting()).toMatchObject({ behind: 1, request: { program: null, mayRemember: false } });
    expect(code(() => answer('session'))).toBe('not_rememberable');
    answer('once');
    expect([await first?.done, second?.state.outcome]).toEqual(['allowed', 'waits']);
  });

  it('R-8: nothing is allowed before somebody can have read it, also when it came up behind another', async () => {
    const { ask, clock, answer } = scene();
    const [first, second] = [ask(1), ask(2)];
    await settle();
    clock.advance(readingMs - 1);
    expect(code(() => answer('once'))).toBe('request_too_new');
    clock.advance(1);
    answer('once');
    expect(await first?.done).toBe('allowed');
    expect(code(() => answer('once'))).toBe('request_too_new');
    answer('deny');
    expect(await second?.done).toBe('request_denied');
  });
});

describe('a no', () => {
  it('R-8: time-out, and an answer that comes after it changes nothing', async () => {
    const { approvals, ask, clock, kinds } = scene();
    const asking = ask();
    await settle();
    const { requestId = '' } = approvals.waiting().request ?? {};
    clock.advance(answerLimitMs - 1);
    await settle();
    expect(asking.state.outcome).toBe('waits');
    clock.advance(1);
    expect(await asking.done).toBe('request_timed_out');
    expect(code(() => approvals.answer(requestId, 'session'))).toBe('request_gone');
    expect(kinds()).toEqual(['request.denied time-out']);
    const again = ask();
    await settle();
    expect(again.state.outcome).toBe('waits');
  });

  it('R-8: each of a queue has its own time before the person', async () => {
    const { ask, clock } = scene();
    const [first, second] = [ask(1), ask(2)];
    await settle();
    clock.advance(answerLimitMs);
    expect(await first?.done).toBe('request_timed_out');
    await settle();
    expect(second?.state.outcome).toBe('waits');
    clock.advance(answerLimitMs);
    expect(await second?.done).toBe('request_timed_out');
  });

  it('R-8: a caller that goes away takes its question along; the next one comes up', async () => {
    const { approvals, ask, kinds } = scene();
    const [first, second] = [ask(1), ask(2)];
    await settle();
    const { requestId = '' } = approvals.waiting().request ?? {};
    first?.leave();
    expect(await first?.done).toBe('request_withdrawn');
    expect(code(() => approvals.answer(requestId, 'once'))).toBe('request_gone');
    expect(approvals.waiting().request?.program?.name).toBe('other');
    expect(second?.state.outcome).toBe('waits');
    expect(kinds()).toEqual(['request.denied withdrawn']);
  });

  it('R-8: a caller that goes while it is looked at is not asked about', async () => {
    let found: (asker: Asker) => void = () => {};
    const { approvals, ask } = scene('first', { asker: () => new Promise((resolve) => (found = resolve)) });
    const asking = ask();
    asking.leave();
    found(askerNamed('/usr/bin/deploy'));
    expect([await asking.done, approvals.waiting().request]).toEqual(['request_withdrawn', null]);
  });

  it('R-8: one that goes in the moment of a yes gets nothing', async () => {
    const { ask, clock, answer } = scene();
    const asking = ask();
    await settle();
    clock.advance(readingMs);
    answer('once');
    asking.leave();
    expect(await asking.done).toBe('request_withdrawn');
  });

  it('R-8: closing the window and quitting deny all; after quitting nobody is asked', async () => {
    const { approvals, ask, kinds } = scene();
    const closed = [ask(1), ask(2)];
    await settle();
    approvals.windowClosed();
    expect(await Promise.all(closed.map(({ done }) => done))).toEqual(['request_denied', 'request_denied']);
    const quitting = ask();
    await settle();
    approvals.stop();
    expect([await quitting.done, await ask().done]).toEqual(['request_denied', 'request_denied']);
    expect(kinds()).toEqual([
      'request.denied window-closed',
      'request.denied window-closed',
      'request.denied quit',
      'request.denied quit',
    ]);
  });

  it('R-8: of two windows the first answer counts', async () => {
    const { approvals, ask, clock } = scene();
    const asking = ask();
    await settle();
    const { requestId = '' } = approvals.waiting().request ?? {};
    clock.advance(readingMs);
    approvals.answer(requestId, 'deny');
    expect(code(() => approvals.answer(requestId, 'session'))).toBe('request_gone');
    expect(await asking.done).toBe('request_denied');
    const again = ask();
    await settle();
    expect(again.state.outcome).toBe('waits');
  });

  it('R-8: without a window nobody is asked, least of all on the terminal of who asks', async () => {
    const { ask, kinds } = scene('first', { bringUp: null });
    const asking = ask();
    expect([await asking.done, asking.said]).toEqual(['no_one_to_ask', []]);
    expect(kinds()).toEqual(['request.denied no-window']);
  });
});

describe('many requests', () => {
  it('R-8: the same program asking 50 times is one question', async () => {
    const { approvals, ask, clock, answer, kinds, brought } = scene();
    const all = Array.from({ length: 50 }, () => ask());
    await settle();
    expect(approvals.waiting()).toMatchObject({ behind: 0, request: { times: 50 } });
    all[0]?.leave();
    await settle();
    clock.advance(readingMs);
    answer('once');
    const outcomes = await Promise.all(all.map(({ done }) => done));
    expect(outcomes.slice(0, 2)).toEqual(['request_withdrawn', 'allowed']);
    expect(new Set(outcomes.slice(1))).toEqual(new Set(['allowed']));
    expect([kinds(), brought()]).toEqual([['request.allowed once'], 1]);
  });

  it('R-8: a no is for everything that the program asks for meanwhile; what is more than a few is refused at once', async () => {
    const { approvals, ask, answer } = scene();
    const all = Array.from({ length: 7 }, (_, index) => ask(1, runs('make', String(index))));
    const other = ask(2);
    await settle();
    expect(all.map(({ state }) => state.outcome)).toEqual([
      ...Array(5).fill('waits'),
      'too_many_requests',
      'too_many_requests',
    ]);
    answer('deny');
    expect(await Promise.all(all.slice(0, 5).map(({ done }) => done))).toEqual(
      Array(5).fill('request_denied'),
    );
    expect(approvals.waiting()).toMatchObject({ behind: 0, request: { program: { name: 'other' } } });
    expect(other.state.outcome).toBe('waits');
  });

  it('R-8: once does not cover another command of the same program', async () => {
    const { ask, clock, answer } = scene();
    const [first, second] = [ask(1, runs('ls')), ask(1, runs('send-it-away'))];
    await settle();
    clock.advance(readingMs);
    answer('once');
    await settle();
    expect([first?.state.outcome, second?.state.outcome]).toEqual(['allowed', 'waits']);
  });
});

describe('what is shown', () => {
  it('R-8: names cannot hide or turn anything around, nor push it out of sight; secrets are taken out', async () => {
    const { approvals, ask, askers } = scene();
    const path = `/tmp/\u202egpj.exe\n\nAllowed\u200b by Lanyard/${'x'.repeat(5000)}/evil`;
    askers.set(1, { ...askerNamed(path), program: { ...program(path, 40), name: '\u2066bash\u2069' } });
    ask(1, runs('tool\u00a0\u3000x', '--key=sk-canary', ...Array(500).fill('a'), ''));
    await settle();
    const { request } = approvals.waiting();
    expect(request?.program?.name).toBe('\ufffdbash\ufffd');
    expect(request?.program?.path).toMatch(
      /^\/tmp\/\ufffdgpj\.exe\ufffd\ufffdAllowed\ufffd by Lanyard\/x+…x+\/evil$/,
    );
    expect([...(request?.program?.path ?? '')].length).toBeLessThanOrEqual(200);
    expect(request?.purpose.slice(0, 2)).toEqual(['tool\ufffd\ufffdx', '--key=[key]']);
    expect([request?.purpose.length, request?.purpose.at(-1)]).toEqual([41, '… and 463 more']);
  });
});

describe('for which identities', () => {
  const settings = (text: string | null, write: (modes: unknown) => void = () => {}) =>
    new ApprovalSettings({ read: () => text, write, bundleIds: () => ['blank', 'work', 'client'] });

  it('C-22: none, until the person chooses; the identity without accounts never', () => {
    const written: unknown[] = [];
    const chosen = settings(null, (modes) => void written.push(modes));
    expect(chosen.modeOf('work')).toBe('off');
    chosen.set('work', 'always');
    chosen.set('client', 'first');
    chosen.copy('work', 'client');
    expect(chosen.modeOf('client')).toBe('always');
    chosen.set('client', 'first');
    chosen.set('work', 'off');
    expect(written.at(-1)).toEqual({ client: 'first' });
    expect(chosen.all()).toContainEqual({ bundleId: 'client', mode: 'first' });
    expect(code(() => chosen.set('blank', 'first'))).toBe('unknown_bundle');
    expect(code(() => chosen.set('__proto__', 'first'))).toBe('unknown_bundle');
  });

  it('C-22: a file that was damaged opens nothing', () => {
    for (const text of ['', '{', '[]x', '{"work":"of"}', 'null']) {
      const chosen = settings(text);
      expect([text, chosen.modeOf('work'), chosen.modeOf('blank')]).toEqual([text, 'always', 'off']);
      chosen.set('client', 'off');
      expect([chosen.modeOf('client'), chosen.modeOf('work')]).toEqual(['off', 'always']);
    }
  });

  it('C-22: what could not be saved does not hold', () => {
    const chosen = settings(null, () => {
      throw new Error('full');
    });
    expect(code(() => chosen.set('work', 'first'))).toBe('could_not_save');
    expect(chosen.modeOf('work')).toBe('off');
  });
});
