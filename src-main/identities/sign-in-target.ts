import type { SignedInIdentity, YieldedSecret } from '../broker/method.ts';

/**
 * Where one sign-in will be saved. Opened by the broker when a sign-in starts; exactly one of `save` and `discard`
 * ends it, and a second end is a no-op.
 */
export interface SignInTarget {
  /** Directory the CLI signs in to: final, existing, mode 0700, marked pending (I-6); `null` for the blank identity. */
  readonly directory: string | null;
  /** Notes which process is at work there, so that a crash of ours does not leave it running. */
  recordProcess(pid: number): void;
  /**
   * Saves account and binding in one write and switches to the new directory; or, with a secret that is all there is of
   * the account, puts that into the vault and removes the directory. Throws a `LanyardError` when it cannot; nothing is
   * saved then.
   */
  save(identity: SignedInIdentity, yielded?: YieldedSecret): Promise<SavedSignIn>;
  /** Removes what the attempt left behind. */
  discard(): Promise<void>;
}

export interface SavedSignIn {
  bundleId: string;
  /** Absent for the blank identity, where nothing is saved. */
  accountId?: string;
  bundleName?: string;
}

/** How an account is signed in, remembered for the next time. */
export interface SignInWay {
  flowId: string;
  /** What the person said before it, by parameter id. */
  parameters?: Record<string, string>;
}

export interface SignInTargets {
  /**
   * @param bundleId the bundle to join, `blank`, or `null` to make one on success
   * @param way kept with the account
   * @throws LanyardError `unknown_bundle` or `could_not_save` (no directory can be made)
   */
  open(
    providerId: string,
    usesConfigDir: boolean,
    bundleId: string | null,
    sessionId: string,
    way?: SignInWay,
  ): SignInTarget;
}
