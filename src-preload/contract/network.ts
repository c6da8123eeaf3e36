import * as v from 'valibot';
import { FailureSchema, IdSchema, none, OutcomeSchema } from './values.ts';

const ModeSchema = v.picklist(['system', 'none', 'manual']);
export type ProxyMode = v.InferOutput<typeof ModeSchema>;

/** What a person fills in for the proxy. The rest counts only when it is set by hand. */
export const ProxyFormSchema = v.object({
  mode: ModeSchema,
  address: v.pipe(v.string(), v.trim(), v.maxLength(300)),
  /** Empty where the proxy asks for nobody. */
  user: v.pipe(v.string(), v.maxLength(200)),
  /** Empty to keep the one that is kept. */
  password: v.pipe(v.string(), v.maxLength(1024)),
  /** Separated by commas or spaces. */
  bypass: v.pipe(v.string(), v.trim(), v.maxLength(4_000)),
});
export type ProxyForm = v.InferOutput<typeof ProxyFormSchema>;

/** How requests reach the network. The password is not in it. */
export const NetworkStateSchema = v.object({
  proxy: v.object({ mode: ModeSchema, address: v.string(), user: v.string(), bypass: v.string() }),
  /** `unavailable`: there should be one, but the vault does not give it out now. */
  password: v.picklist(['none', 'kept', 'unavailable']),
  /** What stands in the way of the password. */
  passwordFailure: v.nullable(FailureSchema),
  /** Certificate authorities that are trusted besides the system's. */
  authorities: v.array(v.object({ name: v.string(), expiresAt: v.number(), fingerprint: v.string() })),
});
export type NetworkState = v.InferOutput<typeof NetworkStateSchema>;

const WaySchema = v.variant('kind', [
  v.object({ kind: v.literal('direct') }),
  /** `host:port` */
  v.object({ kind: v.literal('proxy'), address: v.string() }),
]);

const NetworkTestSchema = v.variant('success', [
  v.object({
    success: v.literal(true),
    host: v.string(),
    way: WaySchema,
    /** Its certificate was checked; false for a server on this machine without one. */
    secure: v.boolean(),
    /** HTTP status: any answer will do. */
    status: v.number(),
  }),
  v.object({
    success: v.literal(false),
    host: v.string(),
    way: WaySchema,
    /** Where it ended. */
    step: v.picklist(['resolve', 'proxy', 'connect', 'tls', 'answer']),
    failure: FailureSchema,
  }),
]);
export type NetworkTest = v.InferOutput<typeof NetworkTestSchema>;

/** How Lanyard, and what it starts, reach the network. */
export const networkCalls = {
  'network.state': { request: none, response: NetworkStateSchema },
  /** Saves it and uses it from now on, or changes nothing. */
  'network.saveProxy': { request: ProxyFormSchema, response: OutcomeSchema },
  /** Asks for a file in main's own dialog; it takes the place of those there were. None are added when it is closed. */
  'network.chooseAuthorities': {
    request: none,
    response: v.variant('success', [
      v.object({ success: v.literal(true), added: v.number() }),
      v.object({ success: v.literal(false), reason: v.string(), failure: FailureSchema }),
    ]),
  },
  'network.removeAuthorities': { request: none, response: OutcomeSchema },
  /** One request to where a provider's sign-in or keys are checked. */
  'network.test': { request: v.object({ providerId: IdSchema }), response: NetworkTestSchema },
} as const;

export const networkEvents = {
  'network.changed': none,
} as const;
