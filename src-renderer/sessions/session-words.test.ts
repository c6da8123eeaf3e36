import { describe, expect, it } from 'vitest';
import { SessionStatusSchema } from '../../src-preload/contract/sessions.ts';
import {
  actionsSummary,
  awsAccountOf,
  coverageWords,
  enforcementWords,
  filterSessions,
  principalName,
  statusWords,
} from './session-words.ts';
import { sessionView } from './test-data.ts';

describe('C-2: each status has its words', () => {
  it.each([
    ['active', 'Active'],
    ['completed', 'Completed'],
    ['expired', 'Expired'],
    ['revoked', 'Revoked'],
    ['budget_exceeded', 'Limit reached'],
    ['failed', 'Failed'],
  ] as const)('%s', (status, text) => {
    expect(SessionStatusSchema.options).toContain(status);
    expect(statusWords(sessionView({ status }), 0).text).toBe(text);
  });
  it('there are no others', () => expect(SessionStatusSchema.options).toHaveLength(6));
  it("an active one of another program's is not ours, and one in its last minute says so", () => {
    expect(statusWords(sessionView({ held: false }), 0).text).toBe("Active, another program's");
    expect(statusWords(sessionView(), 3_550_000)).toEqual({ text: 'Ends soon', tone: 'warn' });
  });
});

describe('C-11: enforcement in plain words', () => {
  it.each(['aws', 'gcp', 'azure'] as const)('of %s says what is, and nothing is called scoped', (cloud) => {
    const states = [
      undefined,
      ...(['enforced', 'partly', 'not_enforced'] as const).map((state) => ({ state, gaps: [] })),
    ];
    const words = states.map((state) => enforcementWords(cloud, state));
    expect(words.map(({ text }) => text)).toEqual([
      'Enforcement not known',
      'Enforced',
      'Partly enforced',
      'Not enforced by the cloud',
    ]);
    expect(JSON.stringify(words)).not.toMatch(/scoped/i);
    expect(words[3]?.sentence).toContain('does not hold');
  });
});

it('allowed actions at a glance', () => {
  expect(actionsSummary([])).toBe('No actions named');
  expect(actionsSummary(['s3:*'])).toBe('s3:*');
  expect(actionsSummary(['s3:*', 'logs:*', 'ec2:*'])).toBe('s3:* and 2 more');
});

it.each([
  ['arn:aws:iam::123456789012:role/team/deploy', 'team/deploy', '123456789012'],
  ['arn:aws-us-gov:sts::123456789012:assumed-role/x/y', 'x/y', '123456789012'],
  ['robot@project.iam.gserviceaccount.com', 'robot@project.iam.gserviceaccount.com', null],
  ["The key's own user", "The key's own user", null],
])('C-3: %s is shown as %s', (principal, name, account) => {
  expect(principalName(principal)).toBe(name);
  expect(awsAccountOf(principal)).toBe(account);
});

describe('C-7: what an action stands for', () => {
  const coverage = {
    field: 'actions',
    action: 's3:*',
    kind: 'known',
    count: 163,
    examples: ['a', 'b', 'c', 'd'],
  };
  it('a wildcard is counted', () => {
    expect(coverageWords({ ...coverage } as never)?.text).toBe('Covers 163 actions: a, b, c, …');
  });
  it('a plain action needs no word, an unknown one is named', () => {
    expect(coverageWords({ ...coverage, action: 's3:GetObject', count: 1 } as never)).toBeNull();
    expect(coverageWords({ ...coverage, action: 'nope:X', kind: 'unknown-service' } as never)).toMatchObject({
      text: 'Lanyard knows no service "nope" of AWS. It is sent as it stands.',
      tone: 'warn',
    });
    expect(coverageWords({ ...coverage, kind: 'unknown-action' } as never)?.tone).toBe('warn');
  });
});

describe('the filter', () => {
  const session = sessionView({ bundleName: 'Client A', tags: { ticket: 'OPS-7' } });
  it.each(['', 'deploy', 'client aws', 'GETOBJECT', 'ops-7', '0f5a', 'enforcement'])(
    '%j finds it',
    (typed) => {
      expect(filterSessions([session], typed)).toEqual([session]);
    },
  );
  it('and not what is called otherwise', () => {
    expect(filterSessions([session], 'deploy azure')).toEqual([]);
  });
});
