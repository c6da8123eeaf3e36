import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { RemovalPlan } from '../../src-preload/contract/bundles.ts';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import type { LoginsToRemove } from '../identities/account-removal.ts';
import type { Holder } from '../process/environment-holders.ts';
import { bundleMark } from './bundle-environment.ts';

export type OpenCloudSession = Pick<
  CloudSessionView,
  'id' | 'bundleId' | 'accountId' | 'principal' | 'running'
>;

export interface AccountUsersParts {
  /** Sessions that run, and some that have ended. */
  sessions: () => SessionSnapshot[];
  cancel: (sessionId: string) => unknown;
  /** Cloud sessions that are open here. */
  cloudSessions: () => OpenCloudSession[];
  /** Ends one, with what runs under it. */
  revoke: (cloudSessionId: string) => Promise<unknown>;
  /** How many credentials other tools had us keep for a bundle. */
  keptForTools: (bundleId: string) => number;
  /** As `environmentHolders`. */
  holders: (sought: { directories: string[]; variables: string[] }) => Promise<Holder[] | null>;
}

/** I-11: what uses accounts that are to go: sign-ins that run there, cloud sessions, and programs that were started with them. */
export class AccountUsers {
  readonly #parts: AccountUsersParts;

  constructor(parts: AccountUsersParts) {
    this.#parts = parts;
  }

  async of(logins: LoginsToRemove): Promise<Omit<RemovalPlan, 'removed' | 'kept'>> {
    const list = await this.#parts.holders({
      directories: logins.directories,
      variables: logins.bundle ? [bundleMark(logins.bundle.name)] : [],
    });
    return {
      signIns: this.#signIns(logins).map(({ providerId }) => ({ providerId })),
      cloudSessions: this.#cloudSessions(logins).map(({ principal, running }) => ({ principal, running })),
      keptForTools: logins.bundle ? this.#parts.keptForTools(logins.bundle.id) : 0,
      processes: { known: list !== null, list: list ?? [] },
    };
  }

  /**
   * Ends the sign-ins that would bring back what is about to go, and the cloud sessions that live on it: while the account
   * is still there, a cloud can be told to take its credentials back.
   * @throws LanyardError `could_not_save`, where a session could not be ended for good
   */
  async end(logins: LoginsToRemove): Promise<void> {
    for (const { sessionId } of this.#signIns(logins)) this.#parts.cancel(sessionId);
    await Promise.all(this.#cloudSessions(logins).map(({ id }) => this.#parts.revoke(id)));
  }

  #cloudSessions({ bundle, removed }: LoginsToRemove): OpenCloudSession[] {
    const gone = new Set(removed.map(({ account }) => account.id));
    return this.#parts
      .cloudSessions()
      .filter(
        ({ bundleId, accountId }) =>
          (bundle !== null && bundleId === bundle.id) || (accountId !== undefined && gone.has(accountId)),
      );
  }

  /** All of a bundle that goes; else those of an account that is signed in to again. */
  #signIns({ bundle, removed }: LoginsToRemove): SessionSnapshot[] {
    const running = this.#parts
      .sessions()
      .filter(({ status }) => status !== 'success' && status !== 'failed');
    if (bundle) return running.filter(({ bundleId }) => bundleId === bundle.id);
    return running.filter(({ providerId, bundleId }) =>
      removed.some(
        ({ account, usedBy }) => account.provider === providerId && usedBy.some(({ id }) => id === bundleId),
      ),
    );
  }
}
