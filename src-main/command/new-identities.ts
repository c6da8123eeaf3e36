import type { Identities } from '../identities/identities.ts';

/**
 * Identities that were made for a sign-in and have no account yet. They go when the last sign-in into them came to
 * nothing; one that is started again meanwhile keeps them.
 */
export class NewIdentities {
  readonly #identities: Pick<Identities, 'createBundle' | 'deleteBundle' | 'list'>;
  /** How many sign-ins run into each, by its id. */
  readonly #users = new Map<string, number>();

  constructor(identities: Pick<Identities, 'createBundle' | 'deleteBundle' | 'list'>) {
    this.#identities = identities;
  }

  /** Makes one. Throws LanyardError of a name that cannot be one. */
  create(name: string): { id: string; name: string } {
    const bundle = this.#identities.createBundle(name);
    this.#users.set(bundle.id, 0);
    return bundle;
  }

  /**
   * A sign-in into an identity begins, whoever made that.
   * @returns what is called at its end; it resolves when a new identity without an account has gone, to its name, or to
   *   null where nothing had to go
   */
  use(id: string): () => Promise<string | null> {
    const users = this.#users.get(id);
    if (users === undefined) return async () => null;
    this.#users.set(id, users + 1);
    return async () => {
      const left = (this.#users.get(id) ?? 1) - 1;
      this.#users.set(id, left);
      if (left > 0) return null;
      this.#users.delete(id);
      const bundle = this.#identities.list().bundles.find((each) => each.id === id);
      if (!bundle || bundle.accounts.length > 0) return null;
      await this.#identities.deleteBundle(id);
      return bundle.name;
    };
  }
}
