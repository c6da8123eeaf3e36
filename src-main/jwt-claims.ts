/**
 * What a JWT says (RFC 7519), without a look at its signature: for tokens that came from their issuer, or that their
 * reader will check.
 * @returns undefined for a text that is no such token
 */
export function jwtClaims(token: string): Readonly<Record<string, unknown>> | undefined {
  const [, payload = ''] = token.split('.');
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? { ...claims } : undefined;
  } catch {
    return undefined;
  }
}
