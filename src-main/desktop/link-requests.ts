import type { LinkView } from '../../src-preload/contract/desktop.ts';
import { LanyardError } from '../failures.ts';
import type { Audit } from '../journal/audit.ts';
import { type LinkRequest, readLink } from './deep-link.ts';

export interface LinkRequestsParts {
  /** The provider of that id or alias. */
  provider: (idOrAlias: string) => { id: string; name: string } | null;
  bundles: () => readonly { id: string; name: string; blank: boolean }[];
  /** Starts a program as a bundle, where the person sees it. @throws LanyardError */
  run: (bundleId: string, command: readonly string[]) => Promise<void>;
  newId: () => string;
  audit: Audit;
  /** Another link waits, or none any more. Must not throw. */
  onChanged: () => void;
}

/**
 * Links that came from outside. One at a time waits for the person's answer, and nothing happens before it; another one
 * that comes meanwhile is dropped, so that no page can put it under the finger that is about to press.
 */
export class LinkRequests {
  readonly #parts: LinkRequestsParts;
  #waiting: LinkView | null = null;

  constructor(parts: LinkRequestsParts) {
    this.#parts = parts;
  }

  /** Takes a link in. What is wrong with it waits to be read, like a request. */
  receive(text: string): void {
    if (this.#waiting && this.#waiting.kind !== 'refused') return;
    const linkId = this.#parts.newId();
    try {
      this.#waiting = { linkId, ...this.#lookUp(readLink(text)) };
    } catch (error) {
      if (!(error instanceof LanyardError)) throw error;
      this.#waiting = { linkId, kind: 'refused', failure: error.failure };
      this.#parts.audit.record({ kind: 'link.refused', detail: { code: error.failure.code } });
    }
    this.#parts.onChanged();
  }

  waiting(): LinkView | null {
    return this.#waiting;
  }

  /**
   * The person's answer. Only now, and only to `allow`, anything runs.
   * @throws LanyardError `link_gone`, and what stands in the way of running it
   */
  async answer(linkId: string, allow: boolean): Promise<void> {
    const link = this.#waiting;
    if (link?.linkId !== linkId) throw linkGone();
    this.#waiting = null;
    this.#parts.onChanged();
    if (link.kind === 'refused') return;
    this.#parts.audit.record({
      kind: allow ? 'link.allowed' : 'link.denied',
      ...(link.bundleId === null ? {} : { bundleId: link.bundleId }),
      ...(link.kind === 'connect' ? { providerId: link.providerId } : {}),
      detail: { asked: link.kind, ...(link.kind === 'run' ? { program: link.command[0] ?? '' } : {}) },
    });
    if (allow && link.kind === 'run') await this.#parts.run(link.bundleId, link.command);
  }

  #lookUp(request: LinkRequest) {
    switch (request.kind) {
      case 'connect': {
        const provider = this.#parts.provider(request.provider);
        if (!provider) throw unknownProvider(request.provider);
        const bundle = request.as === null ? null : this.#bundle(request.as);
        // It never holds an account.
        if (bundle?.blank) throw unknownIdentity(bundle.name);
        return {
          kind: request.kind,
          providerId: provider.id,
          providerName: provider.name,
          bundleId: bundle?.id ?? null,
          bundleName: bundle?.name ?? null,
        };
      }
      case 'run': {
        const { id, name } = this.#bundle(request.as);
        return { kind: request.kind, bundleId: id, bundleName: name, command: request.command };
      }
    }
  }

  /** By its name as it is written, else in another case where only one is meant. Ids are nothing for links. */
  #bundle(name: string) {
    const wanted = name.normalize('NFC');
    const bundles = this.#parts.bundles();
    const exact = bundles.find((bundle) => bundle.name === wanted);
    if (exact) return exact;
    const alike = bundles.filter((bundle) => bundle.name.toLowerCase() === wanted.toLowerCase());
    const [only] = alike;
    if (!only || alike.length > 1) throw unknownIdentity(wanted);
    return only;
  }
}

const unknownProvider = (name: string) =>
  new LanyardError({
    code: 'unknown_provider',
    title: `A link asked to connect “${name}”, which Lanyard does not know`,
    hint: 'Nothing was changed. A provider of your own is added in Settings > Providers.',
  });

const unknownIdentity = (name: string) =>
  new LanyardError({
    code: 'unknown_bundle',
    title: `A link asked for the identity “${name}”, which cannot be used for this`,
    hint: 'Nothing was changed. Make an identity of this name first, or ask for another link.',
  });

const linkGone = () =>
  new LanyardError({
    code: 'link_gone',
    title: 'This link does not wait for an answer any more',
    hint: 'Open the link again.',
  });
