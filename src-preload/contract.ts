import type * as v from 'valibot';
import { activityCalls, activityEvents } from './contract/activity.ts';
import { appCalls } from './contract/app.ts';
import { approvalCalls, approvalEvents } from './contract/approvals.ts';
import { authCalls, authEvents } from './contract/auth.ts';
import { bundleCalls, bundleEvents } from './contract/bundles.ts';
import { commandCalls, commandEvents } from './contract/command.ts';
import { desktopCalls, desktopEvents } from './contract/desktop.ts';
import { healthCalls } from './contract/health.ts';
import { isolationCalls } from './contract/isolation.ts';
import { issuerCalls } from './contract/issuers.ts';
import { networkCalls, networkEvents } from './contract/network.ts';
import { programCalls, programEvents } from './contract/programs.ts';
import { providerCalls, providerEvents } from './contract/providers.ts';
import { runningCalls, runningEvents } from './contract/running.ts';
import { sessionCalls, sessionEvents } from './contract/sessions.ts';
import { terminalCalls, terminalEvents } from './contract/terminals.ts';
import { tokenCalls } from './contract/tokens.ts';
import type { Failure } from './contract/values.ts';
import { vaultCalls, vaultEvents } from './contract/vault.ts';

/**
 * The contract between the main process and its windows: every call and every event, once, with the schemas that
 * main checks them against. Requests are checked when they arrive, responses and events before they leave, and
 * unknown fields are dropped in both directions, so nothing crosses that is not written here.
 *
 * Times are milliseconds since the Unix epoch, UTC, unless the name says otherwise.
 */

/** Every call a window can make. The key is the channel. */
export const calls = {
  ...authCalls,
  ...providerCalls,
  ...programCalls,
  ...isolationCalls,
  ...issuerCalls,
  ...networkCalls,
  ...commandCalls,
  ...approvalCalls,
  ...bundleCalls,
  ...healthCalls,
  ...activityCalls,
  ...desktopCalls,
  ...sessionCalls,
  ...appCalls,
  ...terminalCalls,
  ...runningCalls,
  ...vaultCalls,
  ...tokenCalls,
} as const;

/** Every event that main pushes to all windows. */
export const events = {
  ...authEvents,
  ...providerEvents,
  ...programEvents,
  ...bundleEvents,
  ...terminalEvents,
  ...runningEvents,
  ...activityEvents,
  ...desktopEvents,
  ...sessionEvents,
  ...approvalEvents,
  ...commandEvents,
  ...networkEvents,
  ...vaultEvents,
} as const;

export type Channel = keyof typeof calls;
export type Request<C extends Channel> = v.InferInput<(typeof calls)[C]['request']>;
export type Response<C extends Channel> = v.InferOutput<(typeof calls)[C]['response']>;
export type EventName = keyof typeof events;
export type EventPayload<E extends EventName> = v.InferOutput<(typeof events)[E]>;

/** How a call's answer crosses: a value, or an error as data. */
export type Reply<T> = { ok: true; value: T } | { ok: false; failure: Failure };

type Answer<C extends Channel> = Promise<Reply<Response<C>>>;
/** A call with a request, or without one where there is nothing to say. */
type Call<C extends Channel> = keyof Request<C> extends never
  ? () => Answer<C>
  : (request: Request<C>) => Answer<C>;
/** Registers a listener and returns the function that removes it. */
type Subscribe<E extends EventName> = (listener: (payload: EventPayload<E>) => void) => () => void;

type Group<Name extends string> = Name extends `${infer G}.${string}` ? G : never;
type Calls<G extends string> = {
  [C in Channel as C extends `${G}.${infer Method}` ? Method : never]: Call<C>;
};
type Subscriptions<G extends string> = {
  [E in EventName as E extends `${G}.${infer Method}` ? `on${Capitalize<Method>}` : never]: Subscribe<E>;
};

/** `window.lanyard`: all that a window can reach. The call `auth.start` is `auth.start(...)`, the event `auth.changed` is `auth.onChanged(...)`. */
export type LanyardBridge = {
  [G in Group<Channel | EventName>]: Calls<G> & Subscriptions<G>;
};
