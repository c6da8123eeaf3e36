import type { Failure } from '../../../src-preload/contract/values.ts';
import type { Delivery, SignInEnd } from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { CallbackListener, type ReceivedCallback } from '../../oauth/callback-listener.ts';
import type { CallbackPage } from '../../oauth/callback-page.ts';
import { issuerLink } from '../../oauth/issuer-link.ts';
import { OAuthError } from '../../oauth/oauth-error.ts';
import { OidcClient } from '../../oauth/oidc-client.ts';
import type { TokenSet } from '../../oauth/token-set.ts';
import { Secret } from '../../vault/secret.ts';
import { decidePaste } from '../pasted-text.ts';
import { OidcAttempt } from './oidc-attempt.ts';

const pageDeadlineMs = 2_000;

/** Authorization code with PKCE over a loopback redirect (RFC 8252, RFC 7636). */
export class BrowserAttempt extends OidcAttempt {
  #listener: CallbackListener | null = null;
  #held: ReceivedCallback | null = null;
  #link: string | null = null;
  #pasted: (url: URL) => void = () => {};

  async submit(text: string): Promise<Delivery> {
    if (this.#link === null) return { delivered: false, failure: signInFailures.notReady() };
    const decision = decidePaste(text, { kind: 'callback' }, { printed: this.#link, captured: null });
    if (decision.kind === 'refuse') return { delivered: false, failure: decision.failure };
    if (decision.kind !== 'replay') return { delivered: false, failure: signInFailures.notReady() };
    this.#pasted(decision.url);
    return { delivered: true };
  }

  protected async signIn(client: OidcClient): Promise<TokenSet> {
    const { clock, templates, previous } = this.parts;
    const { callback } = this.issuer;
    // The redirect URI is part of the link, and the state is part of the listener.
    const checks = OidcClient.newChecks('');
    this.hide(new Secret(checks.state));
    this.hide(checks.verifier);
    const listener = await CallbackListener.open({
      state: checks.state,
      port: callback.port,
      path: callback.path,
      templates,
      clock,
      onPhase: this.phase,
      previous,
      signal: this.stop.signal,
    });
    this.#listener = listener;
    checks.redirectUri = listener.redirectUri;
    const pasted = new Promise<URL>((resolve) => {
      this.#pasted = resolve;
    });
    this.#link = issuerLink(await client.authorizationUrl(checks));
    this.phase({ phase: 'opening-browser' });
    this.emit({ type: 'link', url: this.#link, trust: 'listed', source: 'printed' });
    this.phase({ phase: 'waiting-for-callback' });
    const url = await this.#redirect(listener, pasted);
    const code = url.searchParams.get('code');
    if (code) this.hide(new Secret(code));
    this.phase({ phase: 'exchanging-token' });
    return client.exchange(url, checks);
  }

  /** A fixed port that stays taken is named as that of a CLI is, with who has it (I-17). */
  protected override async explain(error: OAuthError): Promise<Failure | null> {
    const { port } = this.issuer.callback;
    if (error.category !== 'local_server_unavailable' || port === 0) return null;
    const { title, hint, detail } = signInFailures.portInUse(
      this.issuer.name,
      port,
      (await this.parts.portHolder(port)) ?? {},
    );
    return {
      code: error.category,
      title,
      hint,
      detail: [detail, error.message].filter((part) => part !== undefined).join(' '),
    };
  }

  protected async dispose(): Promise<void> {
    await this.#listener?.close();
  }

  protected async tellBrowser(end: SignInEnd, who: string | null): Promise<void> {
    const held = this.#held;
    if (!held) return;
    await new Promise<void>((resolve) => {
      // A browser that does not take its page keeps nobody waiting.
      const stop = this.parts.clock.after(pageDeadlineMs, resolve);
      void held.answer(end.success ? signedInPage(this.issuer.name, who) : failedPage(end)).then(() => {
        stop();
        resolve();
      });
    });
  }

  /** The redirect, from the browser or pasted. */
  async #redirect(listener: CallbackListener, pasted: Promise<URL>): Promise<URL> {
    const { signal } = this.stop;
    const ended = new Promise<null>((resolve) => {
      if (signal.aborted) resolve(null);
      signal.addEventListener('abort', () => resolve(null), { once: true });
    });
    const displaced = listener.displaced.then(() => null);
    const received = listener.received.then((held) => {
      this.#held = held;
      return held.url;
    });
    const url = await Promise.race([received, pasted, displaced, ended]);
    if (url) return url;
    // The port is wanted by a newer sign-in: it is free when this returns.
    await listener.close();
    throw new OAuthError('wait-for-callback', 'login_cancelled', 'another sign-in took the port');
  }
}

function signedInPage(issuer: string, who: string | null): CallbackPage {
  return {
    status: 200,
    outcome: 'success',
    title: who === null ? 'You are signed in' : `Signed in as ${who}`,
    text: [`Lanyard has your sign-in to ${issuer}.`, 'You can close this tab.'],
  };
}

function failedPage({ failure }: Extract<SignInEnd, { success: false }>): CallbackPage {
  return {
    status: 400,
    outcome: 'failure',
    title: failure.title,
    text: [failure.hint, 'You can close this tab and go back to Lanyard.'],
  };
}
