import * as v from 'valibot';
import { FailureSchema, IdSchema, none, OutcomeSchema } from './values.ts';

/** What entries can be about: the first word of their kind. */
export const activitySubjects = [
  'account',
  'bundle',
  'launch',
  'session',
  'request',
  'link',
  'token',
  'credential',
  'vault',
  'provider',
  'trail',
] as const;
export type ActivitySubject = (typeof activitySubjects)[number];

const FilterSchema = v.object({
  bundleId: v.optional(IdSchema),
  providerId: v.optional(IdSchema),
  subject: v.optional(v.picklist(activitySubjects)),
  /** Words that an entry holds, in any order. */
  text: v.optional(v.pipe(v.string(), v.maxLength(200))),
  /** No entry from before. */
  since: v.optional(v.number()),
});
export type ActivityFilter = v.InferOutput<typeof FilterSchema>;

export const ActivityEntrySchema = v.object({
  seq: v.number(),
  at: v.number(),
  /** `<subject>.<past participle>`, see `journal/audit.ts`. */
  kind: v.string(),
  bundleId: v.optional(v.string()),
  /** Names as they were then. */
  bundleName: v.optional(v.string()),
  providerId: v.optional(v.string()),
  accountName: v.optional(v.string()),
  sessionId: v.optional(v.string()),
  detail: v.array(v.object({ name: v.string(), value: v.string() })),
  signed: v.boolean(),
});
export type ActivityEntry = v.InferOutput<typeof ActivityEntrySchema>;

/** How the trail is written now. */
export const TrailStateSchema = v.object({
  signs: v.boolean(),
  /** Why entries are not signed; `null` where they are, or nothing was written yet. */
  fault: v.nullable(v.picklist(['locked', 'denied', 'unavailable', 'corrupt', 'unwritable', 'timed-out'])),
  /** Entries of this run that nothing vouches for yet. */
  unsigned: v.number(),
  /** Entries that could not be written yet. */
  waiting: v.number(),
  writeFault: v.nullable(v.string()),
});
export type TrailState = v.InferOutput<typeof TrailStateSchema>;

/** What is wrong at one place; the words are in `journal/trail-check.ts`. */
export const TrailProblemSchema = v.object({
  kind: v.picklist([
    'not-an-entry',
    'edited',
    'replaced',
    'missing',
    'moved',
    'forged',
    'unsigned',
    'other-key',
    'head-gone',
    'found-damaged',
  ]),
  seq: v.number(),
  to: v.optional(v.number()),
  file: v.optional(v.string()),
  line: v.optional(v.number()),
});
export type TrailProblem = v.InferOutput<typeof TrailProblemSchema>;

export const TrailCheckSchema = v.object({
  verdict: v.picklist(['whole', 'unsigned', 'not-compared', 'damaged']),
  entries: v.number(),
  files: v.number(),
  /** ISO 8601, of the first and the last entry. */
  from: v.optional(v.string()),
  to: v.optional(v.string()),
  /** The first hundred, in the order of entries. */
  problems: v.array(TrailProblemSchema),
  problemCount: v.number(),
  vault: v.picklist([
    'ok',
    'not-found',
    'locked',
    'denied',
    'unavailable',
    'corrupt',
    'unwritable',
    'timed-out',
  ]),
});
export type TrailCheck = v.InferOutput<typeof TrailCheckSchema>;

const saved = v.variant('success', [
  v.object({ success: v.literal(true), /** False when the person chose no file. */ saved: v.boolean() }),
  v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
]);

const report = v.object({
  /** Leaves email addresses in; otherwise each is replaced. */
  withEmails: v.boolean(),
});

/** The audit trail, and the report for those who help. */
export const activityCalls = {
  /** Entries from the newest on, or from before a place that an earlier answer named. */
  'activity.list': {
    request: v.object({
      filter: FilterSchema,
      before: v.optional(v.pipe(v.string(), v.regex(/^\d{1,9}\.\d{1,9}$/))),
      limit: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(200)),
    }),
    response: v.object({
      entries: v.array(ActivityEntrySchema),
      /** Where older ones are; `null` where there are none. */
      older: v.nullable(v.string()),
      /** Whether there is any entry at all, whatever the filter. */
      empty: v.boolean(),
      state: TrailStateSchema,
    }),
  },
  /** Reads the whole trail; `activity.verifying` tells how far it is. */
  'activity.verify': { request: none, response: TrailCheckSchema },
  /** Asks where to, and writes the entries that the filter leaves: as their lines, or as a table. */
  'activity.export': {
    request: v.object({ filter: FilterSchema, format: v.picklist(['jsonl', 'csv']) }),
    response: saved,
  },
  /** Versions, places, checks, settings and the log's last lines, as Markdown without secrets. */
  'diagnostics.report': { request: report, response: v.object({ text: v.string() }) },
  'diagnostics.copy': { request: report, response: OutcomeSchema },
  /** Asks where to. */
  'diagnostics.save': { request: report, response: saved },
} as const;

export const activityEvents = {
  /** Entries were written. */
  'activity.changed': none,
  'activity.verifying': v.object({ entries: v.number() }),
} as const;
