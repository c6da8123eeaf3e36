import * as v from 'valibot';
import { IdSchema, none, OutcomeSchema } from './values.ts';

/** When programs from outside of the app are asked about before they get something of an identity (C-22, R-8). */
export const ApprovalModeSchema = v.picklist(['off', 'first', 'always']);
export type ApprovalMode = v.InferOutput<typeof ApprovalModeSchema>;

/** What is asked for. */
export const RequestKindSchema = v.picklist(['run', 'env', 'token', 'session', 'credential']);
export type RequestKind = v.InferOutput<typeof RequestKindSchema>;

/** Every text is one line, cut, and without characters that cannot be seen or that turn others around. */
const ProgramSchema = v.object({
  name: v.string(),
  path: v.nullable(v.string()),
  pid: v.number(),
});

/** A request of a program that waits for the person's answer. */
const ApprovalRequestSchema = v.object({
  requestId: v.string(),
  what: RequestKindSchema,
  bundleId: v.string(),
  bundleName: v.string(),
  /** `null`: the system does not tell who asks. */
  program: v.nullable(ProgramSchema),
  /** What started it, the nearest first. */
  parents: v.array(ProgramSchema),
  /** False where the program is what the caller says of itself (Windows). */
  fromKernel: v.boolean(),
  /** What it wants it for: a command and its arguments, or one sentence. */
  purpose: v.array(v.string()),
  /** Of a cloud session. */
  session: v.nullable(
    v.object({
      principal: v.nullable(v.string()),
      actions: v.array(v.string()),
      deny: v.array(v.string()),
      resources: v.array(v.string()),
      /** How long it lasts from the answer on, or still, s. */
      seconds: v.number(),
    }),
  ),
  /** How often the same was asked while this waited. */
  times: v.number(),
  /** Whether an answer can hold until Lanyard quits. */
  mayRemember: v.boolean(),
  /** When it is denied by itself. */
  endsAt: v.number(),
});
export type ApprovalRequest = v.InferOutput<typeof ApprovalRequestSchema>;

export const approvalCalls = {
  /** The request that is before the person, and how many wait behind it. */
  'approvals.waiting': {
    request: none,
    response: v.object({ request: v.nullable(ApprovalRequestSchema), behind: v.number() }),
  },
  /**
   * The person's answer to it: for now, until Lanyard quits, or no. Fails as `request_gone` when it does not wait any more,
   * `request_too_new` when nobody can have read it yet, `not_rememberable`.
   */
  'approvals.answer': {
    request: v.object({ requestId: IdSchema, answer: v.picklist(['once', 'session', 'deny']) }),
    response: OutcomeSchema,
  },
  /** Identities that are not listed are not asked about. */
  'approvals.settings': {
    request: none,
    response: v.object({
      modes: v.array(v.object({ bundleId: v.string(), mode: ApprovalModeSchema })),
    }),
  },
  /** Forgets what was allowed until Lanyard quits. Fails as `unknown_bundle`, `could_not_save`. */
  'approvals.setMode': {
    request: v.object({ bundleId: IdSchema, mode: ApprovalModeSchema }),
    response: OutcomeSchema,
  },
} as const;

export const approvalEvents = {
  /** Another request is before the person, or none; or more wait. */
  'approvals.changed': none,
} as const;
