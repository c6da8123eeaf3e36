import { rmSync } from 'node:fs';
import type { SsoServices } from '../../cloud/sources/sso-clients.ts';
import { cachedTokens } from '../../cloud/sources/sso-token-file.ts';
import { LanyardError } from '../../failures.ts';
import { rejectionIn } from '../../oauth/oidc-client.ts';
import { Secret } from '../../vault/secret.ts';

const deadlineMs = 20_000;

/**
 * What `aws sso logout` does (2.9), without the AWS CLI: tells AWS that each token is done with, and removes its file. One
 * that AWS no longer knows is done with.
 * @param home the account's own directory
 * @throws LanyardError `logout_failed` when AWS could not be told; the files are gone all the same
 */
export async function signOutOfIdentityCenter(home: string, services: SsoServices): Promise<void> {
  const tokens = cachedTokens(home);
  if (tokens.length === 0) return;
  const { SsoService } = await import('./sso-service.ts');
  const signal = AbortSignal.timeout(deadlineMs);
  let fault: unknown = null;
  for (const { accessToken, region, file } of tokens) {
    try {
      await new SsoService(region, services, signal).logout(new Secret(accessToken));
    } catch (error) {
      if (rejectionIn(error)?.provider.status !== 401) fault ??= error;
    }
    rmSync(file, { force: true });
  }
  if (fault === null) return;
  throw new LanyardError(
    {
      code: 'logout_failed',
      title: 'AWS could not be told that this sign-in is over',
      hint: 'The account is removed here. Its sign-in ends by itself within hours; an administrator can end it sooner.',
      ...(fault instanceof Error ? { detail: fault.message } : {}),
    },
    { cause: fault },
  );
}
