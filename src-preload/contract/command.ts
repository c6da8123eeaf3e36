import * as v from 'valibot';
import { none, OutcomeSchema } from './values.ts';

const CommandStateSchema = v.object({
  /** It came with this copy of Lanyard. */
  available: v.boolean(),
  /** `older`: what is there belongs to another copy of Lanyard, and is replaced by installing. */
  installed: v.picklist(['no', 'ours', 'older']),
  /** Where it is, or would be. */
  path: v.string(),
  /** What to type so that shells find it; `null` where they do. */
  pathLine: v.nullable(v.string()),
});
export type CommandState = v.InferOutput<typeof CommandStateSchema>;

/** The `lanyard` command in terminals. */
export const commandCalls = {
  'command.state': { request: none, response: CommandStateSchema },
  'command.install': { request: none, response: OutcomeSchema },
  /** Takes away what `command.install` made, and nothing else. */
  'command.remove': { request: none, response: OutcomeSchema },
  /** Puts the line of `pathLine` on the clipboard. */
  'command.copyPathLine': { request: none, response: OutcomeSchema },
} as const;
