import * as v from 'valibot';
import { type Cloud, clouds } from './action.ts';
import type { Enforcement } from './enforcement.ts';
import type { SessionPolicy } from './policy.ts';

export const sessionStatuses = [
  'active',
  'completed',
  'expired',
  'revoked',
  'budget_exceeded',
  'failed',
] as const;
export type SessionStatus = (typeof sessionStatuses)[number];

/** Upper bounds of what is counted here (C-19); absent for no bound. */
export interface SessionLimits {
  readonly minutes?: number;
  readonly credentialRequests?: number;
  readonly renewals?: number;
  readonly commands?: number;
}

/** What has been counted. Minutes are not: they follow from the time of creation. */
export interface SessionUsage {
  readonly credentialRequests: number;
  readonly renewals: number;
  readonly commands: number;
}

/** What became of the credentials when the session was revoked (C-18). Times in milliseconds, UTC. */
export type Revocation =
  | { readonly kind: 'at_service'; readonly at: number; readonly how: string }
  /** Nothing is handed out any more; what was handed out ends by itself. */
  | { readonly kind: 'local'; readonly at: number; readonly diesAt: number }
  | { readonly kind: 'failed'; readonly at: number; readonly diesAt: number; readonly reason: string };

/** A process that runs under the session, or of the app that owns it. The start time tells it from a later one. */
export interface SessionProcess {
  readonly pid: number;
  readonly startTime: string;
}

/** One cloud session. Replaced, never changed. Times are milliseconds since the Unix epoch, UTC. */
export interface CloudSession {
  /** UUID v4 in lower case. */
  readonly id: string;
  readonly provider: Cloud;
  readonly createdAt: number;
  /** When the credentials that were issued last end by themselves. */
  readonly expiresAt: number;
  readonly ttlSeconds: number;
  /** Money as the person estimated it, in dollars; shown and never enforced. */
  readonly budget: number | null;
  readonly policy: SessionPolicy;
  readonly status: SessionStatus;
  /** AWS role ARN, GCP service-account email, Azure subscription. */
  readonly roleArn: string;
  readonly command: readonly string[];
  readonly accessKeyId: string | null;
  readonly agentId?: string;
  readonly principalId?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly bundleId?: string;
  /** The account that the base credentials came from. */
  readonly accountId?: string;
  readonly region?: string;
  readonly clientId?: string;
  readonly tenantId?: string;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  /** Of IAM Identity Center: the account and role that the base credentials are of, as `123456789012/PowerUser`. */
  readonly baseRole?: string;
  /** Of Azure: the one resource that its tokens are for. */
  readonly audience?: string;
  /** How long each set of credentials lives in general, where the cloud can be asked. */
  readonly credentialSeconds?: number;
  readonly enforcement?: Enforcement;
  /** Up to here credentials are renewed; never beyond. */
  readonly leaseEndsAt?: number;
  readonly limits?: SessionLimits;
  readonly usage?: SessionUsage;
  readonly revocation?: Revocation;
  /** The app's process that owns it. */
  readonly process?: SessionProcess;
  /** The commands that run under it: with the owner gone, they are to be ended. */
  readonly runs?: readonly SessionProcess[];
  /** Fields that other tools wrote, kept as they were. */
  readonly others?: Readonly<Record<string, unknown>>;
}

/** Whether an id may name a session, and with that a file. */
export function isSessionId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id);
}

/** C-3: the first eight characters, or all when there are fewer. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** C-3: until the credentials end, in whole seconds; never negative. */
export function remainingSeconds(session: CloudSession, now: number): number {
  return Math.max(0, Math.floor((session.expiresAt - now) / 1000));
}

/** C-3: who the session is. */
export function principalOf(session: Pick<CloudSession, 'principalId' | 'roleArn'>): string {
  return session.principalId ?? session.roleArn;
}

export function isFinished(session: CloudSession): boolean {
  return session.status !== 'active';
}

/** C-2: a terminal status sticks: a revoked session whose child exits later stays revoked. */
export function withStatus(session: CloudSession, status: SessionStatus): CloudSession {
  return isFinished(session) ? session : { ...session, status };
}

const Time = v.pipe(
  v.string(),
  v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/, 'a time (RFC 3339)'),
  v.transform((text) => Date.parse(text)),
  v.check((time) => !Number.isNaN(time), 'a time (RFC 3339)'),
);
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Text = v.pipe(v.string(), v.maxLength(4096));
const Texts = v.pipe(v.array(Text), v.maxLength(2000));
/** Other tools leave a field out, or say null for the same. */
function absent<T>(schema: v.GenericSchema<unknown, T>) {
  return v.nullish(schema);
}

const Process = v.object({ pid: Count, start_time: Text });

const Row = v.looseObject({
  id: v.pipe(v.string(), v.check(isSessionId, 'a UUID v4')),
  created_at: Time,
  expires_at: Time,
  ttl_seconds: Count,
  budget: absent(v.pipe(v.number(), v.finite())),
  policy: v.looseObject({
    actions: Texts,
    resources: absent(Texts),
    deny: absent(Texts),
    source_ips: absent(Texts),
  }),
  status: v.picklist(sessionStatuses),
  role_arn: Text,
  command: Texts,
  access_key_id: absent(Text),
  provider: absent(v.picklist(clouds)),
  agent_id: absent(Text),
  principal_id: absent(Text),
  tags: absent(v.record(v.string(), Text)),
  bundle_id: absent(Text),
  account_id: absent(Text),
  region: absent(Text),
  client_id: absent(Text),
  tenant_id: absent(Text),
  external_id: absent(Text),
  source_identity: absent(Text),
  base_role: absent(Text),
  audience: absent(Text),
  credential_seconds: absent(Count),
  enforcement: absent(
    v.variant('state', [
      v.object({ state: v.literal('enforced') }),
      v.object({ state: v.literal('partly'), gaps: Texts }),
      v.object({ state: v.literal('not_enforced'), gaps: Texts }),
    ]),
  ),
  lease_ends_at: absent(Time),
  limits: absent(
    v.object({
      minutes: v.exactOptional(Count),
      credential_requests: v.exactOptional(Count),
      renewals: v.exactOptional(Count),
      commands: v.exactOptional(Count),
    }),
  ),
  usage: absent(v.object({ credential_requests: Count, renewals: Count, commands: Count })),
  revocation: absent(
    v.variant('kind', [
      v.object({ kind: v.literal('at_service'), at: Time, how: Text }),
      v.object({ kind: v.literal('local'), at: Time, dies_at: Time }),
      v.object({ kind: v.literal('failed'), at: Time, dies_at: Time, reason: Text }),
    ]),
  ),
  process: absent(Process),
  runs: absent(v.array(Process)),
});

const known = new Set([...Object.keys(Row.entries), 'role_principal']);
const knownInPolicy = new Set(Object.keys(Row.entries.policy.entries));

/**
 * C-1: reads what a file holds.
 * @returns the session, or why it is none, without any of its values
 */
export function readSession(value: unknown): { session: CloudSession } | { fault: string } {
  const aliased =
    isRecord(value) && value.role_arn == null ? { ...value, role_arn: value.role_principal } : value;
  const parsed = v.safeParse(Row, aliased);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    return { fault: `${v.getDotPath(issue) ?? 'the whole'} is not as it should be` };
  }
  const row = parsed.output;
  const others = {
    ...rest(row, known),
    ...nested('policy', rest(row.policy, knownInPolicy)),
  };
  const session: CloudSession = {
    id: row.id,
    provider: row.provider ?? 'aws',
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    ttlSeconds: row.ttl_seconds,
    budget: row.budget ?? null,
    policy: {
      actions: row.policy.actions,
      deny: row.policy.deny ?? [],
      resources: row.policy.resources ?? [],
      sourceIps: row.policy.source_ips ?? [],
    },
    status: row.status,
    roleArn: row.role_arn,
    command: row.command,
    accessKeyId: row.access_key_id ?? null,
    ...present('agentId', row.agent_id),
    ...present('principalId', row.principal_id),
    ...present('tags', row.tags),
    ...present('bundleId', row.bundle_id),
    ...present('accountId', row.account_id),
    ...present('region', row.region),
    ...present('clientId', row.client_id),
    ...present('tenantId', row.tenant_id),
    ...present('externalId', row.external_id),
    ...present('sourceIdentity', row.source_identity),
    ...present('baseRole', row.base_role),
    ...present('audience', row.audience),
    ...present('credentialSeconds', row.credential_seconds),
    ...present('enforcement', row.enforcement),
    ...present('leaseEndsAt', row.lease_ends_at),
    ...present('limits', row.limits && camelLimits(row.limits)),
    ...present(
      'usage',
      row.usage && {
        credentialRequests: row.usage.credential_requests,
        renewals: row.usage.renewals,
        commands: row.usage.commands,
      },
    ),
    ...present('revocation', row.revocation && readRevocation(row.revocation)),
    ...present('process', row.process && readProcess(row.process)),
    ...present('runs', row.runs?.map(readProcess)),
    ...(Object.keys(others).length === 0 ? {} : { others }),
  };
  return { session };
}

/** C-1: what a file of the session holds: snake_case, times in UTC, absent fields left out. */
export function writeSession(session: CloudSession): Record<string, unknown> {
  const { policy: otherPolicy, ...others } = session.others ?? {};
  const { policy, limits, usage, revocation } = session;
  return {
    id: session.id,
    created_at: iso(session.createdAt),
    expires_at: iso(session.expiresAt),
    ttl_seconds: session.ttlSeconds,
    budget: session.budget,
    policy: {
      actions: policy.actions,
      resources: policy.resources,
      ...(policy.deny.length === 0 ? {} : { deny: policy.deny }),
      ...(policy.sourceIps.length === 0 ? {} : { source_ips: policy.sourceIps }),
      ...(isRecord(otherPolicy) ? otherPolicy : {}),
    },
    status: session.status,
    role_arn: session.roleArn,
    command: session.command,
    access_key_id: session.accessKeyId,
    provider: session.provider,
    ...present('agent_id', session.agentId),
    ...present('principal_id', session.principalId),
    ...present('tags', session.tags),
    ...present('bundle_id', session.bundleId),
    ...present('account_id', session.accountId),
    ...present('region', session.region),
    ...present('client_id', session.clientId),
    ...present('tenant_id', session.tenantId),
    ...present('external_id', session.externalId),
    ...present('source_identity', session.sourceIdentity),
    ...present('base_role', session.baseRole),
    ...present('audience', session.audience),
    ...present('credential_seconds', session.credentialSeconds),
    ...present('enforcement', session.enforcement),
    ...present('lease_ends_at', session.leaseEndsAt === undefined ? undefined : iso(session.leaseEndsAt)),
    ...present(
      'limits',
      limits && {
        ...present('minutes', limits.minutes),
        ...present('credential_requests', limits.credentialRequests),
        ...present('renewals', limits.renewals),
        ...present('commands', limits.commands),
      },
    ),
    ...present(
      'usage',
      usage && {
        credential_requests: usage.credentialRequests,
        renewals: usage.renewals,
        commands: usage.commands,
      },
    ),
    ...present('revocation', revocation && writeRevocation(revocation)),
    ...present('process', session.process && writeProcess(session.process)),
    ...present('runs', session.runs?.map(writeProcess)),
    ...others,
  };
}

function camelLimits(limits: {
  minutes?: number;
  credential_requests?: number;
  renewals?: number;
  commands?: number;
}): SessionLimits {
  return {
    ...present('minutes', limits.minutes),
    ...present('credentialRequests', limits.credential_requests),
    ...present('renewals', limits.renewals),
    ...present('commands', limits.commands),
  };
}

function readProcess({ pid, start_time }: v.InferOutput<typeof Process>): SessionProcess {
  return { pid, startTime: start_time };
}

function writeProcess({ pid, startTime }: SessionProcess): v.InferOutput<typeof Process> {
  return { pid, start_time: startTime };
}

function readRevocation(row: NonNullable<v.InferOutput<typeof Row>['revocation']>): Revocation {
  if (row.kind === 'at_service') return row;
  const { dies_at: diesAt, ...more } = row;
  return { ...more, diesAt };
}

function writeRevocation(revocation: Revocation): Record<string, unknown> {
  if (revocation.kind === 'at_service') return { ...revocation, at: iso(revocation.at) };
  const { diesAt, ...more } = revocation;
  return { ...more, at: iso(revocation.at), dies_at: iso(diesAt) };
}

function present<K extends string, T>(key: K, value: T | null | undefined): { [P in K]?: T } {
  return value === null || value === undefined ? {} : ({ [key]: value } as { [P in K]?: T });
}

function nested(key: string, fields: Record<string, unknown>): Record<string, unknown> {
  return Object.keys(fields).length === 0 ? {} : { [key]: fields };
}

function rest(row: Record<string, unknown>, without: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !without.has(name)));
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
