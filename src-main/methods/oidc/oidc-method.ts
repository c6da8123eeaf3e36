import type { SignInAttempt, SignInMethod, SignInRequest } from '../../broker/method.ts';
import type { Clock } from '../../clock.ts';
import type { PreviousListeners } from '../../oauth/callback-listener.ts';
import type { CallbackTemplates } from '../../oauth/callback-page.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { PortHolder } from '../../process/port-holder.ts';
import type { IssuerDefinition } from '../../providers/definition.ts';
import type { Redactor } from '../../vault/redact.ts';
import { BrowserAttempt } from './browser-attempt.ts';
import { DeviceAttempt } from './device-attempt.ts';

export interface OidcMethodParts {
  fetch: Fetch;
  clock: Clock;
  redactor: Redactor;
  templates: CallbackTemplates;
  previous: PreviousListeners;
  /** Who has a port of this machine; null when nobody has. */
  portHolder: (port: number) => Promise<PortHolder | null>;
}

/** Signs in to an OpenID Connect or OAuth 2.0 issuer without any CLI. */
export class OidcMethod implements SignInMethod {
  readonly #parts: OidcMethodParts;

  constructor(parts: OidcMethodParts) {
    this.#parts = parts;
  }

  start(request: SignInRequest): SignInAttempt {
    const { provider, flow } = request;
    if (!provider.issuer) throw new Error(`${provider.id} is no issuer`);
    const issuer: NamedIssuer = { name: provider.name, ...provider.issuer };
    return flow.kind === 'device-code'
      ? new DeviceAttempt(this.#parts, issuer)
      : new BrowserAttempt(this.#parts, issuer);
  }
}

/** An issuer and what the person calls it. */
export interface NamedIssuer extends IssuerDefinition {
  name: string;
}
