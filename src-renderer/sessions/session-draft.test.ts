import { describe, expect, it } from 'vitest';
import type { PolicyAnswer } from '../../src-preload/contract/sessions.ts';
import {
  emptyDraft,
  entriesOf,
  notesOf,
  requestOf,
  type SessionDraft,
  splitPasted,
} from './session-draft.ts';

const aws = { cloud: 'aws', picksRole: false } as const;
const filled = (more: Partial<SessionDraft> = {}): SessionDraft => ({
  ...emptyDraft('work'),
  sourceId: 'key',
  principal: 'role',
  roleArn: ' arn:aws:iam::123456789012:role/deploy ',
  actions: ['', ' s3:* ', '', 'logs:GetLogEvents'],
  ...more,
});
const problemsOf = (draft: SessionDraft, target: Parameters<typeof requestOf>[1] = aws) => {
  const made = requestOf(draft, target);
  return 'problems' in made ? made.problems : null;
};
const request = (draft: SessionDraft, target: Parameters<typeof requestOf>[1] = aws) => {
  const made = requestOf(draft, target);
  if ('problems' in made) throw new Error(JSON.stringify(made.problems));
  return made.request;
};

it('empty rows are left out, and an entry knows its row', () => {
  expect(entriesOf(['', ' a ', '', 'b'])).toEqual({ entries: ['a', 'b'], rowOf: [1, 3] });
});

it('what is pasted becomes rows', () => {
  expect(splitPasted('s3:GetObject, s3:PutObject\n"logs:*";')).toEqual([
    's3:GetObject',
    's3:PutObject',
    'logs:*',
  ]);
  expect(splitPasted(' ')).toEqual(['']);
});

describe('C-7: what main says stands at the row it is about', () => {
  const failure = { code: 'invalid_action', title: '"x" is not an action.', hint: 'Write it otherwise.' };
  const answer: PolicyAnswer = {
    problems: [
      { field: 'actions', index: 1, failure },
      { field: 'actions', index: null, failure: { ...failure, title: 'Too long.' } },
      { field: 'deny', index: 0, failure },
    ],
    coverage: [
      { field: 'actions', action: 's3:*', kind: 'known', count: 163, examples: ['s3:A'] },
      { field: 'deny', action: 'x', kind: 'unknown-action', count: 0, examples: [] },
    ],
  };
  it('also behind empty rows', () => {
    const notes = notesOf(answer, 'actions', ['', 's3:*', '', 'x']);
    expect(notes.rows.get(1)?.text).toContain('Covers 163 actions');
    expect(notes.rows.get(3)).toEqual({ text: '"x" is not an action. Write it otherwise.', tone: 'bad' });
    expect(notes.whole).toEqual(['Too long. Write it otherwise.']);
  });
  it('a problem comes before what is known of it', () => {
    expect(notesOf(answer, 'deny', ['x']).rows.get(0)?.tone).toBe('bad');
  });
});

describe('a draft as a request', () => {
  it('has what was typed, trimmed, and leaves out what was left out', () => {
    expect(request(filled())).toEqual({
      cloud: 'aws',
      bundleId: 'work',
      sourceId: 'key',
      principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/deploy' },
      actions: ['s3:*', 'logs:GetLogEvents'],
      deny: [],
      resources: [],
      sourceIps: [],
      tags: {},
      ttl: '3600',
      limits: {},
      mayReuse: true,
      acceptNotNarrowed: false,
    });
  });
  it('has limits, tags, an own time and an account of IAM Identity Center', () => {
    const draft = filled({
      tags: ['ticket = OPS-7', 'a=b=c'],
      ttl: 'own',
      ownTtl: ' 45m ',
      limits: { minutes: '30', credentialRequests: '', renewals: '', commands: '10' },
      estimate: '2.50',
      profileId: 'aws-logs-read',
      awsAccountId: '123456789012',
      roleName: 'Admin',
      credentialSeconds: '900',
    });
    expect(request(draft, { cloud: 'aws', picksRole: true })).toMatchObject({
      tags: { ticket: 'OPS-7', a: 'b=c' },
      ttl: '45m',
      limits: { minutes: 30, commands: 10 },
      estimate: 2.5,
      profileId: 'aws-logs-read',
      baseRole: { awsAccountId: '123456789012', roleName: 'Admin' },
      credentialSeconds: 900,
    });
  });
  it.each([
    ['no source', filled(), null, ['sourceId']],
    ['no role', filled({ roleArn: ' ' }), aws, ['roleArn']],
    ['no account', filled(), { cloud: 'aws', picksRole: true }, ['awsAccountId', 'roleName']],
    ['a limit in words', filled({ limits: { ...filled().limits, commands: 'ten' } }), aws, ['commands']],
    ['a limit of none', filled({ limits: { ...filled().limits, minutes: '0' } }), aws, ['minutes']],
    ['an estimate in words', filled({ estimate: 'much' }), aws, ['estimate']],
    ['a tag without a value', filled({ tags: ['ticket'] }), aws, ['tags']],
    ['an own time that is not there', filled({ ttl: 'own' }), aws, ['ownTtl']],
    ['no email', filled({ principal: 'service-account' }), { cloud: 'gcp', picksRole: false }, ['email']],
    [
      'no subscription',
      filled({ principal: 'azure-token' }),
      { cloud: 'azure', picksRole: false },
      ['subscription'],
    ],
  ] as const)('with %s says so at the field', (_, draft, target, fields) => {
    expect(Object.keys(problemsOf(draft, target) ?? {})).toEqual(fields);
  });
});
