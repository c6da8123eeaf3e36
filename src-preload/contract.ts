import * as v from 'valibot';

/**
 * The contract between the main process and its windows: every call and every event, once, with the schemas that
 * main checks them against. Requests are checked when they arrive, responses and events before they leave, and
 * unknown fields are dropped in both directions, so nothing crosses that is not written here.
 *
 * Times are milliseconds since the Unix epoch, UTC, unless the name says otherwise.
 */

/** What a person is told when something did not work. `code` is stable; the rest is text to show. */
export const FailureSchema = v.object({
  code: v.string(),
  title: v.string(),
  hint: v.string(),
  detail: v.optional(v.string()),
});
export type Failure = v.InferOutput<typeof FailureSchema>;

const IdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
const NameSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'A name is needed.'),
  v.maxLength(80, 'A name has at most 80 characters.'),
);
/** Generous for a callback URL, small enough that nobody can flood a CLI's input. */
const PastedTextSchema = v.pipe(v.string(), v.maxLength(16_384));

/** What stands in the way or is worth knowing while a sign-in runs, such as a variable that was left out. */
export const NoticeSchema = v.object({ code: v.string(), text: v.string() });
export type Notice = v.InferOutput<typeof NoticeSchema>;

const sessionCommon = {
  sessionId: v.string(),
  providerId: v.string(),
  flowId: v.string(),
  /** The bundle the account will join; `null` for a bundle that is made on success. */
  bundleId: v.nullable(v.string()),
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
  /** Why the last pasted text was refused by the CLI, while it goes on waiting. */
  pasteRejected: v.optional(v.string()),
};

/** S-2: one variant per status; the fields named there are fixed, the common ones may grow. */
export const SessionSnapshotSchema = v.variant('status', [
  v.object({ ...sessionCommon, status: v.literal('pending') }),
  v.object({ ...sessionCommon, status: v.literal('url-available'), authUrl: v.string() }),
  v.object({
    ...sessionCommon,
    status: v.literal('code-emitted'),
    deviceCode: v.string(),
    verificationUrl: v.string(),
    codeExpiresAt: v.optional(v.number()),
    /** A link printed besides the code, kept (S-3). */
    authUrl: v.optional(v.string()),
  }),
  v.object({
    ...sessionCommon,
    status: v.literal('success'),
    bundleId: v.string(),
    email: v.optional(v.string()),
    accountId: v.optional(v.string()),
    bundleName: v.optional(v.string()),
    organisation: v.optional(v.string()),
    plan: v.optional(v.string()),
  }),
  v.object({ ...sessionCommon, status: v.literal('failed'), error: v.string(), failure: FailureSchema }),
]);
export type SessionSnapshot = v.InferOutput<typeof SessionSnapshotSchema>;
export type SessionStatus = SessionSnapshot['status'];

/** The outcome of an intent: done, or the reason why not. */
export const OutcomeSchema = v.variant('success', [
  v.object({ success: v.literal(true) }),
  v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
]);
export type Outcome = v.InferOutput<typeof OutcomeSchema>;

export const FlowViewSchema = v.object({
  id: v.string(),
  label: v.string(),
  kind: v.picklist(['browser', 'device-code', 'paste']),
});
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

export const ProviderViewSchema = v.object({
  id: v.string(),
  name: v.string(),
  vendor: v.string(),
  /** Two letters that stand for the provider where there is no room for its name. */
  mark: v.string(),
  aliases: v.array(v.string()),
  /** The first is the one that Connect starts. */
  flows: v.array(FlowViewSchema),
  origin: v.picklist(['built-in', 'user']),
  /** `searching` until the login shell's PATH has been read. */
  program: v.variant('state', [
    v.object({ state: v.literal('searching') }),
    /** A provider that is an API key and nothing else. */
    v.object({ state: v.literal('not-needed') }),
    v.object({ state: v.literal('found'), path: v.string() }),
    v.object({ state: v.literal('missing'), installCommand: v.optional(v.string()) }),
  ]),
  /** CLI version the definition was checked against, or `unverified`. */
  verified: v.string(),
  acceptsApiKey: v.boolean(),
});
export type ProviderView = v.InferOutput<typeof ProviderViewSchema>;

/** A row or file that could not be read: set aside and named, while everything else goes on. */
export const ProblemSchema = v.object({
  source: v.string(),
  line: v.optional(v.number()),
  reason: v.string(),
});
export type Problem = v.InferOutput<typeof ProblemSchema>;

export const AccountViewSchema = v.object({
  id: v.string(),
  providerId: v.string(),
  kind: v.picklist(['oauth', 'api-key', 'pat', 'role', 'env']),
  displayName: v.string(),
  email: v.optional(v.string()),
  organisation: v.optional(v.string()),
  plan: v.optional(v.string()),
  status: v.picklist(['valid', 'expiring', 'expired-refreshable', 'needs-sign-in', 'unknown']),
  createdAt: v.number(),
  updatedAt: v.number(),
});
export type AccountView = v.InferOutput<typeof AccountViewSchema>;

export const BundleViewSchema = v.object({
  id: v.string(),
  name: v.string(),
  description: v.string(),
  colour: v.string(),
  /** The blank identity: the machine's own logins; cannot be edited, bound or deleted. */
  blank: v.boolean(),
  createdAt: v.number(),
  updatedAt: v.number(),
  accounts: v.array(AccountViewSchema),
});
export type BundleView = v.InferOutput<typeof BundleViewSchema>;

const AppInfoSchema = v.object({
  version: v.string(),
  electron: v.string(),
  chromium: v.string(),
  node: v.string(),
  platform: v.string(),
  dataDirectory: v.string(),
  /** Set on the fallback Electron of developer machines, which is not for real accounts. */
  developmentRuntime: v.boolean(),
});
export type AppInfo = v.InferOutput<typeof AppInfoSchema>;

const none = v.object({});
const session = v.object({ sessionId: IdSchema });

/** Every call a window can make. The key is the channel. */
export const calls = {
  /** Starts a sign-in and returns at once (S-1). `flowId` defaults to the provider's first flow. */
  'auth.start': {
    request: v.object({
      providerId: IdSchema,
      flowId: v.optional(IdSchema),
      intoBundleId: v.optional(IdSchema),
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
  /** What the CLI printed, with secrets replaced. `dropped` lines are missing in the middle. */
  'auth.transcript': {
    request: session,
    response: v.object({ lines: v.array(v.string()), dropped: v.number() }),
  },
  /** Opens the session's link in the system browser; main takes the link from the session, never from the window. */
  'auth.openLink': { request: session, response: OutcomeSchema },
  /** Puts the session's link, device code or failure report on the clipboard. */
  'auth.copy': {
    request: v.object({ sessionId: IdSchema, what: v.picklist(['link', 'code', 'report']) }),
    response: OutcomeSchema,
  },
  'clipboard.readText': { request: none, response: v.object({ text: v.string() }) },
  /** Puts a provider's install command on the clipboard. */
  'providers.copyInstallCommand': { request: v.object({ providerId: IdSchema }), response: OutcomeSchema },
  'providers.list': {
    request: none,
    response: v.object({ providers: v.array(ProviderViewSchema), problems: v.array(ProblemSchema) }),
  },
  /** Looks for the programs and reads the user-defined providers again. */
  'providers.refresh': { request: none, response: none },
  'bundles.list': {
    request: none,
    response: v.object({ bundles: v.array(BundleViewSchema), problems: v.array(ProblemSchema) }),
  },
  'bundles.create': { request: v.object({ name: NameSchema }), response: v.object({ bundleId: v.string() }) },
  'bundles.rename': { request: v.object({ bundleId: IdSchema, name: NameSchema }), response: OutcomeSchema },
  /** Only an empty bundle can be deleted; accounts are signed out first. */
  'bundles.delete': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
  /** Runs the provider's logout, removes the account's directory and its rows. */
  'accounts.signOut': { request: v.object({ accountId: IdSchema }), response: OutcomeSchema },
  /** Opens the system's terminal with the bundle's accounts in its environment. */
  'launch.openTerminal': { request: v.object({ bundleId: IdSchema }), response: OutcomeSchema },
  'app.info': { request: none, response: AppInfoSchema },
} as const;

/** Every event that main pushes to all windows. */
export const events = {
  'auth.changed': SessionSnapshotSchema,
  'bundles.changed': v.object({ bundleId: v.string() }),
  'providers.changed': none,
  /** The person asked, from a tray or a notification, for a session's modal to be shown. */
  'auth.show': session,
} as const;

export type Channel = keyof typeof calls;
export type Request<C extends Channel> = v.InferInput<(typeof calls)[C]['request']>;
export type Response<C extends Channel> = v.InferOutput<(typeof calls)[C]['response']>;
export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = v.InferOutput<(typeof events)[E]>;

/** How a call's answer crosses: a value, or an error as data. */
export type Reply<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** A call with a request, and one without. */
type Call<C extends Channel> = (request: Request<C>) => Promise<Reply<Response<C>>>;
type Query<C extends Channel> = () => Promise<Reply<Response<C>>>;
/** Registers a listener and returns the function that removes it. */
type Subscribe<E extends EventName> = (listener: (payload: EventPayload<E>) => void) => () => void;

/** `window.lanyard`: all that a window can reach. */
export interface LanyardBridge {
  auth: {
    start: Call<'auth.start'>;
    poll: Call<'auth.poll'>;
    cancel: Call<'auth.cancel'>;
    submitCallback: Call<'auth.submitCallback'>;
    submitApiKey: Call<'auth.submitApiKey'>;
    list: Query<'auth.list'>;
    transcript: Call<'auth.transcript'>;
    openLink: Call<'auth.openLink'>;
    copy: Call<'auth.copy'>;
    onChanged: Subscribe<'auth.changed'>;
    onShow: Subscribe<'auth.show'>;
  };
  clipboard: { readText: Query<'clipboard.readText'> };
  providers: {
    list: Query<'providers.list'>;
    refresh: Query<'providers.refresh'>;
    copyInstallCommand: Call<'providers.copyInstallCommand'>;
    onChanged: Subscribe<'providers.changed'>;
  };
  bundles: {
    list: Query<'bundles.list'>;
    create: Call<'bundles.create'>;
    rename: Call<'bundles.rename'>;
    delete: Call<'bundles.delete'>;
    onChanged: Subscribe<'bundles.changed'>;
  };
  accounts: { signOut: Call<'accounts.signOut'> };
  launch: { openTerminal: Call<'launch.openTerminal'> };
  app: { info: Query<'app.info'> };
}
