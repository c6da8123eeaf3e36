import * as v from 'valibot';
import { FailureSchema, IdSchema, NameSchema, none, OutcomeSchema, ProblemSchema } from './values.ts';

/** Cloud sessions: short-lived, narrowed credentials of an identity. Credentials themselves never come to a window. */

export const CloudSchema = v.picklist(['aws', 'gcp', 'azure']);
export type CloudName = v.InferOutput<typeof CloudSchema>;

/** C-20: what the window offers as the time of a session, in seconds. */
export const ttlPresets = [900, 3600, 4 * 3600, 8 * 3600, 12 * 3600] as const;

const Line = v.pipe(v.string(), v.trim(), v.maxLength(1024, 'One of the entries is too long.'));
const Lines = v.pipe(v.array(Line), v.maxLength(500, 'There are too many entries.'));
const Limit = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000_000)));
const refused = v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema });
const session = v.object({ sessionId: IdSchema });
const bundle = v.object({ bundleId: IdSchema });

/** Whether the cloud itself holds a session to its actions (C-11). `gaps` says in words what it leaves open. */
export const EnforcementSchema = v.object({
  state: v.picklist(['enforced', 'partly', 'not_enforced']),
  gaps: v.array(v.string()),
});
export type EnforcementView = v.InferOutput<typeof EnforcementSchema>;

/** Upper bounds of what is counted here; absent for none (C-19). */
export const LimitsSchema = v.object({
  minutes: Limit,
  credentialRequests: Limit,
  renewals: Limit,
  commands: Limit,
});

export const SessionStatusSchema = v.picklist([
  'active',
  'completed',
  'expired',
  'revoked',
  'budget_exceeded',
  'failed',
]);

/** One session as the table shows it. */
export const CloudSessionViewSchema = v.object({
  id: v.string(),
  /** C-3: its first eight characters. */
  shortId: v.string(),
  cloud: CloudSchema,
  status: SessionStatusSchema,
  /** Who it is: a role, a service account, a subscription. For people to read. */
  principal: v.string(),
  bundleId: v.optional(v.string()),
  /** Of the identity; absent when it is gone, or the session is another program's. */
  bundleName: v.optional(v.string()),
  /** The account that its credentials come from. */
  accountId: v.optional(v.string()),
  actions: v.array(v.string()),
  deny: v.array(v.string()),
  resources: v.array(v.string()),
  sourceIps: v.array(v.string()),
  tags: v.record(v.string(), v.string()),
  region: v.optional(v.string()),
  /** What was started under it, as one line. */
  command: v.string(),
  createdAt: v.number(),
  /** When it ends at the latest: with its lease, or with the minutes of its limits. */
  endsAt: v.number(),
  /** When the credentials that were handed out last end by themselves. */
  credentialsEndAt: v.number(),
  /** Of AWS; no secret. */
  accessKeyId: v.optional(v.string()),
  /** Absent where another program started it and did not say. */
  enforcement: v.optional(EnforcementSchema),
  limits: LimitsSchema,
  /** What was counted, in the units of the limits. */
  usage: v.object({
    minutes: v.number(),
    credentialRequests: v.number(),
    renewals: v.number(),
    commands: v.number(),
  }),
  /** Dollars as the person estimated them: an estimate that nothing enforces. */
  estimate: v.optional(v.number()),
  /** Commands that run under it now. */
  running: v.number(),
  /** It is this app's, and active: it can be extended, revoked, and run something under. */
  held: v.boolean(),
  /** The cloud can be told to deny it, by a change that stays there: AWS, by a policy of the role. */
  canDeny: v.boolean(),
  /** What a revocation did, in words that are true (C-18). */
  revocation: v.optional(v.string()),
});
export type CloudSessionView = v.InferOutput<typeof CloudSessionViewSchema>;

/** What a session can be. */
export const PrincipalKindSchema = v.picklist([
  'role',
  'federated-user',
  'own-user',
  'service-account',
  'azure-token',
]);
export type PrincipalKind = v.InferOutput<typeof PrincipalKindSchema>;

/** Where credentials of an identity can come from. */
export const SessionSourceSchema = v.object({
  /** Sent back to `open`. */
  id: v.string(),
  cloud: CloudSchema,
  /**
   * `identity-center`: needs one of its accounts and roles to be picked. `machine`: what this machine has by itself, for
   * the blank identity only.
   */
  kind: v.picklist(['identity-center', 'access-key', 'google-account', 'azure-account', 'machine']),
  /** Who it is, for people to read. */
  label: v.string(),
  accountId: v.optional(v.string()),
  /** What can be had from it. */
  principals: v.array(PrincipalKindSchema),
  /** Picked before anything else is said: the account and role that its sign-in was made for. */
  baseRole: v.optional(v.object({ awsAccountId: v.string(), roleName: v.string() })),
  region: v.optional(v.string()),
  /** Of Azure: which directory its tokens are of. */
  tenantId: v.optional(v.string()),
  /** Why it cannot be used as it is. */
  failure: v.optional(FailureSchema),
});
export type SessionSource = v.InferOutput<typeof SessionSourceSchema>;

/** C-8: actions under a name. */
export const PolicyProfileSchema = v.object({
  id: v.string(),
  cloud: CloudSchema,
  name: v.string(),
  description: v.string(),
  actions: v.array(v.string()),
  deny: v.array(v.string()),
  /** The person's own; the others come with the app. */
  own: v.boolean(),
});
export type PolicyProfileView = v.InferOutput<typeof PolicyProfileSchema>;

const policy = {
  cloud: CloudSchema,
  /** Its actions and deny entries come first, then those below. */
  profileId: v.optional(IdSchema),
  actions: Lines,
  deny: Lines,
  resources: Lines,
  sourceIps: Lines,
};

const PrincipalSchema = v.variant('kind', [
  /** AssumeRole. */
  v.object({
    kind: v.literal('role'),
    arn: Line,
    externalId: v.optional(Line),
    sourceIdentity: v.optional(Line),
  }),
  /** GetFederationToken: what both the key's user and the policy allow. */
  v.object({ kind: v.literal('federated-user') }),
  /** GetSessionToken: all that the key's user may. */
  v.object({ kind: v.literal('own-user') }),
  v.object({ kind: v.literal('service-account'), email: Line }),
  /** A token for one resource, such as `https://management.azure.com`. */
  v.object({ kind: v.literal('azure-token'), subscription: Line, resource: Line }),
]);

/** What a person fills in for a new session. Empty lists and absent fields are things they left out. */
export const OpenSessionSchema = v.object({
  ...policy,
  ...bundle.entries,
  sourceId: IdSchema,
  principal: PrincipalSchema,
  /** Of IAM Identity Center: as whom the role is taken on. */
  baseRole: v.optional(v.object({ awsAccountId: Line, roleName: Line })),
  region: v.optional(Line),
  tags: v.pipe(
    v.record(v.pipe(v.string(), v.maxLength(128)), v.pipe(v.string(), v.maxLength(256))),
    v.check((tags) => Object.keys(tags).length <= 50, 'There are too many tags.'),
  ),
  /** As people write it: `45m`, `8h`, or seconds. */
  ttl: Line,
  limits: LimitsSchema,
  estimate: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(1_000_000))),
  /** How long each set of credentials lives, where the cloud can be asked: the shorter, the sooner a revocation is felt. */
  credentialSeconds: v.optional(v.picklist([900, 3600])),
  /** False for a new session even where one like it is open (C-6). */
  mayReuse: v.optional(v.boolean(), true),
  /** The person accepts for this identity that the cloud does not narrow. Remembered. */
  acceptNotNarrowed: v.optional(v.boolean(), false),
});
export type OpenSessionForm = v.InferInput<typeof OpenSessionSchema>;

const PolicyProblemSchema = v.object({
  field: v.picklist(['actions', 'deny', 'resources', 'sourceIps']),
  /** Of the entry in what was sent; null for the list as a whole, or for an entry of the profile. */
  index: v.nullable(v.number()),
  failure: FailureSchema,
});

/** What one action stands for (C-7). */
const CoverageSchema = v.object({
  field: v.picklist(['actions', 'deny']),
  /** As it was written. */
  action: v.string(),
  kind: v.picklist(['known', 'unknown-service', 'unknown-action']),
  /** Actions that it covers. */
  count: v.number(),
  /** The first of them. */
  examples: v.array(v.string()),
});

/** What is known of a policy before anything is issued. */
export const PolicyAnswerSchema = v.object({
  problems: v.array(PolicyProblemSchema),
  /** Of AWS, whose actions are known by name; a wildcard is counted. */
  coverage: v.array(CoverageSchema),
  /** The text that would be sent, to the letter; absent where none is sent or it cannot be made. */
  text: v.optional(v.string()),
  /** Characters of the text, and how many the cloud takes (C-10). */
  size: v.optional(v.object({ length: v.number(), limit: v.number() })),
  /** Absent while there are problems. */
  enforcement: v.optional(EnforcementSchema),
});
export type PolicyAnswer = v.InferOutput<typeof PolicyAnswerSchema>;

/** What an identity's sessions are held to. */
export const SessionTermsSchema = v.object({
  /** Seconds from a session's start that it may last at most; absent for no cap of the identity's. */
  capSeconds: v.optional(v.number()),
  /** As the person wrote it; empty for none. */
  cap: v.string(),
  /** The cap cannot be read: nothing is issued until it is corrected (C-20). */
  capFailure: v.optional(FailureSchema),
  /** The person accepted that a cloud does not narrow. */
  notNarrowedAccepted: v.boolean(),
});
export type SessionTerms = v.InferOutput<typeof SessionTermsSchema>;

export const sessionCalls = {
  /** Newest first: all active ones, and the last finished ones. */
  'sessions.list': {
    request: none,
    response: v.object({
      sessions: v.array(CloudSessionViewSchema),
      /** Older finished ones that are kept and not listed. */
      more: v.number(),
      problems: v.array(ProblemSchema),
    }),
  },
  'sessions.get': {
    request: session,
    response: v.object({
      session: CloudSessionViewSchema,
      /** What was sent at the last issue, where its credentials are held: the policy's text, and what the cloud said of it. */
      issued: v.optional(
        v.object({
          policyText: v.optional(v.string()),
          /** How much of the space for policy and tags is taken, in percent (AWS). */
          packedPercent: v.optional(v.number()),
          /** The lifetime that the cloud granted. */
          grantedSeconds: v.optional(v.number()),
          /** Who the cloud says they are. */
          principal: v.optional(v.string()),
        }),
      ),
    }),
  },
  /** For checking while the person types. Nothing is asked of a cloud. */
  'sessions.checkPolicy': {
    request: v.object({ ...policy, principal: PrincipalKindSchema }),
    response: PolicyAnswerSchema,
  },
  'sessions.profiles': {
    request: none,
    response: v.object({ profiles: v.array(PolicyProfileSchema), problems: v.array(ProblemSchema) }),
  },
  /** Saves a profile of the person's own; with an `id` it replaces that one, or stands for the app's own of that id. */
  'sessions.saveProfile': {
    request: v.object({
      id: v.optional(IdSchema),
      cloud: CloudSchema,
      name: NameSchema,
      description: v.pipe(v.string(), v.trim(), v.maxLength(200)),
      actions: Lines,
      deny: Lines,
    }),
    response: v.variant('success', [v.object({ success: v.literal(true), profileId: v.string() }), refused]),
  },
  'sessions.deleteProfile': { request: v.object({ profileId: IdSchema }), response: OutcomeSchema },
  'sessions.terms': { request: bundle, response: SessionTermsSchema },
  /** `cap` as people write a length of time, empty for none. */
  'sessions.setTerms': {
    request: v.object({
      ...bundle.entries,
      cap: v.optional(Line),
      notNarrowedAccepted: v.optional(v.boolean()),
    }),
    response: OutcomeSchema,
  },
  'sessions.sources': { request: bundle, response: v.object({ sources: v.array(SessionSourceSchema) }) },
  /** Accounts that a sign-in at IAM Identity Center may use. */
  'sessions.awsAccounts': {
    request: v.object({ ...bundle.entries, sourceId: IdSchema }),
    response: v.variant('success', [
      v.object({
        success: v.literal(true),
        accounts: v.array(v.object({ id: v.string(), name: v.string(), email: v.optional(v.string()) })),
      }),
      refused,
    ]),
  },
  /** Roles that it may use in one of them. */
  'sessions.awsRoles': {
    request: v.object({ ...bundle.entries, sourceId: IdSchema, awsAccountId: IdSchema }),
    response: v.variant('success', [
      v.object({ success: v.literal(true), roles: v.array(v.string()) }),
      refused,
    ]),
  },
  /** Opens a session, or uses one again that is open for the same. */
  'sessions.open': {
    request: OpenSessionSchema,
    response: v.variant('success', [
      v.object({ success: v.literal(true), sessionId: v.string(), reused: v.boolean() }),
      refused,
    ]),
  },
  /** To a later end, in milliseconds UTC. */
  'sessions.extend': {
    request: v.object({ ...session.entries, endsAt: v.number() }),
    response: OutcomeSchema,
  },
  /** Resolves when what ran under it has ended; the session says what became of its credentials. */
  'sessions.revoke': {
    request: v.object({
      ...session.entries,
      /** Also tell the cloud to deny it, where `canDeny`. */
      deny: v.optional(v.boolean()),
    }),
    response: v.variant('success', [
      v.object({ success: v.literal(true), session: CloudSessionViewSchema }),
      refused,
    ]),
  },
  /** Opens the system's terminal under the session: on a shell, or on the program of a provider. */
  'sessions.run': {
    request: v.object({ ...session.entries, providerId: v.optional(IdSchema) }),
    response: OutcomeSchema,
  },
  /**
   * Puts lines that set the session's variables on the clipboard, and takes them off after a minute. `endpoint` ends with
   * the session; `keys` are the credentials themselves, which end by themselves only, and no one renews them.
   */
  'sessions.copyEnvironment': {
    request: v.object({
      ...session.entries,
      shell: v.picklist(['posix', 'fish', 'powershell', 'dotenv']),
      form: v.picklist(['endpoint', 'keys']),
    }),
    response: v.variant('success', [
      v.object({
        success: v.literal(true),
        /** Names of the variables, for saying what was copied. */
        names: v.array(v.string()),
        clearedAfterSeconds: v.number(),
      }),
      refused,
    ]),
  },
  /** Forgets a finished session. */
  'sessions.remove': { request: session, response: OutcomeSchema },
  /** Forgets all finished ones. */
  'sessions.removeFinished': { request: none, response: v.object({ removed: v.number() }) },
} as const;

export const sessionEvents = {
  /** Something about the sessions changed; not more often than a few times a second. */
  'sessions.changed': v.object({}),
  /** A session ends within a minute. */
  'sessions.warning': v.object({
    sessionId: v.string(),
    shortId: v.string(),
    principal: v.string(),
    endsAt: v.number(),
  }),
} as const;
