import type { Failure } from '../../../src-preload/contract/values.ts';
import type { Confirmation, Delivery, SignInAttempt, SignInEnd, SignInEvent } from '../../broker/method.ts';
import { signInFailures } from '../../broker/sign-in-failures.ts';
import { OAuthError } from '../../oauth/oauth-error.ts';
import { oauthFailure } from '../../oauth/oauth-failures.ts';
import { OidcClient } from '../../oauth/oidc-client.ts';
import type { OAuthPhase } from '../../oauth/progress.ts';
import { sealTokens, type TokenSet } from '../../oauth/token-set.ts';
import type { Secret } from '../../vault/secret.ts';
import { EventQueue } from '../event-queue.ts';
import type { NamedIssuer, OidcMethodParts } from './oidc-method.ts';

/** What both ways to an issuer share: metadata, events, and the tokens as proof. */
export abstract class OidcAttempt implements SignInAttempt {
  protected readonly parts: OidcMethodParts;
  protected readonly issuer: NamedIssuer;
  protected readonly stop = new AbortController();
  readonly #events = new EventQueue<SignInEvent>();
  readonly #running: Promise<void>;
  #tokens: TokenSet | null = null;

  constructor(parts: OidcMethodParts, issuer: NamedIssuer) {
    this.parts = parts;
    this.issuer = issuer;
    // In a later turn: the class below is not made yet.
    this.#running = Promise.resolve().then(() => this.#run());
  }

  [Symbol.asyncIterator](): AsyncIterator<SignInEvent> {
    return this.#events[Symbol.asyncIterator]();
  }

  async cancel(): Promise<void> {
    this.stop.abort();
    this.#events.end();
    await this.#running;
    await this.dispose();
  }

  /** There is no directory, and nothing that writes. */
  async settle(): Promise<void> {}

  async confirm(): Promise<Confirmation> {
    const tokens = this.#tokens;
    if (!tokens) return { signedIn: false, failure: signInFailures.ended() };
    this.phase({ phase: 'persisting-credentials' });
    const { identity } = tokens;
    return {
      signedIn: true,
      identity: {
        issuer: identity?.issuer ?? this.issuer.url,
        ...(identity ? { accountId: identity.subject } : {}),
        ...(identity?.email === undefined ? {} : { email: identity.email }),
        ...(identity?.name === undefined ? {} : { login: identity.name }),
      },
      yielded: { secret: sealTokens(tokens) },
    };
  }

  abstract submit(text: string): Promise<Delivery>;

  async ended(end: SignInEnd): Promise<void> {
    if (end.success) this.phase({ phase: 'succeeded' });
    await this.tellBrowser(end, this.#tokens?.identity?.email ?? this.#tokens?.identity?.name ?? null);
  }

  /** Signs in; throws OAuthError. */
  protected abstract signIn(client: OidcClient): Promise<TokenSet>;
  /** Lets go of what is still open. */
  protected abstract dispose(): Promise<void>;
  protected abstract tellBrowser(end: SignInEnd, who: string | null): Promise<void>;

  /** What is known of a failure here and nowhere else; null for the usual words. */
  protected async explain(_error: OAuthError): Promise<Failure | null> {
    return null;
  }

  protected emit(event: SignInEvent): void {
    this.#events.push(event);
  }

  /** Also for the transcript: there is no CLI that would say something. */
  protected readonly phase = (phase: OAuthPhase): void => {
    this.emit({ type: 'progress', phase });
    this.emit({ type: 'line', text: phaseLine(phase) });
  };

  /** From now on it stands in no transcript and no log. */
  protected hide(secret: Secret): void {
    this.parts.redactor.add(secret);
  }

  async #run(): Promise<void> {
    const { fetch, clock } = this.parts;
    const { url, clientId, scopes, parameters, restriction, endpoints } = this.issuer;
    this.emit({ type: 'started', command: `Sign-in at ${hostOf(url)}` });
    try {
      const client = await OidcClient.discover(
        { issuer: url, clientId, scopes, parameters, restriction, ...(endpoints ? { endpoints } : {}) },
        { fetch, clock, signal: this.stop.signal },
      );
      const signedIn = await this.signIn(client);
      if (this.stop.signal.aborted) return;
      this.#hideTokens(signedIn);
      const tokens = await client.identified(signedIn);
      if (this.stop.signal.aborted) return;
      this.#tokens = tokens;
      this.emit({ type: 'completed', by: 'exit' });
    } catch (error) {
      if (!this.stop.signal.aborted) await this.#fail(error);
    }
    this.#events.end();
  }

  #hideTokens({ accessToken, refreshToken, idToken }: TokenSet): void {
    for (const secret of [accessToken, refreshToken, idToken]) if (secret) this.hide(secret);
  }

  async #fail(error: unknown): Promise<void> {
    if (!(error instanceof OAuthError)) {
      this.emit({ type: 'failed', failure: signInFailures.internal() });
      return;
    }
    this.phase({ phase: 'failed', stage: error.stage, category: error.category, message: error.message });
    this.emit({
      type: 'failed',
      failure: (await this.explain(error)) ?? oauthFailure(error, this.issuer.name),
    });
  }
}

/** A step with what is known of it; no value of a phase is secret. */
function phaseLine({ phase, ...facts }: OAuthPhase): string {
  const known = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  return known.length === 0 ? phase : `${phase}: ${known.join(', ')}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
