import { randomUUID } from 'node:crypto';
import type { CloudSession } from './session-record.ts';

export const sessionStart = Date.UTC(2026, 0, 1);

/** An active session of an hour, with what a test changes. */
export function cloudSession(changes: Partial<CloudSession> = {}): CloudSession {
  return {
    id: randomUUID(),
    provider: 'aws',
    createdAt: sessionStart,
    expiresAt: sessionStart + 3_600_000,
    ttlSeconds: 3600,
    budget: null,
    policy: { actions: ['s3:GetObject'], deny: [], resources: [], sourceIps: [] },
    status: 'active',
    roleArn: 'arn:aws:iam::123456789012:role/agent',
    command: ['aws', 's3', 'ls'],
    accessKeyId: 'ASIAEXAMPLE',
    ...changes,
  };
}
