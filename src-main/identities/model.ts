/** The blank identity's id: no credentials of ours, the machine's own logins (I-1). */
export const blankBundleId = 'blank';

/**
 * Rows are replaced and never changed: the state before a change and the one after it share what stayed the same.
 * Times are milliseconds since the Unix epoch, UTC.
 */
export interface Bundle {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly colour: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Where an account's secret lives; there is no plaintext variant (I-3). */
export type SecretRef =
  | { readonly kind: 'oauth-config-dir'; readonly dir: string }
  | { readonly kind: 'keychain'; readonly service: string; readonly account: string }
  | { readonly kind: 'env'; readonly envVar: string }
  /** The machine's own login: because its CLI has no directory per account (I-14), or because it was adopted (I-15). */
  | { readonly kind: 'machine' };

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly provider: string;
  readonly kind: 'oauth' | 'api-key' | 'pat' | 'role' | 'env';
  readonly displayName: string;
  readonly secretRef: SecretRef;
  readonly context: AccountContext;
  /** The flow it was signed in with, for the next time. */
  readonly flowId?: string;
  /** What the person said before that, by parameter id; never a secret. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly status: 'valid' | 'expiring' | 'expired-refreshable' | 'needs-sign-in' | 'unknown';
  /** When its person has to sign in again, where that is known. */
  readonly expiresAt?: number;
  /** Who it should be (I-16); absent: whoever signed in first. A sign-in as somebody else is not saved. */
  readonly expected?: ExpectedPerson;
  /** Somebody else, found signed in at the last look. */
  readonly unexpected?: AccountContext;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Who it is; each only when known. */
export interface AccountContext {
  readonly email?: string;
  /** What the provider calls the person, where that is no email. */
  readonly login?: string;
  readonly issuer?: string;
  readonly accountId?: string;
  readonly organisationId?: string;
  readonly organisation?: string;
  readonly plan?: string;
}

/** What tells one person from another, as far as it was known; the label is for people to read. */
export interface ExpectedPerson {
  readonly issuer?: string;
  readonly accountId?: string;
  readonly organisationId?: string;
  readonly email?: string;
  readonly label?: string;
}

/** At most one per bundle and provider. */
export interface Binding {
  readonly bundleId: string;
  readonly providerId: string;
  readonly accountId: string;
}
