import type { ToolId } from '../../../src-preload/contract/command.ts';
import type { ListedBundle } from '../../identities/identities.ts';
import type { Audit } from '../../journal/audit.ts';
import type { Caller } from '../caller.ts';

/** What a tool is about to get. */
export interface HandOutRequest {
  hook: ToolId;
  bundle: Pick<ListedBundle, 'id' | 'name'>;
  /** Where the tool will use it: a host, a registry, a cloud's principal; no secret. */
  host: string;
  accountId?: string;
  sessionId?: string;
}

export interface HandOutParts {
  audit: Audit;
  /** The person's word, where the identity wants to be asked; rejects when it is no. Nothing is made before. */
  allow: (
    caller: Caller,
    asked: { bundle: HandOutRequest['bundle']; purpose: readonly string[]; about: string },
  ) => Promise<void>;
}

const tools: Record<ToolId, string> = {
  aws: 'AWS credentials',
  git: 'A git password',
  docker: 'A registry password',
  kubernetes: 'A Kubernetes token',
  gcp: 'A Google Cloud token',
};

/** The one place at which a hook's credential leaves: it is allowed first, then made, then recorded, each time. */
export class HandOut {
  readonly #parts: HandOutParts;

  constructor(parts: HandOutParts) {
    this.#parts = parts;
  }

  /** @throws what `allow` and `make` throw; nothing is recorded as issued then */
  async give<T>(caller: Caller, request: HandOutRequest, make: () => Promise<T>): Promise<T> {
    const { hook, bundle, host, accountId, sessionId } = request;
    const where = accountId ?? sessionId ?? '';
    await this.#parts.allow(caller, {
      bundle,
      purpose: [`${tools[hook]} for ${host}`],
      about: `${hook} ${host} ${where}`.trim(),
    });
    const made = await make();
    this.#parts.audit.record({
      kind: 'credential.issued',
      bundleId: bundle.id,
      ...(accountId === undefined ? {} : { accountId }),
      ...(sessionId === undefined ? {} : { sessionId }),
      detail: { hook, host },
    });
    return made;
  }
}
