import * as v from 'valibot';
import { FailureSchema, IdSchema, none, OutcomeSchema } from './values.ts';

/** A line that the person typed for their own shell. */
const CommandSchema = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, 'A command is needed.'),
  v.maxLength(4096, 'A command has at most 4096 characters.'),
  v.check((line) => !/[\x00-\x1f\x7f]/.test(line), 'A command is one line.'),
);

const size = {
  columns: v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(1000)),
  rows: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)),
};
const tab = { tabId: IdSchema };
const bytes = v.instance(Uint8Array);

export const TerminalTabSchema = v.object({
  tabId: v.string(),
  bundleId: v.string(),
  /** Of the bundle as it was when the program started. */
  bundleName: v.string(),
  colour: v.string(),
  /** The line that was typed; null: the shell itself. */
  command: v.nullable(v.string()),
  /** The cloud session that it runs under, and ends with. */
  cloudSessionId: v.optional(v.string()),
  /** What the shell is called. */
  shell: v.string(),
  startedAt: v.number(),
  status: v.picklist(['running', 'ended']),
  /** How it ended; the code is null when a signal did it. */
  exit: v.optional(v.object({ code: v.nullable(v.number()), signal: v.nullable(v.string()) })),
  /** Variables of the person that were left out because they would override a login. */
  leftOut: v.array(v.string()),
});
export type TerminalTab = v.InferOutput<typeof TerminalTabSchema>;

const OpenedSchema = v.variant('success', [
  v.object({ success: v.literal(true), tab: TerminalTabSchema }),
  v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
]);

/** Terminals in the window: programs that run as a bundle. Offsets are bytes of a tab's output from its first on. */
export const terminalCalls = {
  'terminals.list': {
    request: none,
    response: v.object({
      tabs: v.array(TerminalTabSchema),
      /** A screen reader is known to be in use. */
      screenReader: v.boolean(),
    }),
  },
  /** Starts the person's shell, or one line in it, as a bundle. With `keep`, the line is offered again later. */
  'terminals.open': {
    request: v.object({
      bundleId: IdSchema,
      command: v.optional(CommandSchema),
      /** Under a cloud session of the bundle: it gets that one's credentials, and ends with it. */
      cloudSessionId: v.optional(IdSchema),
      keep: v.optional(v.boolean()),
      ...size,
    }),
    response: OpenedSchema,
  },
  /** What the tab has said, as far as it is kept; from then on it is told as it comes. Again after a reload. */
  'terminals.attach': { request: v.object(tab), response: v.object({ bytes, end: v.number() }) },
  /** The window shows it no longer. */
  'terminals.detach': { request: v.object(tab), response: none },
  /** The window has shown everything up to here. `attached: false`: it missed some, and has to attach again. */
  'terminals.read': {
    request: v.object({ ...tab, upTo: v.number() }),
    response: v.object({ attached: v.boolean() }),
  },
  /** Keys and pasted text. */
  'terminals.write': {
    request: v.object({ ...tab, text: v.pipe(v.string(), v.maxLength(65_536)) }),
    response: OutcomeSchema,
  },
  'terminals.resize': { request: v.object({ ...tab, ...size }), response: none },
  /** Whether closing it would end more than a shell that waits for a line. */
  'terminals.isBusy': { request: v.object(tab), response: v.object({ busy: v.boolean() }) },
  /** Ends what runs there and all its children, and closes the tab. */
  'terminals.close': { request: v.object(tab), response: OutcomeSchema },
  /** Ends what runs there and starts the same again, with the accounts as they are now. */
  'terminals.restart': { request: v.object(tab), response: OpenedSchema },
  /** Commands that the person wanted kept, the last used first. */
  'terminals.commands': {
    request: v.object({ bundleId: IdSchema }),
    response: v.object({ commands: v.array(v.string()) }),
  },
  'terminals.forgetCommand': {
    request: v.object({ bundleId: IdSchema, command: v.pipe(v.string(), v.maxLength(4096)) }),
    response: OutcomeSchema,
  },
  /** Opens a web address that a terminal shows, after the person has said so. */
  'terminals.openLink': {
    request: v.object({ ...tab, url: v.pipe(v.string(), v.maxLength(4096)) }),
    response: OutcomeSchema,
  },
  /** Text that the person marked in a terminal. */
  'terminals.copy': {
    request: v.object({ text: v.pipe(v.string(), v.maxLength(4 * 1024 * 1024)) }),
    response: none,
  },
  /** The clipboard's text, for pasting into a terminal. */
  'terminals.readClipboard': { request: none, response: v.object({ text: v.string() }) },
} as const;

export const terminalEvents = {
  /** `from`: how many bytes of the tab came before these. */
  'terminals.output': v.object({ tabId: v.string(), from: v.number(), bytes }),
  /** A tab came, went, or ended. */
  'terminals.changed': none,
} as const;
