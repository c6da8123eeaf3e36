import { mustEndAt } from './lease.ts';
import type { CloudSession } from './session-record.ts';

/** Everything that decides what credentials are issued, to whom, and under which limits. */
export type IssueInputs = Pick<
  CloudSession,
  | 'provider'
  | 'roleArn'
  | 'principalId'
  | 'bundleId'
  | 'accountId'
  | 'policy'
  | 'tags'
  | 'agentId'
  | 'region'
  | 'clientId'
  | 'tenantId'
  | 'externalId'
  | 'sourceIdentity'
  | 'baseRole'
  | 'audience'
  | 'credentialSeconds'
  | 'limits'
>;

export interface ReuseWish {
  now: number;
  /** What must be left of the session at least. */
  atLeastSeconds: number;
  /** Whether we hold its credentials: they are in memory only, so that another program's session is never reused. */
  isHeld: (id: string) => boolean;
}

/**
 * C-6: the session to use again: active, ours, long enough, and the same in every input. Lists are compared as sets:
 * order and repeats do not matter. Of several the one that lasts longest.
 */
export function reusableSession(
  sessions: readonly CloudSession[],
  inputs: IssueInputs,
  { now, atLeastSeconds, isHeld }: ReuseWish,
): CloudSession | null {
  const key = issueKey(inputs);
  let best: CloudSession | null = null;
  for (const session of sessions) {
    if (session.status !== 'active' || mustEndAt(session) - now < Math.max(1, atLeastSeconds * 1000))
      continue;
    if (best && mustEndAt(best) >= mustEndAt(session)) continue;
    if (isHeld(session.id) && keyOf(session) === key) best = session;
  }
  return best;
}

/** Sessions are never changed: the key of each is made once. */
const keys = new WeakMap<CloudSession, string>();

function keyOf(session: CloudSession): string {
  let key = keys.get(session);
  if (key === undefined) {
    key = issueKey(session);
    keys.set(session, key);
  }
  return key;
}

/** The same text for the same inputs. */
export function issueKey(inputs: IssueInputs): string {
  const { policy, limits, tags = {} } = inputs;
  return JSON.stringify([
    inputs.provider,
    inputs.roleArn,
    inputs.principalId ?? null,
    inputs.bundleId ?? null,
    inputs.accountId ?? null,
    asSet(policy.actions),
    asSet(policy.deny),
    asSet(policy.resources),
    asSet(policy.sourceIps),
    Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1)),
    inputs.agentId ?? null,
    inputs.region ?? null,
    inputs.clientId ?? null,
    inputs.tenantId ?? null,
    inputs.externalId ?? null,
    inputs.sourceIdentity ?? null,
    inputs.baseRole ?? null,
    inputs.audience ?? null,
    inputs.credentialSeconds ?? null,
    [limits?.minutes, limits?.credentialRequests, limits?.renewals, limits?.commands].map(
      (limit) => limit ?? null,
    ),
  ]);
}

function asSet(entries: readonly string[]): string[] {
  return [...new Set(entries)].sort();
}
