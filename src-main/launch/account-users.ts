import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { RemovalPlan } from '../../src-preload/contract/bundles.ts';
import type { LoginsToRemove } from '../identities/account-removal.ts';
import type { Holder } from '../process/environment-holders.ts';
import { bundleMark } from './bundle-environment.ts';

export interface AccountUsersParts {
  /** Sessions that run, and some that have ended. */
  sessions: () => SessionSnapshot[];
  cancel: (sessionId: string) => unknown;
  /** As `environmentHolders`. */
  holders: (sought: { directories: string[]; variables: string[] }) => Promise<Holder[] | null>;
}

/** I-11: what uses accounts that are to go: sign-ins that run there, and programs that were started with them. */
export class AccountUsers {
  readonly #parts: AccountUsersParts;

  constructor(parts: AccountUsersParts) {
    this.#parts = parts;
  }

  async of(logins: LoginsToRemove): Promise<Pick<RemovalPlan, 'signIns' | 'processes'>> {
    const list = await this.#parts.holders({
      directories: logins.directories,
      variables: logins.bundle ? [bundleMark(logins.bundle.name)] : [],
    });
    return {
      signIns: this.#signIns(logins).map(({ providerId }) => ({ providerId })),
      processes: { known: list !== null, list: list ?? [] },
    };
  }

  /** Ends the sign-ins that would bring back what is about to go. */
  endSignIns(logins: LoginsToRemove): void {
    for (const { sessionId } of this.#signIns(logins)) this.#parts.cancel(sessionId);
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
