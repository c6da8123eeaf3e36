import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import type { ApiKeyAccount } from '../../identities/account-saving.ts';
import { keepSecret } from '../../identities/keep-secret.ts';
import { cleanName } from '../../identities/names.ts';
import type { LooseSecret } from '../../identities/store.ts';
import type { Audit } from '../../journal/audit.ts';
import type { ApiKeyDefinition, ProviderDefinition } from '../../providers/definition.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Vault } from '../../vault/vault.ts';

/** The part of `fetch` that a key check needs. */
export type KeyCheckFetch = (
  url: string,
  init: { method: 'GET'; headers: Record<string, string>; redirect: 'manual'; signal: AbortSignal },
) => Promise<{ status: number; body?: { cancel(): Promise<void> } | null }>;

/** Where API key accounts are saved; `Identities` is one. */
export interface ApiKeyAccounts {
  checkBundle(bundleId: string | null): void;
  announceSecret(secret: LooseSecret): void;
  abandonSecret(secret: LooseSecret): Promise<void>;
  saveApiKey(key: ApiKeyAccount): Promise<{ accountId: string; bundleId: string }>;
}

export interface ApiKeySubmission {
  provider: ProviderDefinition;
  /** `null` for a bundle made on success. */
  bundleId: string | null;
  apiKey: Secret;
  accountName: string;
  saveWithoutChecking: boolean;
}

export interface ApiKeySignInParts {
  accounts: ApiKeyAccounts;
  vault: Pick<Vault, 'set'>;
  fetch: KeyCheckFetch;
  /** Asks AWS about a key that signs: the answer's status, or what stood in the way in a word. */
  askAws?: (key: Secret, origin: string, signal: AbortSignal) => Promise<number | string>;
  clock: Clock;
  newId: () => string;
  /** Told of each key that was saved, or not. */
  audit?: Audit;
}

const checkDeadlineMs = 15_000;

/** Signing in with an API key (K-1): its shape, one request to the provider, the keychain, then the account. */
export class ApiKeySignIn {
  readonly #parts: ApiKeySignInParts;

  constructor(parts: ApiKeySignInParts) {
    this.#parts = parts;
  }

  /**
   * @returns the saved account and the key's masked tail; the key itself goes nowhere but to the provider and the keychain (K-2)
   * @throws LanyardError `no_api_key`, `key_malformed`, `key_rejected`, `key_check_unreachable`, `invalid_name`, `unknown_bundle`,
   *   `blank_is_fixed`, `could_not_save`, and those of `vaultError`. Nothing is kept then.
   */
  async submit(
    submission: ApiKeySubmission,
  ): Promise<{ accountId: string; bundleId: string; maskedKey: string }> {
    const { audit } = this.#parts;
    const { provider, bundleId, saveWithoutChecking } = submission;
    const event = { providerId: provider.id, ...(bundleId === null ? {} : { bundleId }) };
    try {
      const saved = await this.#submit(submission);
      const { accountId } = saved;
      const detail = { way: 'API key', checked: !saveWithoutChecking };
      audit?.record({ kind: 'account.signed_in', ...event, bundleId: saved.bundleId, accountId, detail });
      return saved;
    } catch (error) {
      const reason = error instanceof LanyardError ? error.failure.code : 'internal_error';
      audit?.record({ kind: 'account.sign_in_failed', ...event, detail: { way: 'API key', reason } });
      throw error;
    }
  }

  async #submit(
    submission: ApiKeySubmission,
  ): Promise<{ accountId: string; bundleId: string; maskedKey: string }> {
    const { provider, bundleId, apiKey, accountName, saveWithoutChecking } = submission;
    const { accounts, vault, newId } = this.#parts;
    const definition = provider.apiKey;
    if (!definition) throw noApiKey(provider.name);
    const displayName = cleanName(accountName);
    accounts.checkBundle(bundleId);
    assertShape(definition, apiKey);
    if (!saveWithoutChecking) await this.check(provider, apiKey);

    const keeper = {
      vault,
      newId,
      announce: (entry: LooseSecret) => accounts.announceSecret(entry),
      abandon: (entry: LooseSecret) => accounts.abandonSecret(entry),
    };
    const saved = await keepSecret(keeper, provider.id, apiKey, (secret) =>
      accounts.saveApiKey({
        providerId: provider.id,
        kind: definition.kind ?? 'api-key',
        bundleId,
        displayName,
        secret,
        status: saveWithoutChecking ? 'unknown' : 'valid',
      }),
    );
    return { ...saved, maskedKey: apiKey.masked() };
  }

  /**
   * Asks the provider about a key.
   * @throws LanyardError `no_api_key`, `key_rejected`, `key_check_unreachable`
   */
  async check({ name: providerName, apiKey: definition }: ProviderDefinition, apiKey: Secret): Promise<void> {
    if (!definition) throw noApiKey(providerName);
    const { clock } = this.#parts;
    const abort = new AbortController();
    let cancelTimer = () => {};
    const deadline = new Promise<string>((resolve) => {
      cancelTimer = clock.after(checkDeadlineMs, () => {
        abort.abort();
        resolve(`no answer in ${checkDeadlineMs / 1000} s`);
      });
    });
    const answer = await Promise.race([this.#ask(definition, apiKey, abort.signal), deadline]);
    cancelTimer();
    const refusals = [401, 403, ...(definition.check.refusedWith ?? [])];
    if (typeof answer === 'number' && refusals.includes(answer)) {
      throw new LanyardError({
        code: 'key_rejected',
        title: `${providerName} does not accept this key.`,
        hint: 'Copy the key again from the provider’s website, or create a new one there.',
        detail: `HTTP ${answer}`,
      });
    }
    if (typeof answer === 'number' && answer >= 200 && answer < 300) return;
    throw new LanyardError({
      code: 'key_check_unreachable',
      title: `${providerName} could not be asked about this key.`,
      hint: 'Check the network and try again. Save without checking if you are sure of it.',
      detail: typeof answer === 'number' ? `HTTP ${answer}` : answer,
    });
  }

  /** The status code, or what stood in the way in a word. Error texts are dropped: they may quote a header. */
  async #ask(definition: ApiKeyDefinition, apiKey: Secret, signal: AbortSignal): Promise<number | string> {
    try {
      if (definition.check.by === 'aws-sts') {
        const { origin } = new URL(definition.check.url);
        return (await this.#parts.askAws?.(apiKey, origin, signal)) ?? 'nobody to ask';
      }
      const headers = Object.fromEntries(
        Object.entries(definition.check.headers).map(([name, value]) => [
          name,
          value.replaceAll('{key}', () => apiKey.reveal()),
        ]),
      );
      const response = await this.#parts.fetch(definition.check.url, {
        method: 'GET',
        headers,
        // A redirect would carry the key to a host that is not in the definition.
        redirect: 'manual',
        signal,
      });
      response.body?.cancel().catch(() => {});
      return response.status;
    } catch (error) {
      return networkCode(error) ?? 'no connection';
    }
  }
}

function assertShape(definition: ApiKeyDefinition, apiKey: Secret): void {
  const text = apiKey.reveal();
  // Visible ASCII only: anything else cannot stand in a header.
  if (/^[\x21-\x7e]+$/.test(text) && new RegExp(`^(?:${definition.accepts})$`).test(text)) return;
  throw new LanyardError({
    code: 'key_malformed',
    title: 'This does not look like a key.',
    hint: `Paste the whole key without spaces. It looks like ${definition.example}.`,
  });
}

/** `ENOTFOUND` and the like from `fetch`, whose own error only says that it failed. */
function networkCode(error: unknown): string | null {
  const cause = error instanceof Error ? (error.cause ?? error) : null;
  const code = cause instanceof Error && 'code' in cause ? cause.code : null;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code) ? code : null;
}

function noApiKey(providerName: string): LanyardError {
  return new LanyardError({
    code: 'no_api_key',
    title: `${providerName} takes no API key here.`,
    hint: 'Use Connect to sign in.',
  });
}
