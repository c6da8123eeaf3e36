import * as v from 'valibot';

/**
 * What the command and the house say to each other; the other side is `command/frames.go`. Raised when one side could
 * misunderstand the other. `err` and `exit` stay what they are for good, so that the house can say who is too old.
 */
export const protocolVersion = 1;

/** Of the first frame: arguments and environment of a process have together at most 2 MiB on Linux, in bytes. */
export const longestHello = 4 * 1024 * 1024;

const VariableSchema = v.tuple([v.string(), v.string()]);

/** The first frame: who asks for what, from where. */
export const HelloSchema = v.object({
  lanyard: v.literal(protocolVersion),
  /** Of the command. */
  version: v.string(),
  /** Without the program's own name. */
  argv: v.array(v.string()),
  cwd: v.string(),
  tty: v.object({ in: v.boolean(), out: v.boolean(), err: v.boolean() }),
  size: v.optional(v.object({ columns: v.number(), rows: v.number() })),
  environment: v.array(VariableSchema),
  pid: v.number(),
});
export type Hello = v.InferOutput<typeof HelloSchema>;

/** Only what is needed to tell a command of another version from something that is no command at all. */
export const AnyHelloSchema = v.object({ lanyard: v.number() });

/** Every later frame of the command's. */
export const ReplySchema = v.union([
  v.object({ answer: v.number(), text: v.optional(v.string()) }),
  v.object({
    isInput: v.literal(true),
    input: v.optional(v.pipe(v.string(), v.base64())),
    tooLong: v.optional(v.boolean()),
  }),
  v.object({ started: v.number() }),
  v.object({ notStarted: v.string() }),
]);

/** What the command is to do. It sends `bytes` on, or asks, or becomes a program; after `exec` and `exit` comes nothing. */
export type Instruction =
  | { do: 'out' | 'err'; bytes: string }
  | { do: 'ask'; id: number; prompt: string; hidden: boolean }
  | { do: 'read'; most: number }
  | {
      do: 'exec';
      file: string;
      argv: string[];
      environment: [string, string][];
      cwd: string;
      missing?: string;
    }
  | { do: 'exit'; code: number };
