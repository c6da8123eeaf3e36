import type { SignedInIdentity } from '../broker/method.ts';
import type { Account } from './model.ts';

/** What a look at an account found (I-12). Times are milliseconds since the Unix epoch, UTC. */
export interface AccountFinding {
  status: Account['status'];
  /** Who is signed in there; absent when nobody is, or nobody can tell. */
  identity?: SignedInIdentity;
  /** When its person has to sign in again; absent for a login that renews itself. */
  expiresAt?: number;
  /** When the status changes though nothing happens. */
  changesAt?: number;
  /** One sentence: why it is unknown, or why to sign in again. */
  detail?: string;
}

/** A look that found out nothing. A normal state: it never asks for a sign-in. */
export function unknownFinding(detail: string): AccountFinding {
  return { status: 'unknown', detail };
}
