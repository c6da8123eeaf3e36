import { describe, expect, it } from 'vitest';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import { type IssueInputs, reusableSession } from './reuse.ts';
import { endRun, startRun } from './runs.ts';
import type { CloudSession } from './session-record.ts';

const inputs = {
  provider: 'azure',
  roleArn: 'principal',
  principalId: 'person',
  bundleId: 'bundle',
  accountId: 'account',
  policy: {
    actions: ['Microsoft.Storage/*', 'Microsoft.Compute/virtualMachines/read'],
    deny: ['Microsoft.Storage/storageAccounts/delete'],
    resources: ['/subscriptions/1', '/subscriptions/2'],
    sourceIps: ['10.0.0.0/8', '192.0.2.1'],
  },
  tags: { team: 'a', cost: 'b' },
  agentId: 'agent',
  region: 'westeurope',
  clientId: 'client',
  tenantId: 'tenant',
  externalId: 'external',
  sourceIdentity: 'ada',
  baseRole: '123456789012/Power',
  audience: 'https://management.azure.com',
  credentialSeconds: 900,
  limits: { commands: 5 },
} as const satisfies IssueInputs;

const session = cloudSession(inputs);
const wish = { now: sessionStart, atLeastSeconds: 600, isHeld: () => true };
const reused = (changes: Partial<IssueInputs>, stored: CloudSession = session) =>
  reusableSession([stored], { ...inputs, ...changes }, wish)?.id === stored.id;

/** Each changes one input; a type error here means that an input is missing. */
const changed: Record<keyof IssueInputs, Partial<IssueInputs>[]> = {
  provider: [{ provider: 'aws' }],
  roleArn: [{ roleArn: 'other' }],
  principalId: [{ principalId: 'other' }],
  bundleId: [{ bundleId: 'other' }],
  accountId: [{ accountId: 'other' }],
  policy: [
    { policy: { ...inputs.policy, actions: ['Microsoft.Storage/*'] } },
    { policy: { ...inputs.policy, actions: [...inputs.policy.actions, 'Microsoft.Web/sites/read'] } },
    { policy: { ...inputs.policy, deny: [] } },
    { policy: { ...inputs.policy, deny: ['Microsoft.Storage/storageAccounts/write'] } },
    { policy: { ...inputs.policy, resources: [] } },
    { policy: { ...inputs.policy, resources: ['/subscriptions/1'] } },
    { policy: { ...inputs.policy, sourceIps: [] } },
    { policy: { ...inputs.policy, sourceIps: ['10.0.0.0/9', '192.0.2.1'] } },
  ],
  tags: [{ tags: {} }, { tags: { team: 'a' } }, { tags: { team: 'b', cost: 'a' } }],
  agentId: [{ agentId: 'other' }],
  region: [{ region: 'northeurope' }],
  clientId: [{ clientId: 'other' }],
  tenantId: [{ tenantId: 'other' }],
  externalId: [{ externalId: 'other' }],
  sourceIdentity: [{ sourceIdentity: 'grace' }],
  baseRole: [{ baseRole: '123456789012/Other' }],
  audience: [{ audience: 'https://vault.azure.net' }],
  credentialSeconds: [{ credentialSeconds: 3600 }],
  limits: [{ limits: {} }, { limits: { commands: 6 } }, { limits: { commands: 5, minutes: 5 } }],
};

describe('C-6: reuse', () => {
  it('C-6: the same inputs reuse the session', () => {
    expect(reused({})).toBe(true);
  });

  for (const [name, changes] of Object.entries(changed)) {
    it.each(changes.map((change) => [change]))(`C-6: another ${name} refuses: %j`, (change) => {
      expect(reused(change)).toBe(false);
    });
  }

  it.each([
    'principalId',
    'bundleId',
    'accountId',
    'tags',
    'agentId',
    'region',
    'clientId',
    'tenantId',
    'limits',
  ] as const)('C-6: a session without %s is not one with it', (name) => {
    const { [name]: _, ...without } = session;
    expect(reused({}, without)).toBe(false);
  });

  it('C-6: order and repeats do not matter', () => {
    const { actions, deny, resources, sourceIps } = inputs.policy;
    const policy = {
      actions: [...actions, ...actions].reverse(),
      deny: [...deny, ...deny],
      resources: [...resources].reverse(),
      sourceIps: [...sourceIps].reverse(),
    };
    expect(reused({ policy, tags: { cost: 'b', team: 'a' } })).toBe(true);
  });

  it('C-6: two entries are not one that has their separator in it', () => {
    const joined = { ...inputs.policy, resources: ['/subscriptions/1","/subscriptions/2'] };
    expect(reused({ policy: joined })).toBe(false);
  });

  it('C-6: enough time must be left, of the lease and of the minutes', () => {
    const at = (stored: Partial<CloudSession>, atLeastSeconds: number) =>
      reusableSession([{ ...session, ...stored }], inputs, { ...wish, atLeastSeconds }) !== null;
    expect(at({}, 3600)).toBe(true);
    expect(at({}, 3601)).toBe(false);
    expect(at({ leaseEndsAt: sessionStart + 7_200_000 }, 7200)).toBe(true);
    expect(at({ expiresAt: sessionStart }, 0)).toBe(false);
    const limits = { minutes: 5 };
    const stored = { ...session, limits };
    const ask = (atLeastSeconds: number) =>
      reusableSession([stored], { ...inputs, limits }, { ...wish, atLeastSeconds });
    expect(ask(300)).toBe(stored);
    expect(ask(301)).toBeNull();
  });

  it.each(['completed', 'expired', 'revoked', 'budget_exceeded', 'failed'] as const)(
    'C-6: a session that is %s is not reused',
    (status) => {
      expect(reused({}, { ...session, status })).toBe(false);
    },
  );

  it('C-6: only a session whose credentials we hold is reused, and the longest of them', () => {
    const longer = cloudSession({ ...inputs, expiresAt: sessionStart + 7_200_000 });
    const longest = cloudSession({ ...inputs, expiresAt: sessionStart + 9_000_000 });
    const isHeld = (id: string) => id !== longest.id;
    expect(reusableSession([session, longest, longer], inputs, { ...wish, isHeld })).toBe(longer);
  });
});

describe('C-6: two runs on one session', () => {
  const [first, second] = [
    { pid: 11, startTime: 'a' },
    { pid: 12, startTime: 'b' },
  ];

  it('C-6: the first to end does not end the other, the last one ends the session', () => {
    const both = startRun(startRun(session, first, sessionStart).session, second, sessionStart).session;
    expect(both.runs).toEqual([first, second]);
    const one = endRun(both, first, { keep: false });
    expect(one).toMatchObject({ status: 'active', runs: [second] });
    // Told twice, and of a later process with the same pid.
    expect(endRun(endRun(one, first, { keep: false }), { pid: 12, startTime: 'c' }, { keep: false })).toEqual(
      one,
    );
    const none = endRun(one, second, { keep: false });
    expect(none.status).toBe('completed');
    expect(none).not.toHaveProperty('runs');
  });

  it('C-6: a session that is kept stays active for the next run', () => {
    const one = startRun(session, first, sessionStart).session;
    expect(endRun(one, first, { keep: true }).status).toBe('active');
  });

  it('C-2: a run that ends later does not change how its session ended', () => {
    const one = { ...startRun(session, first, sessionStart).session, status: 'revoked' } as const;
    expect(endRun(one, first, { keep: false }).status).toBe('revoked');
  });

  it('C-19: one command more than allowed does not start', () => {
    let current: CloudSession = { ...session, limits: { commands: 1 } };
    current = startRun(current, first, sessionStart).session;
    const refused = startRun(current, second, sessionStart);
    expect(refused.exceeded).toBe('commands');
    expect(refused.session).toMatchObject({ status: 'budget_exceeded', runs: [first] });
  });
});
