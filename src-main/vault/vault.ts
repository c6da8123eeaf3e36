import type { Secret } from './secret.ts';

/** Where an entry lives. */
export interface VaultEntry {
  service: string;
  account: string;
}

/**
 * Why a vault did not do what it was asked (T-3). None of them says anything about whether the secret exists:
 * - `locked`: there is a keychain and it is closed, or the question to open it went unanswered
 * - `denied`: the person or the system refused
 * - `unavailable`: there is no keychain here
 * - `timed-out`: no answer within the deadline; a `set` may still happen later
 */
export interface VaultFault {
  status: 'locked' | 'denied' | 'unavailable' | 'timed-out';
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
