import * as v from 'valibot';
import { none, OutcomeSchema } from './values.ts';

/** An account that a program was started with, and what it is now. */
const RunningLoginSchema = v.object({
  providerId: v.string(),
  /** Whose it was when the program started. */
  startedAs: v.string(),
  /** Whose it is now; absent: nobody's. */
  now: v.optional(v.string()),
  /**
   * `somebody-else`: its own CLI now says another person; `replaced`: signed in again since, and the program still has
   * the login from before; `gone`: signed out.
   */
  state: v.picklist(['same', 'somebody-else', 'replaced', 'gone']),
});
export type RunningLogin = v.InferOutput<typeof RunningLoginSchema>;

export const RunningViewSchema = v.object({
  id: v.string(),
  bundleId: v.string(),
  /** As it was when the program started. */
  bundleName: v.string(),
  colour: v.string(),
  bundleGone: v.boolean(),
  command: v.string(),
  since: v.number(),
  /** A tab has the program's id. */
  origin: v.picklist(['tab', 'terminal', 'command']),
  pid: v.number(),
  cloudSessionId: v.optional(v.string()),
  logins: v.array(RunningLoginSchema),
});
export type RunningView = v.InferOutput<typeof RunningViewSchema>;

/** A program that was not started through Lanyard and holds a login that was replaced or signed out. */
const OtherHolderSchema = v.object({ id: v.string(), pid: v.number(), name: v.string() });
export type OtherHolder = v.InferOutput<typeof OtherHolderSchema>;

export const runningCalls = {
  /** What runs as which bundle. */
  'running.list': {
    request: none,
    response: v.object({ programs: v.array(RunningViewSchema), others: v.array(OtherHolderSchema) }),
  },
  /** Ends one of them, with everything that it started. */
  'running.end': {
    request: v.object({ id: v.pipe(v.string(), v.minLength(1), v.maxLength(256)) }),
    response: OutcomeSchema,
  },
} as const;

export const runningEvents = { 'running.changed': none } as const;
