/** The blank identity's id: no credentials of ours, the machine's own logins (I-1). */
export const blankBundleId = 'blank';

/** Times are milliseconds since the Unix epoch, UTC. */
export interface Bundle {
  id: string;
  name: string;
  description: string;
  colour: string;
  createdAt: number;
  updatedAt: number;
}

/** Where an account's secret lives; there is no plaintext variant (I-3). */
export type SecretRef =
  | { kind: 'oauth-config-dir'; dir: string }
  | { kind: 'keychain'; service: string; account: string }
  | { kind: 'env'; envVar: string }
  /** The CLI has no directory per account: its login is shared with this machine (I-14). */
  | { kind: 'machine' };

export interface Account {
  id: string;
  name: string;
  provider: string;
  kind: 'oauth' | 'api-key' | 'pat' | 'role' | 'env';
  displayName: string;
  secretRef: SecretRef;
  context: AccountContext;
  status: 'valid' | 'expiring' | 'expired-refreshable' | 'needs-sign-in' | 'unknown';
  createdAt: number;
  updatedAt: number;
}

/** Who it is; each only when known. */
export interface AccountContext {
  email?: string;
  issuer?: string;
  accountId?: string;
  organisationId?: string;
  organisation?: string;
  plan?: string;
}

/** At most one per bundle and provider. */
export interface Binding {
  bundleId: string;
  providerId: string;
  accountId: string;
}
