import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';

/**
 * what accounts have in the vault, by the variables in which their programs read it. It is read anew for each
 * launch. One that cannot be had stops the launch: without it the program would use the machine's own login.
 *
 * @throws LanyardError of the vault's faults, `secret_missing`, `no_variable`, `variable_contested`
 */
export async function accountSecrets(
  accounts: readonly { account: Account; provider: ProviderDefinition }[],
  vault: Pick<Vault, 'get'>,
): Promise<Record<string, Secret>> {
  const found = new Map<string, { secret: Secret; account: Account }>();
  for (const { account, provider } of accounts) {
    // Tokens of an issuer are asked for when they are needed: they end within the hour.
    if (account.secretRef.kind !== 'keychain' || provider.issuer) continue;
    const variable = variableOf(account, provider);
    if (variable === undefined) throw noVariable(account, provider);
    const kept = await accountSecret(account, provider, vault);
    for (const [name, secret] of inVariables(variable, kept, provider)) {
      const other = found.get(name);
      if (other && other.secret.reveal() !== secret.reveal())
        throw variableContested(name, other.account, account);
      found.set(name, { secret, account });
    }
  }
  return Object.fromEntries([...found].map(([variable, { secret }]) => [variable, secret]));
}

/**
 * The key or the token of an account that has one in the vault.
 * @throws LanyardError of the vault's faults, `secret_missing`
 */
export async function accountSecret(
  account: Account,
  provider: Pick<ProviderDefinition, 'name'>,
  vault: Pick<Vault, 'get'>,
): Promise<Secret> {
  if (account.secretRef.kind !== 'keychain') throw new Error('not in the vault');
  const { service, account: entry } = account.secretRef;
  const read = await vault.get({ service, account: entry });
  if (read.status === 'ok') return read.secret;
  throw read.status === 'not-found' ? secretMissing(account, provider) : vaultError(read);
}

/** A key that is two texts in one is in two variables. */
function inVariables(variable: string, kept: Secret, { apiKey }: ProviderDefinition): [string, Secret][] {
  const split = apiKey?.variable === variable ? apiKey.split : undefined;
  const at = split ? kept.reveal().indexOf(split.at) : -1;
  if (!split || at === -1) return [[variable, kept]];
  return [
    [variable, new Secret(kept.reveal().slice(0, at))],
    [split.variable, new Secret(kept.reveal().slice(at + split.at.length))],
  ];
}

/** A sign-in that yields a secret has a variable of its own, beside that of the provider's API keys. */
function variableOf(account: Account, provider: ProviderDefinition): string | undefined {
  if (account.kind !== 'oauth') return provider.apiKey?.variable;
  return provider.flows.find(({ yields }) => yields)?.yields?.variable;
}

function secretMissing(account: Account, provider: Pick<ProviderDefinition, 'name'>): LanyardError {
  return new LanyardError({
    code: 'secret_missing',
    title: `The key of "${account.displayName}" is no longer where keys are kept.`,
    hint: `Reconnect ${provider.name}, or sign the account out.`,
  });
}

function noVariable(account: Account, provider: ProviderDefinition): LanyardError {
  return new LanyardError({
    code: 'no_variable',
    title: `${provider.name} no longer says where its programs read the key of "${account.displayName}".`,
    hint: 'Put that back into its provider file, or sign the account out.',
  });
}

function variableContested(variable: string, one: Account, other: Account): LanyardError {
  return new LanyardError({
    code: 'variable_contested',
    title: `"${one.displayName}" and "${other.displayName}" both need the variable ${variable}.`,
    hint: 'Keep one of them in this identity and move the other to another one.',
  });
}
