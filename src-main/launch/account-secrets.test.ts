import { describe, expect, it } from 'vitest';
import { MemoryVault } from '../identities/identities.fixture.ts';
import type { Account } from '../identities/model.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Secret } from '../vault/secret.ts';
import type { VaultFault } from '../vault/vault.ts';
import { accountSecrets } from './account-secrets.ts';

const withToken = (changes: Partial<ProviderDefinition> = {}) => {
  const sample = sampleDefinition(changes);
  const yields = { pattern: '(acme_[a-z]+)', variable: 'ACME_OAUTH_TOKEN' };
  return {
    ...sample,
    flows: [...sample.flows, ...sample.flows.map((flow) => ({ ...flow, id: 'token', yields }))],
  };
};

function account(id: string, changes: Partial<Account> = {}): Account {
  return {
    id,
    name: id,
    provider: 'acme',
    kind: 'api-key',
    displayName: id,
    secretRef: { kind: 'keychain', service: 'Lanyard', account: id },
    context: {},
    status: 'valid',
    createdAt: 0,
    updatedAt: 0,
    ...changes,
  };
}

async function vaultWith(texts: Record<string, string>) {
  const vault = new MemoryVault();
  for (const [entry, text] of Object.entries(texts))
    await vault.set({ service: 'Lanyard', account: entry }, new Secret(text));
  return vault;
}

const codeOf = (code: string) => expect.objectContaining({ failure: expect.objectContaining({ code }) });

describe('accountSecrets', () => {
  it('R-1: a key and the token of a sign-in, each in its own variable', async () => {
    const provider = withToken();
    const vault = await vaultWith({ key: 'ak-1', token: 'acme_one' });
    const other = sampleDefinition({ id: 'other', apiKey: null });
    const secrets = await accountSecrets(
      [
        { account: account('key'), provider },
        { account: account('token', { kind: 'oauth' }), provider },
        { account: account('dir', { secretRef: { kind: 'oauth-config-dir', dir: '/x' } }), provider: other },
      ],
      vault,
    );
    expect(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()])).toEqual([
      ['ACME_TOKEN', 'ak-1'],
      ['ACME_OAUTH_TOKEN', 'acme_one'],
    ]);
  });

  it.each([
    [{ status: 'locked', backend: 'keychain', detail: '' }, 'keychain_locked'],
    [{ status: 'denied', backend: 'keychain', detail: '' }, 'keychain_denied'],
    [{ status: 'unavailable', backend: 'keychain', detail: '' }, 'keychain_unavailable'],
    [{ status: 'timed-out', backend: 'keychain', detail: '' }, 'keychain_timed_out'],
    [{ status: 'locked', backend: 'sealed-file', detail: '' }, 'sealed_file_locked'],
    [{ status: 'locked', backend: null, detail: '' }, 'vault_not_chosen'],
    [{ status: 'not-found' }, 'secret_missing'],
  ] as const)(
    'R-2, T-3: a vault that says %j stops the launch',
    async (answer: VaultFault | { status: 'not-found' }, code) => {
      const accounts = [{ account: account('key'), provider: withToken() }];
      await expect(accountSecrets(accounts, { get: async () => answer })).rejects.toEqual(codeOf(code));
    },
  );

  it('R-1: a key that is two texts in one is in two variables', async () => {
    const { apiKey } = sampleDefinition();
    if (!apiKey) throw new Error('the sample has a key');
    const provider = sampleDefinition({ apiKey: { ...apiKey, split: { at: ':', variable: 'ACME_REST' } } });
    const secrets = await accountSecrets(
      [{ account: account('key'), provider }],
      await vaultWith({ key: 'id:se:cret' }),
    );
    expect(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()])).toEqual([
      ['ACME_TOKEN', 'id'],
      ['ACME_REST', 'se:cret'],
    ]);
  });

  it('R-2: a definition that has lost its variable stops the launch', async () => {
    const vault = await vaultWith({ key: 'ak-1' });
    for (const [kind, provider] of [
      ['api-key', sampleDefinition({ apiKey: null })],
      ['oauth', sampleDefinition()],
    ] as const) {
      const accounts = [{ account: account('key', { kind }), provider }];
      await expect(accountSecrets(accounts, vault)).rejects.toEqual(codeOf('no_variable'));
    }
  });

  it('R-2: two keys for one variable stop the launch, unless they are the same', async () => {
    const accounts = [
      { account: account('one'), provider: withToken() },
      { account: account('two', { provider: 'acme-api' }), provider: sampleDefinition({ id: 'acme-api' }) },
    ];
    await expect(accountSecrets(accounts, await vaultWith({ one: 'ak-1', two: 'ak-2' }))).rejects.toEqual(
      codeOf('variable_contested'),
    );
    const same = await accountSecrets(accounts, await vaultWith({ one: 'ak-1', two: 'ak-1' }));
    expect(Object.keys(same)).toEqual(['ACME_TOKEN']);
  });
});
