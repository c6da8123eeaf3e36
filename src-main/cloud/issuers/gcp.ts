import { DownscopedClient, OAuth2Client } from 'google-auth-library';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { googleFetch } from '../../network/sdk-requests.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import { Secret } from '../../vault/secret.ts';
import { type AccessBoundary, boundaryFor } from '../gcp-boundary.ts';
import type { SessionPolicy } from '../policy.ts';

/** Seconds. Beyond an hour the organisation must allow it for the service account. */
export const gcpLifetimes = { shortest: 300, usual: 3600, longest: 43_200 } as const;

const scope = 'https://www.googleapis.com/auth/cloud-platform';
const timeout = 15_000;

export interface GcpIssuerParts {
  /** An access token of the bundle's Google account, asked for before each request. */
  token: () => Promise<Secret>;
  clock: Clock;
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

export interface GcpIssueRequest {
  /** E-mail address of the service account. */
  serviceAccount: string;
  policy: SessionPolicy;
  /** Lifetime asked for. */
  seconds: number;
}

export interface IssuedGcpToken {
  readonly token: Secret;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly expiresAt: number;
  readonly grantedSeconds: number;
  readonly principal: string;
  /** What the token was narrowed to; null where that is not possible (C-11). */
  readonly boundary: AccessBoundary | null;
}

/**
 * Issues tokens of a service account (C-13): generateAccessToken, then narrowed by an access boundary where Google
 * Cloud has one for the policy. The wide token in between leaves this function in no case.
 */
export class GcpIssuer {
  readonly #parts: GcpIssuerParts;

  constructor(parts: GcpIssuerParts) {
    this.#parts = parts;
  }

  /**
   * @throws LanyardError of the policy, `invalid_service_account`, `invalid_lifetime`, `gcp_access_denied`,
   *   `gcp_sign_in_expired`, `gcp_lifetime_refused`, `gcp_unreachable`, `gcp_refused`
   */
  async issue(request: GcpIssueRequest): Promise<IssuedGcpToken> {
    checkRequest(request);
    const fit = boundaryFor(request.policy);
    const base = await this.#parts.token();
    const asked = this.#parts.clock.now();
    try {
      const { fetch } = this.#parts;
      const wide = await generate(base, request, fetch);
      const boundary = fit.kind === 'none' ? null : fit.boundary;
      const token = boundary === null ? wide.token : await narrow(wide, boundary, fetch);
      return {
        token,
        expiresAt: wide.expiresAt,
        // Google answers in whole seconds, from when it was reached.
        grantedSeconds: Math.min(request.seconds, Math.round((wide.expiresAt - asked) / 1000)),
        principal: request.serviceAccount,
        boundary,
      };
    } catch (error) {
      throw refusal(error);
    }
  }
}

/**
 * Takes a token back at Google (C-18).
 * @throws LanyardError where Google does not
 */
export async function revokeGcpToken(token: Secret, fetch?: Fetch): Promise<{ how: string }> {
  try {
    await client(fetch).revokeToken(token.reveal());
    return { how: 'the token was revoked' };
  } catch (error) {
    throw refusal(error);
  }
}

async function generate(
  base: Secret,
  { serviceAccount, seconds }: GcpIssueRequest,
  fetch: Fetch | undefined,
): Promise<{ token: Secret; expiresAt: number }> {
  const source = client(fetch);
  source.setCredentials({ access_token: base.reveal() });
  const { data } = await source.request<{ accessToken?: string; expireTime?: string }>({
    url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${serviceAccount}:generateAccessToken`,
    method: 'POST',
    data: { scope: [scope], lifetime: `${seconds}s` },
    timeout,
  });
  const expiresAt = Date.parse(data.expireTime ?? '');
  if (!data.accessToken || Number.isNaN(expiresAt)) throw new Error('no token');
  return { token: new Secret(data.accessToken), expiresAt };
}

async function narrow(
  wide: { token: Secret; expiresAt: number },
  { accessBoundary }: AccessBoundary,
  fetch: Fetch | undefined,
): Promise<Secret> {
  const source = client(fetch);
  source.setCredentials({ access_token: wide.token.reveal(), expiry_date: wide.expiresAt });
  const narrowed = new DownscopedClient({
    authClient: source,
    ...(fetch ? { transporterOptions: { fetchImplementation: googleFetch(fetch) } } : {}),
    credentialAccessBoundary: {
      accessBoundary: {
        accessBoundaryRules: accessBoundary.accessBoundaryRules.map((rule) => ({
          ...rule,
          availablePermissions: [...rule.availablePermissions],
        })),
      },
    },
  });
  const { token } = await narrowed.getAccessToken();
  if (!token) throw new Error('no token');
  return new Secret(token);
}

function client(fetch: Fetch | undefined): OAuth2Client {
  const by = fetch ? { fetchImplementation: googleFetch(fetch) } : {};
  // Google's own universe, whatever the environment says.
  return new OAuth2Client({ universeDomain: 'googleapis.com', transporterOptions: { timeout, ...by } });
}

function checkRequest({ serviceAccount, seconds }: GcpIssueRequest): void {
  if (!/^[a-z0-9][a-z0-9.-]{0,62}@([a-z0-9-]+\.){1,3}gserviceaccount\.com$/.test(serviceAccount)) {
    throw new LanyardError({
      code: 'invalid_service_account',
      title: 'This is not a service account.',
      hint: 'Write it as name@project.iam.gserviceaccount.com.',
    });
  }
  if (!Number.isInteger(seconds) || seconds < gcpLifetimes.shortest || seconds > gcpLifetimes.longest) {
    throw new LanyardError({
      code: 'invalid_lifetime',
      title: 'Google Cloud does not issue tokens for that long, or that short.',
      hint: 'Choose 5 minutes to 12 hours.',
    });
  }
}

/** What Google said no with, in words. */
function refusal(error: unknown): LanyardError {
  const status = statusOf(error);
  const [code, title, hint] = told(status, error instanceof Error ? error.message : '');
  return new LanyardError(
    { code, title, hint, ...(status === null ? {} : { detail: `HTTP ${status}` }) },
    { cause: error },
  );
}

function told(status: number | null, text: string): [code: string, title: string, hint: string] {
  switch (status) {
    case null:
      return text === 'no token'
        ? ['gcp_refused', 'Google Cloud issued no token.', 'Try again.']
        : ['gcp_unreachable', 'Google Cloud could not be reached.', 'Check the connection and try again.'];
    case 401:
      return ['gcp_sign_in_expired', 'The sign-in at Google has expired.', 'Sign in to Google Cloud again.'];
    case 403:
    case 404:
      return [
        'gcp_access_denied',
        'Google Cloud does not let this account act as the service account.',
        'Give it the role "Service Account Token Creator", and check the address.',
      ];
    default:
      return /lifetime/i.test(text)
        ? [
            'gcp_lifetime_refused',
            'Google Cloud does not allow tokens that long for this service account.',
            'Choose an hour or less: the session is renewed while it runs.',
          ]
        : ['gcp_refused', 'Google Cloud did not issue a token.', 'Check the service account and the policy.'];
  }
}

/** The library's errors carry the answer's status in one of two places. */
function statusOf(error: unknown): number | null {
  if (typeof error !== 'object' || error === null) return null;
  const { status, response } = error as { status?: unknown; response?: { status?: unknown } };
  if (typeof response?.status === 'number') return response.status;
  return typeof status === 'number' ? status : null;
}
