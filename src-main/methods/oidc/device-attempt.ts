import type { Delivery } from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { pollDevice } from '../../oauth/device-poll.ts';
import { issuerLink } from '../../oauth/issuer-link.ts';
import type { OidcClient } from '../../oauth/oidc-client.ts';
import type { TokenSet } from '../../oauth/token-set.ts';
import { OidcAttempt } from './oidc-attempt.ts';

/** The device flow (RFC 8628): a code that is entered on any computer. */
export class DeviceAttempt extends OidcAttempt {
  async submit(): Promise<Delivery> {
    return { delivered: false, failure: signInFailures.pasteNotTaken(this.issuer.name) };
  }

  protected async signIn(client: OidcClient): Promise<TokenSet> {
    const { clock } = this.parts;
    const startedAt = clock.now();
    const authorization = await client.startDevice();
    this.hide(authorization.deviceCode);
    const { userCode, verificationUri, verificationUriComplete, lifetimeMs } = authorization;
    this.emit({
      type: 'code',
      code: userCode,
      verificationUrl: issuerLink(verificationUri),
      ...(verificationUriComplete === null ? {} : { completeUrl: issuerLink(verificationUriComplete) }),
      lifetimeMs,
    });
    return pollDevice({
      ask: (code) => client.pollDevice(code),
      authorization,
      startedAt,
      clock,
      signal: this.stop.signal,
    });
  }

  protected async dispose(): Promise<void> {}

  /** There is no page of ours to answer. */
  protected async tellBrowser(): Promise<void> {}
}
