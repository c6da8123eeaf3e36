import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';

/** A plain session for tests, with only what a test cares about written in the test. */
export const sessionView = (more: Partial<CloudSessionView> = {}): CloudSessionView => ({
  id: '0f5a1c2e-7b1d-4c55-9d6e-0a1b2c3d4e5f',
  shortId: '0f5a1c2e',
  cloud: 'aws',
  status: 'active',
  principal: 'arn:aws:iam::123456789012:role/deploy',
  actions: ['s3:GetObject'],
  deny: [],
  resources: [],
  sourceIps: [],
  tags: {},
  command: '',
  createdAt: 0,
  endsAt: 3_600_000,
  credentialsEndAt: 3_600_000,
  limits: {},
  usage: { minutes: 0, credentialRequests: 0, renewals: 0, commands: 0 },
  running: 0,
  canDeny: true,
  held: true,
  ...more,
});
