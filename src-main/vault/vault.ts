import type { Secret } from './secret.ts';

/** Where an entry lives. */
export interface VaultEntry {
  service: string;
  account: string;
}

/** The places where entries can be kept: the system's keychain, or a file sealed with a passphrase (T-2). */
export type VaultBackend = 'keychain' | 'sealed-file';

/**
 * Why a vault did not do what it was asked (T-3). None of them says anything about whether the secret exists:
 * - `locked`: it is there and closed, or the question to open it went unanswered
 * - `denied`: the person or the system refused
 * - `unavailable`: there is none here
 * - `corrupt`: it, or one entry of it, is there and cannot be understood; nothing was changed
 * - `unwritable`: it can be read, but not changed; the old content is still there
 * - `timed-out`: no answer within the deadline; a `set` may still happen later
 */
export interface VaultFault {
  status: 'locked' | 'denied' | 'unavailable' | 'corrupt' | 'unwritable' | 'timed-out';
  /** Which backend said so; `null` where none is chosen. */
  backend: VaultBackend | null;
  /** The backend's own words, without secrets. */
  detail: string;
}

export type VaultRead = { status: 'ok'; secret: Secret } | { status: 'not-found' } | VaultFault;
export type VaultWrite = { status: 'ok' } | VaultFault;
export type VaultDelete = { status: 'ok' } | { status: 'not-found' } | VaultFault;

/** A place for secrets. No method throws, and each answers within its deadline. */
export interface Vault {
  get(entry: VaultEntry): Promise<VaultRead>;
  set(entry: VaultEntry, secret: Secret): Promise<VaultWrite>;
  /** `not-found` means that the entry is certainly absent. */
  delete(entry: VaultEntry): Promise<VaultDelete>;
}
