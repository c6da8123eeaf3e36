import { describe, expect, it } from 'vitest';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import {
  type CloudSession,
  isSessionId,
  principalOf,
  readSession,
  remainingSeconds,
  shortId,
  withStatus,
  writeSession,
} from './session-record.ts';

const id = '6f1c2f9e-3d3a-4c52-9f55-0d6a1c7be101';

/** As another tool writes it: nothing but what must be there. */
const least = {
  id,
  created_at: '2026-01-01T10:00:00.123456789Z',
  expires_at: '2026-01-01T11:00:00+00:00',
  ttl_seconds: 3600,
  budget: null,
  policy: { actions: ['s3:GetObject'], resources: ['*'] },
  status: 'active',
  role_arn: 'arn:aws:iam::123456789012:role/agent',
  command: ['aws', 's3', 'ls'],
  access_key_id: null,
};

function read(row: unknown): CloudSession {
  const result = readSession(row);
  if ('fault' in result) throw new Error(result.fault);
  return result.session;
}

describe('C-1: the record', () => {
  it('C-1: is read without its optional fields, and the provider is AWS then', () => {
    expect(read(least)).toEqual({
      id,
      provider: 'aws',
      createdAt: Date.UTC(2026, 0, 1, 10, 0, 0, 123),
      expiresAt: Date.UTC(2026, 0, 1, 11),
      ttlSeconds: 3600,
      budget: null,
      policy: { actions: ['s3:GetObject'], deny: [], resources: ['*'], sourceIps: [] },
      status: 'active',
      roleArn: 'arn:aws:iam::123456789012:role/agent',
      command: ['aws', 's3', 'ls'],
      accessKeyId: null,
    });
  });

  it('C-1: is read with its optional fields', () => {
    const session = read({
      ...least,
      budget: 2.5,
      access_key_id: 'ASIA1',
      provider: 'gcp',
      agent_id: 'agent-1',
      principal_id: 'robot@p.iam.gserviceaccount.com',
      tags: { team: 'a' },
      status: 'budget_exceeded',
    });
    expect(session).toMatchObject({
      budget: 2.5,
      accessKeyId: 'ASIA1',
      provider: 'gcp',
      agentId: 'agent-1',
      principalId: 'robot@p.iam.gserviceaccount.com',
      tags: { team: 'a' },
      status: 'budget_exceeded',
    });
  });

  it('C-1: the principal may be called role_principal', () => {
    const { role_arn: _, ...without } = least;
    expect(read({ ...without, role_principal: 'robot@p' }).roleArn).toBe('robot@p');
    expect(writeSession(read({ ...without, role_principal: 'robot@p' }))).toMatchObject({
      role_arn: 'robot@p',
    });
    expect(writeSession(read({ ...without, role_principal: 'robot@p' }))).not.toHaveProperty(
      'role_principal',
    );
  });

  it('C-1: is written in snake_case, and absent optional fields are left out', () => {
    expect(writeSession(cloudSession({ id }))).toEqual({
      id,
      created_at: '2026-01-01T00:00:00.000Z',
      expires_at: '2026-01-01T01:00:00.000Z',
      ttl_seconds: 3600,
      budget: null,
      policy: { actions: ['s3:GetObject'], resources: [] },
      status: 'active',
      role_arn: 'arn:aws:iam::123456789012:role/agent',
      command: ['aws', 's3', 'ls'],
      access_key_id: 'ASIAEXAMPLE',
      provider: 'aws',
    });
  });

  it('C-1: everything in it survives the way to the file and back', () => {
    const at = sessionStart + 5;
    const full = cloudSession({
      budget: 1,
      policy: { actions: ['s3:*'], deny: ['s3:DeleteBucket'], resources: ['*'], sourceIps: ['10.0.0.0/8'] },
      agentId: 'a',
      principalId: 'p',
      tags: { a: 'b' },
      bundleId: 'bundle',
      accountId: 'account',
      region: 'eu-central-1',
      clientId: 'client',
      tenantId: 'tenant',
      externalId: 'external',
      sourceIdentity: 'ada',
      baseRole: '123456789012/Power',
      audience: 'https://management.azure.com',
      credentialSeconds: 900,
      enforcement: { state: 'partly', gaps: ['x'] },
      leaseEndsAt: at,
      limits: { minutes: 5, credentialRequests: 6, renewals: 7, commands: 8 },
      usage: { credentialRequests: 1, renewals: 2, commands: 3 },
      process: { pid: 7, startTime: 'boot:1' },
      runs: [{ pid: 8, startTime: 'boot:2' }],
    });
    const revocations = [
      { kind: 'at_service', at, how: 'token revoked' },
      { kind: 'local', at, diesAt: at + 1 },
      { kind: 'failed', at, diesAt: at + 1, reason: 'no' },
    ] as const;
    for (const revocation of revocations) {
      const session = { ...full, revocation };
      const text = JSON.stringify(writeSession(session));
      expect(read(JSON.parse(text))).toEqual(session);
      expect(text).not.toMatch(/"[a-z]+[A-Z][A-Za-z]*":/);
    }
  });

  it("C-1: another tool's own fields are kept", () => {
    const row = { ...least, forecast: { low: 1 }, policy: { ...least.policy, network: { vpc: 'v' } } };
    expect(writeSession(read(row))).toMatchObject({
      forecast: { low: 1 },
      policy: { actions: ['s3:GetObject'], network: { vpc: 'v' } },
    });
  });

  it.each([
    ['an id that is a path', { id: '../../etc/passwd' }],
    ['another kind of id', { id: '6f1c2f9e-3d3a-1c52-9f55-0d6a1c7be101' }],
    ['a time that is none', { created_at: '2026-13-45T00:00:00Z' }],
    ['a time without a zone', { created_at: '2026-01-01T00:00:00' }],
    ['an unknown status', { status: 'paused' }],
    ['an unknown provider', { provider: 'ibm' }],
    ['a policy without actions', { policy: {} }],
    ['a command that is a text', { command: 'aws s3 ls' }],
    ['a negative TTL', { ttl_seconds: -1 }],
    ['no principal', { role_arn: undefined }],
  ])('C-1: %s is refused', (_, changes) => {
    expect(readSession({ ...least, ...changes })).toHaveProperty('fault');
  });

  it('C-1: what is no object is refused', () => {
    for (const value of [null, [], 'x', 1]) expect(readSession(value)).toHaveProperty('fault');
  });
});

describe('C-2, C-3', () => {
  it.each(['completed', 'expired', 'revoked', 'budget_exceeded', 'failed'] as const)(
    'C-2: %s sticks',
    (status) => {
      const ended = withStatus(cloudSession(), status);
      expect(ended.status).toBe(status);
      for (const later of ['active', 'completed', 'failed', 'revoked'] as const) {
        expect(withStatus(ended, later)).toBe(ended);
      }
    },
  );

  it('C-3: short id, remaining seconds, principal', () => {
    expect(shortId(id)).toBe('6f1c2f9e');
    expect(shortId('abc')).toBe('abc');
    const session = cloudSession();
    expect(remainingSeconds(session, session.expiresAt - 1500)).toBe(1);
    expect(remainingSeconds(session, session.expiresAt + 60_000)).toBe(0);
    expect(principalOf(session)).toBe(session.roleArn);
    expect(principalOf({ ...session, principalId: 'p' })).toBe('p');
  });

  it('C-4: only a UUID v4 in lower case names a session', () => {
    expect(isSessionId(id)).toBe(true);
    for (const other of ['', '..', id.toUpperCase(), `${id}/..`, ` ${id}`, `${id}\n`, 'x'.repeat(36)])
      expect(isSessionId(other)).toBe(false);
  });
});
