import * as v from 'valibot';
import { CredentialPlaceSchema } from './isolation.ts';
import { ProgramViewSchema } from './programs.ts';
import { none, ProblemSchema } from './values.ts';

/** One field of the form that comes before a sign-in. */
export const ParameterViewSchema = v.object({
  id: v.string(),
  label: v.string(),
  hint: v.optional(v.string()),
  example: v.string(),
  required: v.boolean(),
  default: v.optional(v.string()),
});
export type ParameterView = v.InferOutput<typeof ParameterViewSchema>;

export const FlowViewSchema = v.object({
  id: v.string(),
  label: v.string(),
  kind: v.picklist(['browser', 'device-code', 'paste']),
  /** How the program is run: behind pipes, or in a terminal of its own. */
  transport: v.picklist(['pipe', 'pty']),
  /** CLI version this way was checked against, or `unverified`. */
  verified: v.string(),
  /** Versions of the program that know this way, as a range; absent: any. */
  needs: v.optional(v.string()),
  /** Whether the installed version is one of them, as far as it is known. */
  fits: v.boolean(),
  /** False where Lanyard runs it itself. */
  needsProgram: v.boolean(),
  /** Port of this machine that only one sign-in can have at a time (I-17). */
  port: v.optional(v.number()),
  /** Asked before it starts; mostly empty. */
  parameters: v.array(ParameterViewSchema),
});
export type FlowView = v.InferOutput<typeof FlowViewSchema>;

export const ProviderViewSchema = v.object({
  id: v.string(),
  name: v.string(),
  vendor: v.string(),
  /** Two letters that stand for the provider where there is no room for its name. */
  mark: v.string(),
  aliases: v.array(v.string()),
  /** The first is the one that Connect starts; those that the installed program does not know come last. */
  flows: v.array(FlowViewSchema),
  origin: v.picklist(['built-in', 'user']),
  program: ProgramViewSchema,
  /** CLI version the definition was checked against, or `unverified`. */
  verified: v.string(),
  acceptsApiKey: v.boolean(),
  /** An OpenID Connect or OAuth issuer: Lanyard runs the flow itself and keeps the tokens. */
  issuer: v.boolean(),
  /** How a sign-in is proven, in words. */
  proof: v.string(),
  /** Where the login is kept on this system; absent: nobody knows. */
  place: v.optional(CredentialPlaceSchema),
  /** What the provider calls such a key: a personal access token, or an API key when absent. */
  keyKind: v.optional(v.literal('pat')),
});
export type ProviderView = v.InferOutput<typeof ProviderViewSchema>;

export const providerCalls = {
  'providers.list': {
    request: none,
    response: v.object({ providers: v.array(ProviderViewSchema), problems: v.array(ProblemSchema) }),
  },
  /**
   * Looks for the programs and reads the user-defined providers again. With `askVersions` also the programs whose files
   * have not changed are asked for their version.
   */
  'providers.refresh': { request: v.object({ askVersions: v.boolean() }), response: none },
} as const;

export const providerEvents = { 'providers.changed': none } as const;
