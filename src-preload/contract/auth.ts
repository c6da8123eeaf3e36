import * as v from 'valibot';
import { FailureSchema, FormValuesSchema, IdSchema, NameSchema, none, OutcomeSchema } from './values.ts';

/** Generous for a callback URL, small enough that nobody can flood a CLI's input. */
const PastedTextSchema = v.pipe(v.string(), v.maxLength(16_384));

/** What stands in the way or is worth knowing while a sign-in runs, such as a variable that was left out. */
export const NoticeSchema = v.object({ code: v.string(), text: v.string() });
export type Notice = v.InferOutput<typeof NoticeSchema>;

/** O-3, as far as people are told (O-4). */
const ProgressSchema = v.object({
  phase: v.picklist([
    'binding-local-server',
    'previous-login-server-detected',
    'opening-browser',
    'callback-received',
    'persisting-credentials',
    'failed',
  ]),
  /** Of binding the listener, from 2. */
  attempt: v.optional(v.number()),
});
export type Progress = v.InferOutput<typeof ProgressSchema>;

const sessionCommon = {
  sessionId: v.string(),
  providerId: v.string(),
  flowId: v.string(),
  /** The bundle the account will join; `null` for a bundle that is made on success. */
  bundleId: v.nullable(v.string()),
  /** What the person said before it started, by parameter id; absent where nothing was asked. */
  parameters: v.optional(FormValuesSchema),
  /** The program and arguments as shown to a person; never holds a secret. */
  command: v.string(),
  startedAt: v.number(),
  /** When the session fails with "timed out" if nothing else ended it. */
  deadlineAt: v.number(),
  /** A finer step than the status, in the order in which they come. */
  phase: v.picklist(['starting', 'waiting', 'submitted', 'checking', 'saving', 'ended']),
  /** What `auth.submitCallback` does here: nothing, write a code to the CLI, or replay a callback URL to its listener. */
  paste: v.picklist(['none', 'code', 'callback']),
  /** The CLI asked for pasted text and waits for it now. */
  promptsForPaste: v.boolean(),
  /** True once the system browser was opened with the sign-in link, by itself or on request. */
  browserOpened: v.boolean(),
  notices: v.array(NoticeSchema),
  /** Links that the CLI printed whose host is not on the provider's list: text to read, never a button. */
  untrustedLinks: v.array(v.string()),
  /** How often the CLI replaced its link or code after the first. */
  renewals: v.number(),
  /** The latest step of a flow that Lanyard runs itself. */
  progress: v.optional(ProgressSchema),
  /** Why the last pasted text was refused by the CLI, while it goes on waiting. */
  pasteRejected: v.optional(v.string()),
};

/**
 * `listed`: its host is on the provider's list. `offered`: the provider has no list, and the link reads like a sign-in
 * link (L-2); nobody has checked its host.
 */
const LinkTrustSchema = v.picklist(['listed', 'offered']);

/** S-2: one variant per status; the fields named there are fixed, the common ones may grow. */
export const SessionSnapshotSchema = v.variant('status', [
  v.object({ ...sessionCommon, status: v.literal('pending') }),
  v.object({
    ...sessionCommon,
    status: v.literal('url-available'),
    authUrl: v.string(),
    linkTrust: LinkTrustSchema,
  }),
  v.object({
    ...sessionCommon,
    status: v.literal('code-emitted'),
    deviceCode: v.string(),
    verificationUrl: v.string(),
    /** The same page with the code filled in, where the issuer gives one. */
    verificationUrlComplete: v.optional(v.string()),
    /** Of the verification URL. */
    linkTrust: LinkTrustSchema,
    codeExpiresAt: v.optional(v.number()),
    /** A link printed besides the code, kept (S-3). */
    authUrl: v.optional(v.string()),
  }),
  v.object({
    ...sessionCommon,
    status: v.literal('success'),
    bundleId: v.string(),
    email: v.optional(v.string()),
    /** What the provider calls the person, where that is no email. */
    login: v.optional(v.string()),
    accountId: v.optional(v.string()),
    bundleName: v.optional(v.string()),
    organisation: v.optional(v.string()),
    plan: v.optional(v.string()),
  }),
  v.object({ ...sessionCommon, status: v.literal('failed'), error: v.string(), failure: FailureSchema }),
]);
export type SessionSnapshot = v.InferOutput<typeof SessionSnapshotSchema>;
export type SessionStatus = SessionSnapshot['status'];

const session = v.object({ sessionId: IdSchema });

/** Sign-ins: one session is one attempt. */
export const authCalls = {
  /**
   * Starts a sign-in and returns at once (S-1). `flowId` defaults to the provider's first flow. `parameters` are what a
   * person typed for that flow's `parameters`; refused as `bad_parameter`, with the fields, before anything starts.
   * Refused as `port_held_by_sign_in` while another sign-in has the port that this one needs (I-17); `endSessionId` is
   * the consent to end that one first.
   */
  'auth.start': {
    request: v.object({
      providerId: IdSchema,
      flowId: v.optional(IdSchema),
      intoBundleId: v.optional(IdSchema),
      parameters: v.optional(FormValuesSchema),
      endSessionId: v.optional(IdSchema),
    }),
    response: v.object({ sessionId: v.string(), authUrl: v.null() }),
  },
  'auth.poll': { request: session, response: SessionSnapshotSchema },
  'auth.cancel': { request: session, response: OutcomeSchema },
  'auth.submitCallback': {
    request: v.object({ sessionId: IdSchema, text: PastedTextSchema }),
    response: OutcomeSchema,
  },
  'auth.submitApiKey': {
    request: v.object({
      providerId: IdSchema,
      intoBundleId: v.optional(IdSchema),
      apiKey: v.pipe(v.string(), v.maxLength(8192)),
      accountName: NameSchema,
      /** Keeps the key without asking the provider whether it works; the account is marked unknown. */
      saveWithoutChecking: v.optional(v.boolean()),
    }),
    response: v.variant('success', [
      v.object({
        success: v.literal(true),
        accountId: v.string(),
        bundleId: v.string(),
        maskedKey: v.string(),
      }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
  /** Sessions that run, and those that ended within the last five minutes, newest first (S-16). */
  'auth.list': { request: none, response: v.object({ sessions: v.array(SessionSnapshotSchema) }) },
  /** What the CLI printed, with secrets replaced. `dropped` lines are missing after the first `head` ones. */
  'auth.transcript': {
    request: session,
    response: v.object({ lines: v.array(v.string()), head: v.number(), dropped: v.number() }),
  },
  /** Opens the session's link in the system browser; main takes the link from the session, never from the window. */
  'auth.openLink': { request: session, response: OutcomeSchema },
  /** Puts the session's link, device code or failure report on the clipboard. */
  'auth.copy': {
    request: v.object({ sessionId: IdSchema, what: v.picklist(['link', 'code', 'report']) }),
    response: OutcomeSchema,
  },
} as const;

export const authEvents = {
  'auth.changed': SessionSnapshotSchema,
  /** The CLI printed something: `lines` so far, at most a few times a second. `auth.transcript` has them. */
  'auth.output': v.object({ sessionId: v.string(), lines: v.number() }),
  /** The person asked, from a tray or a notification, for a session's modal to be shown. */
  'auth.show': session,
} as const;
