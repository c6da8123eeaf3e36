import { createHash, randomBytes } from 'node:crypto';

/** Random text for codes and made-up tokens. */
export function randomText(bytes = 12): string {
  return randomBytes(bytes).toString('hex');
}

/** Eight characters in two groups, such as `9F3A-01BC`. */
export function randomUserCode(): string {
  const text = randomText(4).toUpperCase();
  return `${text.slice(0, 4)}-${text.slice(4)}`;
}

/** RFC 7636 section 4.6, method S256. */
export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}

/** A three-part JWT whose signature nobody checks. */
export function unsignedJwt(claims: Record<string, unknown>): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.${encode('unsigned')}`;
}

/** What a person does on a provider's page. */
export type Decision = 'allow' | 'deny';

/** An authorisation code that was handed out and not yet exchanged. */
export interface GrantedCode {
  challenge: string | null;
  redirectUri: string;
  scope: string;
}

/** The redirect that ends a visit to an authorisation URL, and what a person would copy from the page instead. */
export interface Authorisation {
  code: string;
  /** `code#state`, as Claude's page shows it. */
  pasted: string;
  redirect: string;
}

/** The authorisation codes of one fake issuer. */
export class CodeBook {
  readonly #codes = new Map<string, GrantedCode>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Plays the page behind an authorisation URL (RFC 6749 sections 4.1.1 and 4.1.2). */
  visit(authorizeUrl: URL, decision: Decision, denial: string): Authorisation {
    const asked = authorizeUrl.searchParams;
    const redirectUri = asked.get('redirect_uri');
    if (!redirectUri) throw new Error(`no redirect_uri in ${authorizeUrl.pathname}`);
    const back = new URL(redirectUri);
    const code = `${this.#prefix}${randomText()}`;
    const state = asked.get('state') ?? '';
    if (decision === 'deny') {
      back.searchParams.set('error', 'access_denied');
      back.searchParams.set('error_description', denial);
    } else {
      this.#codes.set(code, {
        challenge: asked.get('code_challenge'),
        redirectUri,
        scope: asked.get('scope') ?? '',
      });
      back.searchParams.set('code', code);
    }
    if (state) back.searchParams.set('state', state);
    return { code, pasted: `${code}#${state}`, redirect: back.href };
  }

  /** Registers a code made elsewhere, such as at the end of a device flow. */
  grant(challenge: string, redirectUri: string): string {
    const code = `${this.#prefix}${randomText()}`;
    this.#codes.set(code, { challenge, redirectUri, scope: '' });
    return code;
  }

  /** Takes a code out of the book: `undefined` for an unknown or used one, and for a wrong PKCE verifier. */
  redeem(code: string | undefined, verifier: string | undefined): GrantedCode | undefined {
    const granted = code ? this.#codes.get(code) : undefined;
    if (!code || !granted) return undefined;
    this.#codes.delete(code);
    if (granted.challenge && challengeOf(verifier ?? '') !== granted.challenge) return undefined;
    return granted;
  }
}
