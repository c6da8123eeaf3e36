import { describe, expect, it } from 'vitest';
import type { Cloud } from './action.ts';
import { awsPolicyLength, awsPolicyLimit, awsPolicyText } from './aws-policy.ts';
import { policyProblems, type SessionPolicy } from './policy.ts';
import { policyProfiles } from './profiles.ts';

const policy: SessionPolicy = { actions: ['s3:GetObject'], deny: [], resources: [], sourceIps: [] };
const problems = (cloud: Cloud, changes: Partial<SessionPolicy>) =>
  policyProblems(cloud, { ...policy, ...changes }).map(({ field, index, failure }) => [
    field,
    index,
    failure.code,
  ]);

describe('policyProblems', () => {
  it('C-7: names each entry that is wrong, and nothing else', () => {
    expect(
      problems('aws', {
        actions: ['s3:GetObject', '*:*', 'nonsense'],
        deny: ['s3:DeleteBucket', 's3'],
        resources: ['arn:aws:s3:::b/*', '*', 'bucket', 'arn:aws:s3:::b\n'],
        sourceIps: [
          '203.0.113.0/24',
          '2001:db8::/32',
          '10.0.0.1',
          '10.0.0.0/33',
          '10.0.0',
          'fe80::1%eth0/64',
          '1.1.1.1/8/8',
        ],
      }),
    ).toEqual([
      ['actions', 1, 'wildcard_service'],
      ['actions', 2, 'invalid_action'],
      ['deny', 1, 'invalid_action'],
      ['resources', 2, 'invalid_resource'],
      ['resources', 3, 'invalid_resource'],
      ['sourceIps', 3, 'invalid_source_ip'],
      ['sourceIps', 4, 'invalid_source_ip'],
      ['sourceIps', 5, 'invalid_source_ip'],
      ['sourceIps', 6, 'invalid_source_ip'],
    ]);
  });

  it('C-7: resources are written as their cloud writes them', () => {
    const gcp = { actions: ['storage.objects.get'] };
    const bucket = '//storage.googleapis.com/projects/_/buckets/b';
    expect(problems('gcp', { ...gcp, resources: [bucket] })).toEqual([]);
    expect(problems('gcp', { ...gcp, resources: ['arn:aws:s3:::b'] })).toHaveLength(1);
    const group = '/subscriptions/0000/resourceGroups/g';
    expect(problems('azure', { actions: [], resources: [group] })).toEqual([]);
    expect(problems('azure', { actions: [], resources: [bucket] })).toHaveLength(1);
  });

  it('C-7: a policy without an action is refused, and so is one that never ends', () => {
    expect(problems('aws', { actions: [] })).toEqual([['actions', null, 'no_actions']]);
    const resources = Array.from({ length: 501 }, () => '*');
    expect(problems('aws', { resources })).toEqual([['resources', null, 'too_many_entries']]);
  });
});

describe('awsPolicyText', () => {
  it('C-9: what is denied is a Deny statement on all resources', () => {
    const text = awsPolicyText({
      actions: ['s3:*', 's3:*'],
      deny: ['s3:DeleteBucket', 's3:PutBucket*'],
      resources: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
      sourceIps: ['203.0.113.0/24'],
    });
    expect(JSON.parse(text)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:*'],
          Resource: ['arn:aws:s3:::b', 'arn:aws:s3:::b/*'],
          Condition: { IpAddress: { 'aws:SourceIp': ['203.0.113.0/24'] } },
        },
        { Effect: 'Deny', Action: ['s3:DeleteBucket', 's3:PutBucket*'], Resource: '*' },
      ],
    });
  });

  it('C-9: without a list of what is denied there is one statement', () => {
    expect(awsPolicyText(policy)).toBe(
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}]}',
    );
  });

  it('C-10: the length is that of the text: 2,048 characters pass, one more is refused', () => {
    const padded = (extra: number): SessionPolicy => ({
      ...policy,
      resources: ['a', 'b']
        .map((name) => `arn:aws:s3:::${name}${'x'.repeat(800)}`)
        .concat(`arn:aws:s3:::${'y'.repeat(extra)}`),
    });
    const exact = padded(awsPolicyLimit - awsPolicyLength(padded(1)) + 1);
    expect(awsPolicyLength(exact)).toBe(awsPolicyLimit);
    expect(awsPolicyText(exact)).toHaveLength(awsPolicyLimit);
    const over = { ...exact, deny: ['s3:DeleteBucket'] };
    expect(awsPolicyLength(over)).toBeGreaterThan(awsPolicyLimit);
    expect(() => awsPolicyText(over)).toThrow('policy_too_long');
  });

  it('C-10: other alphabets are escaped before the text is measured', () => {
    const text = awsPolicyText({ ...policy, resources: ['arn:aws:s3:::b/日'] });
    expect(text).toContain('\\u65e5');
    expect(JSON.parse(text).Statement[0].Resource).toEqual(['arn:aws:s3:::b/日']);
  });
});

describe('policyProfiles', () => {
  it('C-8: every built-in profile can be issued', () => {
    const { profiles, problems } = policyProfiles([]);
    expect(problems).toEqual([]);
    expect(new Set(profiles.map(({ cloud }) => cloud))).toEqual(new Set(['aws', 'gcp', 'azure']));
    for (const profile of profiles) {
      const full = { ...profile, resources: [], sourceIps: [] };
      expect(policyProblems(profile.cloud, full)).toEqual([]);
      if (profile.cloud === 'aws') expect(awsPolicyText(full).length).toBeLessThan(1024);
    }
    expect(new Set(profiles.map(({ id }) => id)).size).toBe(profiles.length);
  });

  it('C-8: a person’s own are added or take the place of a built-in one; what is wrong is named', () => {
    const own = { id: 'mine', cloud: 'aws', name: 'Mine', actions: ['sqs:*'] };
    const replaced = { ...own, id: 'aws-logs-read' };
    const before = policyProfiles([]).profiles.length;
    const { profiles, problems } = policyProfiles([
      own,
      replaced,
      { ...own, id: 'bad', actions: ['*'] },
      { ...own, id: 'Not An Id' },
      own,
      'nonsense',
    ]);
    expect(profiles).toHaveLength(before + 1);
    expect(profiles.find(({ id }) => id === 'aws-logs-read')?.actions).toEqual(['sqs:*']);
    expect(problems.map(({ source }) => source)).toEqual([3, 4, 5, 6].map((n) => `Profile ${n} in settings`));
    expect(problems[0]?.reason).toContain('for every service');
  });
});
