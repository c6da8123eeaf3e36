import { join } from 'node:path';
import type { Account, Binding, Bundle } from './model.ts';

const providers = [
  ...['claude', 'codex', 'gemini', 'copilot', 'openclaw', 'kimi', 'qwen', 'pi', 'antigravity', 'opencode'],
  ...['auggie', 'github', 'gcloud', 'aws', 'azure', 'kubernetes'],
] as const;

/** Ids of the length and look of random ones, the same in every run. */
function idOf(kind: number, number: number): string {
  const digits = ((number + 1) * 2_654_435_761).toString(16).padStart(12, '0').slice(-12);
  return `${kind.toString(16).repeat(8)}-${digits.slice(0, 4)}-4${digits.slice(4, 7)}-8${digits.slice(7, 10)}-${digits}`;
}

/**
 * The store's content with this many bundles of 16 accounts each, none shared, every field of an account's context set:
 * the most that there is to keep.
 * @param accountsRoot where their directories would be
 */
export function manyIdentities(count: number, accountsRoot: string) {
  const since = 1_763_700_000_000;
  const bundles: Bundle[] = [];
  const accounts: Account[] = [];
  const bindings: Binding[] = [];
  for (let number = 0; number < count; number += 1) {
    const bundleId = idOf(1, number);
    bundles.push({
      id: bundleId,
      name: `Client ${number + 1}`,
      description: `What is done for client ${number + 1}`,
      colour: '#0b6e6e',
      createdAt: since + number,
      updatedAt: since + number,
    });
    for (const [place, provider] of providers.entries()) {
      const id = idOf(2, number * providers.length + place);
      const email = `ada.lovelace@client-${number + 1}.example.test`;
      accounts.push({
        id,
        name: `${provider}-oauth`,
        provider,
        kind: 'oauth',
        displayName: email,
        secretRef: { kind: 'oauth-config-dir', dir: join(accountsRoot, id, '1') },
        context: {
          email,
          issuer: 'https://issuer.example.test',
          accountId: idOf(3, number * providers.length + place),
          organisationId: idOf(4, number),
          organisation: `Client ${number + 1} Limited`,
          plan: place % 2 === 0 ? 'team' : 'enterprise',
        },
        status: 'valid',
        createdAt: since + number,
        updatedAt: since + number * 60_000,
      });
      bindings.push({ bundleId, providerId: provider, accountId: id });
    }
  }
  return { schemaVersion: 1, bundles, accounts, bindings, looseSecrets: [], setAside: [] };
}
