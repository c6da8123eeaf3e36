import * as v from 'valibot';
import { IdSchema, none, OutcomeSchema } from './values.ts';

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

/** The tools that can ask Lanyard for credentials, each in a protocol of its own. */
export const ToolIdSchema = v.picklist(['aws', 'git', 'docker', 'kubernetes', 'gcp']);
export type ToolId = v.InferOutput<typeof ToolIdSchema>;

const HookGuideSchema = v.object({
  id: ToolIdSchema,
  title: v.string(),
  /** Where the lines go, in words. */
  where: v.string(),
  /** To paste as they are. */
  lines: v.string(),
});
export type HookGuide = v.InferOutput<typeof HookGuideSchema>;

/** In words, without anything secret. */
const HookTestSchema = v.object({ works: v.boolean(), says: v.string() });
export type HookTest = v.InferOutput<typeof HookTestSchema>;

const ToolOfSchema = v.object({ bundleId: IdSchema, tool: ToolIdSchema });

/** What a tool had us keep, without its secret. */
const KeptCredentialSchema = v.object({
  id: v.string(),
  tool: v.picklist(['git', 'docker']),
  /** Where it is for, as the tool names it. */
  address: v.string(),
  username: v.string(),
  keptAt: v.number(),
});
export type KeptCredential = v.InferOutput<typeof KeptCredentialSchema>;

/** The `lanyard` command in terminals. */
export const commandCalls = {
  'command.state': { request: none, response: CommandStateSchema },
  'command.install': { request: none, response: OutcomeSchema },
  /** Takes away what `command.install` made, and nothing else. */
  'command.remove': { request: none, response: OutcomeSchema },
  /** Puts the line of `pathLine` on the clipboard. */
  'command.copyPathLine': { request: none, response: OutcomeSchema },
  /** What to paste where, so that other tools ask Lanyard for an identity's credentials. */
  'command.tools': {
    request: v.object({ bundleId: IdSchema }),
    response: v.object({ tools: v.array(HookGuideSchema) }),
  },
  'command.copyToolLines': { request: ToolOfSchema, response: OutcomeSchema },
  /** Asks as the tool would, and says what came of it. */
  'command.testTool': { request: ToolOfSchema, response: HookTestSchema },
  /** What tools had us keep for an identity, the last one first. Fails as `kept_list_damaged`. */
  'command.kept': {
    request: v.object({ bundleId: IdSchema }),
    response: v.object({ kept: v.array(KeptCredentialSchema) }),
  },
  /** Deletes one with its secret. Fails as `kept_list_damaged`, `could_not_save`, or with a fault of the vault. */
  'command.forgetKept': {
    request: v.object({ keptId: IdSchema }),
    response: OutcomeSchema,
  },
} as const;

export const commandEvents = {
  /** A tool had something kept or deleted. */
  'command.keptChanged': none,
} as const;
