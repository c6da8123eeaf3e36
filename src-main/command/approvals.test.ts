import { describe, expect, it } from 'vitest';
import { RecordedEvents } from '../journal/recorded-events.fixture.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { lineage, type NamedProcess } from '../process/lineage.ts';
import { approvalBox } from './approval-box.ts';
import { type ApprovalAnswer, type ApprovalQuestion, Approvals, type RunRequest } from './approvals.ts';

const agent = (pid: number): NamedProcess[] => [
  { pid, startTime: `${pid}`, name: 'lanyard' },
  { pid: pid + 1, startTime: `${pid + 1}`, name: 'claude' },
  { pid: 2, startTime: '2', name: 'bash' },
];
const session = { id: 's-1', principal: 'arn:aws:iam::1:role/agent', actions: ['s3:GetObject'], endsAt: 1 };

function scene(answers: ApprovalAnswer[] | null = [], asked = true) {
  const clock = new ManualClock();
  const audit = new RecordedEvents();
  const questions: ApprovalQuestion[] = [];
  let open = 0;
  let most = 0;
  const approvals = new Approvals({
    isAsked: () => asked,
    ask:
      answers === null
        ? null
        : async (question, until) => {
            questions.push(question);
            most = Math.max(most, ++open);
            const answer = answers.shift();
            if (answer === undefined) {
              // Nobody is there.
              await new Promise<void>((resolve) => until.addEventListener('abort', () => resolve()));
            }
            open -= 1;
            return answer ?? 'session';
          },
    lineage: async (pid) => agent(pid),
    audit,
    clock,
  });
  const request = (changes: Partial<RunRequest> = {}): RunRequest => ({
    bundle: { id: 'work', name: 'Work' },
    argv: ['aws', 's3', 'ls'],
    pid: 100,
    session: null,
    gone: new AbortController().signal,
    ...changes,
  });
  return { approvals, audit, clock, questions, request, mostAtOnce: () => most };
}

describe('C-22: a run that another program asks for', () => {
  it('C-22: is off by default: nothing is asked', async () => {
    const { approvals, request, questions, audit } = scene([], false);
    await approvals.check(request());
    expect([questions, audit.events]).toEqual([[], []]);
  });

  it('C-22: names the program, its parents, the identity, the actions and the end', async () => {
    const { approvals, request, questions, audit } = scene(['once']);
    await approvals.check(request({ session }));
    expect(questions).toEqual([
      {
        command: 'aws s3 ls',
        askers: ['claude', 'bash'],
        identity: 'Work',
        session: { principal: session.principal, actions: ['s3:GetObject'], endsAt: 1 },
      },
    ]);
    expect(audit.events).toEqual([
      {
        kind: 'request.allowed',
        bundleId: 'work',
        sessionId: 's-1',
        detail: { program: 'aws', asker: 'claude', answer: 'once' },
      },
    ]);
  });

  it('C-22: once is once; for the session is for that session; without one for the program that asked', async () => {
    const { approvals, request, questions } = scene(['once', 'session', 'session', 'deny']);
    await approvals.check(request({ session }));
    await approvals.check(request({ session }));
    await approvals.check(request({ session, pid: 300 }));
    expect(questions).toHaveLength(2);
    // Without the session it is another matter.
    await approvals.check(request());
    await approvals.check(request({ argv: ['other'] }));
    expect(questions).toHaveLength(3);
    await expect(approvals.check(request({ pid: 500 }))).rejects.toThrow('not_allowed');
    expect(questions).toHaveLength(4);
  });

  it('C-22: an answer for one identity is none for another', async () => {
    const { approvals, request, questions } = scene(['session', 'deny']);
    await approvals.check(request());
    await expect(approvals.check(request({ bundle: { id: 'home', name: 'Home' } }))).rejects.toThrow(
      'not_allowed',
    );
    expect(questions.map(({ identity }) => identity)).toEqual(['Work', 'Home']);
  });

  it('C-22: no answer in a minute, an asker that goes, and nobody to ask deny', async () => {
    const late = scene([]);
    const waiting = expect(late.approvals.check(late.request())).rejects.toThrow('not_allowed');
    await new Promise((resolve) => setImmediate(resolve));
    late.clock.advance(60_000);
    await waiting;
    expect(late.audit.events).toMatchObject([{ kind: 'request.denied', detail: { answer: 'deny' } }]);

    const gone = scene([]);
    const leaving = new AbortController();
    const left = expect(gone.approvals.check(gone.request({ gone: leaving.signal }))).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    await left;

    const nobody = scene(null);
    await expect(nobody.approvals.check(nobody.request())).rejects.toThrow('not_allowed');
  });

  it('C-22: one question at a time, and one answer for a session answers what waits', async () => {
    const { approvals, request, questions, mostAtOnce } = scene(['session']);
    await Promise.all([1, 2, 3].map(() => approvals.check(request({ session }))));
    expect(questions).toHaveLength(1);
    expect(mostAtOnce()).toBe(1);
  });

  it('C-22: Enter and Esc deny; somebody else’s text stays on its line', async () => {
    const { approvals, request, questions } = scene(['once']);
    await approvals.check(request({ argv: ['x\nAllow this \u202e', 'y'.repeat(2000)] }));
    const [question] = questions;
    if (!question) throw new Error('nothing was asked');
    expect(question.command).toMatch(/^x Allow this {3}y+…$/);
    expect(question.command.length).toBe(500);
    const box = approvalBox({ ...question, session });
    expect([box.buttons[box.defaultId], box.buttons[box.cancelId]]).toEqual(['Deny', 'Deny']);
    expect(box.message).toBe('Allow claude to run this as Work?');
    expect(box.detail).toContain('Started by bash');
    expect(box.detail).toContain('s3:GetObject');
    expect(approvalBox({ ...question, session: { ...session, actions: [] } }).detail).toContain(
      'all of the account',
    );
    expect(approvalBox({ command: '', askers: [], identity: 'Work', session: null })).toMatchObject({
      message: 'Allow A program that cannot be seen to run this as Work?',
      detail: 'It asks for the environment, with its keys.',
    });
  });

  it.skipIf(process.platform === 'win32')(
    'C-22: the system says who asks: a process and its parents',
    async () => {
      const [self, parent] = await lineage(process.pid);
      expect(self).toMatchObject({ pid: process.pid, startTime: expect.any(String) });
      expect(parent?.pid).toBe(process.ppid);
      expect(self?.name).not.toBe('');
      expect(await lineage(2 ** 22 + 7)).toEqual([]);
    },
  );
});
