import * as v from 'valibot';
import { Secret } from '../vault/secret.ts';

/** Who an ID token or a user info answer says it is; each only when known. */
export interface TokenIdentity {
  issuer: string;
  subject: string;
  email?: string;
  name?: string;
}

/** Tokens of one account, as the vault keeps them. */
export interface TokenSet {
  accessToken: Secret;
  refreshToken: Secret | null;
  /** For revoking and ending a session; its claims of interest stand in `identity`. */
  idToken: Secret | null;
  /** Seconds since the Unix epoch, UTC (T-1). */
  expiresAt: number;
  scope: string;
  identity: TokenIdentity | null;
  /** When these were refreshed, ms since the Unix epoch, UTC; null for those of the sign-in. */
  refreshedAt: number | null;
  /** The issuer refused the refresh token: it is not asked again. */
  refused: boolean;
}

/** A server that does not say how long a token lives (T-1), s. */
const assumedLifetimeSeconds = 3600;
/** A token is taken for expired this long before it is, s: it has to arrive somewhere. */
const marginSeconds = 30;

/** `expiresAt` of a token that does not end by itself: the last second of the year 9999. */
export const neverExpires = 253_402_300_799;

/** @param expiresIn seconds from now, where the server said so; @param now ms since the Unix epoch, UTC */
export function expiryOf(expiresIn: number | undefined, now: number): number {
  const lifetime =
    expiresIn !== undefined && Number.isFinite(expiresIn) && expiresIn >= 0
      ? expiresIn
      : assumedLifetimeSeconds;
  return Math.floor(now / 1000) + Math.floor(lifetime);
}

/** @param now ms since the Unix epoch, UTC */
export function isExpired(tokens: Pick<TokenSet, 'expiresAt'>, now: number): boolean {
  return tokens.expiresAt - marginSeconds <= now / 1000;
}

const StoredSchema = v.object({
  version: v.literal(1),
  access_token: v.pipe(v.string(), v.minLength(1)),
  refresh_token: v.optional(v.pipe(v.string(), v.minLength(1))),
  id_token: v.optional(v.string()),
  expires_at: v.pipe(v.number(), v.integer()),
  scope: v.string(),
  refreshed_at: v.optional(v.pipe(v.number(), v.integer())),
  refused: v.optional(v.boolean()),
  identity: v.optional(
    v.object({
      issuer: v.string(),
      subject: v.string(),
      email: v.exactOptional(v.string()),
      name: v.exactOptional(v.string()),
    }),
  ),
});

/** What goes into the vault. */
export function sealTokens(tokens: TokenSet): Secret {
  return new Secret(
    JSON.stringify({
      version: 1,
      access_token: tokens.accessToken.reveal(),
      ...(tokens.refreshToken ? { refresh_token: tokens.refreshToken.reveal() } : {}),
      ...(tokens.idToken ? { id_token: tokens.idToken.reveal() } : {}),
      expires_at: tokens.expiresAt,
      scope: tokens.scope,
      ...(tokens.refreshedAt === null ? {} : { refreshed_at: tokens.refreshedAt }),
      ...(tokens.refused ? { refused: true } : {}),
      ...(tokens.identity ? { identity: tokens.identity } : {}),
    }),
  );
}

/** What came out of the vault; null when it is not what {@link sealTokens} made. */
export function openTokens(sealed: Secret): TokenSet | null {
  try {
    const stored = v.parse(StoredSchema, JSON.parse(sealed.reveal()));
    return {
      accessToken: new Secret(stored.access_token),
      refreshToken: stored.refresh_token === undefined ? null : new Secret(stored.refresh_token),
      idToken: stored.id_token === undefined ? null : new Secret(stored.id_token),
      expiresAt: stored.expires_at,
      scope: stored.scope,
      identity: stored.identity ?? null,
      refreshedAt: stored.refreshed_at ?? null,
      refused: stored.refused ?? false,
    };
  } catch {
    // The error would quote the text.
    return null;
  }
}
