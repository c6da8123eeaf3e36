import type { Fetch } from '../oauth/provider-http.ts';
import type { Route } from './network-settings.ts';

/** The way that a request takes. */
export type Way = { kind: 'direct' } | { kind: 'proxy'; address: string };

/** What makes Lanyard's own requests: Chromium's network stack in the app, undici without it. */
export interface Transport {
  fetch: Fetch;
  /** From now on requests go this way; what is under way may still go the old one. */
  use(route: Route): Promise<void>;
  /** Which way a request to this address would take now. */
  wayTo(url: string): Promise<Way>;
}
