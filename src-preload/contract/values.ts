import * as v from 'valibot';

/** What a person is told when something did not work. `code` is stable; the rest is text to show. */
export const FailureSchema = v.object({
  code: v.string(),
  title: v.string(),
  hint: v.string(),
  detail: v.optional(v.string()),
  /** What is wrong with single fields of a form, by their id. */
  fields: v.optional(v.record(v.string(), v.string())),
  /** The sign-in of ours that stands in the way and can be ended to go on (I-17). */
  blockedBy: v.optional(v.object({ sessionId: v.string() })),
  /** The provider whose account is missing: connecting it is what helps. */
  connect: v.optional(v.object({ providerId: v.string() })),
});
export type Failure = v.InferOutput<typeof FailureSchema>;

/** Ids that windows send back: of providers, bundles, accounts, sessions. */
export const IdSchema = v.pipe(v.string(), v.minLength(1), v.maxLength(128));
export const NameSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'A name is needed.'),
  v.maxLength(80, 'A name has at most 80 characters.'),
);
/** What a person typed into a form, by the ids of its fields. */
export const FormValuesSchema = v.pipe(
  v.record(IdSchema, v.pipe(v.string(), v.maxLength(2048, 'One of the values is too long.'))),
  v.check((values) => Object.keys(values).length <= 16, 'There are too many values.'),
);
export type FormValues = v.InferOutput<typeof FormValuesSchema>;

/** The outcome of an intent: done, or the reason why not. */
export const OutcomeSchema = v.variant('success', [
  v.object({ success: v.literal(true) }),
  v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
]);
export type Outcome = v.InferOutput<typeof OutcomeSchema>;

/** A row or file that could not be read: set aside and named, while everything else goes on. */
export const ProblemSchema = v.object({
  source: v.string(),
  line: v.optional(v.number()),
  reason: v.string(),
});
export type Problem = v.InferOutput<typeof ProblemSchema>;

/** Of a call that needs nothing said. */
export const none = v.object({});
