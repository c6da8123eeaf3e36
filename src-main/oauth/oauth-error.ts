import type { OAuthCategory, OAuthStage } from './progress.ts';

/**
 * A sign-in or a token request that did not work. `detail` is safe to log: it holds no code, token or body; what a
 * provider says for the person alone stands in `provider`.
 */
export class OAuthError extends Error {
  readonly stage: OAuthStage;
  readonly category: OAuthCategory;
  /** What the provider sent, parsed (RFC 6749 section 5.2 and 4.1.2.1). */
  readonly provider: ProviderError | null;

  constructor(
    stage: OAuthStage,
    category: OAuthCategory,
    detail: string,
    options: { provider?: ProviderError | null; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'OAuthError';
    this.stage = stage;
    this.category = category;
    this.provider = options.provider ?? null;
  }
}

export interface ProviderError {
  /** HTTP status; absent for an error in a callback. */
  status?: number;
  /** `error`, where the provider named one of RFC 6749's shape. */
  code?: string;
  /** One line for the person (O-9). */
  text: string;
}
