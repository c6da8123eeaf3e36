import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Account, SecretRef } from '../identities/model.ts';
import { claude } from '../providers/claude.ts';
import { codex } from '../providers/codex.ts';
import { github } from '../providers/github.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { Secret } from '../vault/secret.ts';
import { ShellPreparation } from './shell-preparation.ts';

function account(provider: string, kind: Account['kind'], secretRef: SecretRef): Account {
  return {
    id: `account-${provider}`,
    name: provider,
    provider,
    kind,
    displayName: `Ada's ${provider}`,
    secretRef,
    context: {},
    status: 'valid',
    createdAt: 0,
    updatedAt: 0,
  };
}

const keychain = { kind: 'keychain', service: 'lanyard', account: 'entry' } as const;
const signedIn = account('codex', 'oauth', { kind: 'oauth-config-dir', dir: '/accounts/codex/1' });
const key = account('claude', 'api-key', keychain);
const token = account('github', 'pat', keychain);

async function shell(accounts: Account[], refusal?: Error) {
  const vault = new MemoryVault('keychain');
  await vault.set({ service: 'lanyard', account: 'entry' }, new Secret('k-1'));
  const before = vault.calls;
  const folder = mkdtempSync(join(tmpdir(), 'lanyard-shell-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const noLogin = join(folder, 'no-login');
  const preparation = new ShellPreparation({
    identities: { bundle: () => ({ name: 'Work', accounts }) as never },
    providers: { find: (id) => [claude, codex, github].find((each) => each.id === id) ?? null },
    programs: { searchPathFor: async () => '/usr/bin' },
    network: { variablesFor: () => ({ set: {}, secrets: {} }) },
    beforeLaunch: async () => {
      if (refusal) throw refusal;
    },
    vault,
    keyHomes: { of: async (id, { apiKey }) => (apiKey?.home ? join('/homes', id) : null) },
    noLogin,
    platform: 'linux',
  });
  return { preparation, noLogin, reads: () => vault.calls - before };
}

const parent = {
  OPENAI_API_KEY: 'sk-mine',
  ANTHROPIC_API_KEY: 'ak-mine',
  GH_TOKEN: 'gh-mine',
  HOME: '/home/ada',
};

describe('what a person’s shell gets', () => {
  it('R-5: directories of sign-ins; no key is read, and no program of one finds the machine’s login', async () => {
    const { preparation, noLogin, reads } = await shell([signedIn, key, token]);
    const { env, secrets, leftOut, withheld } = await preparation.open('work', parent, false);
    expect(env).toMatchObject({ CODEX_HOME: '/accounts/codex/1', LANYARD_BUNDLE: 'Work', HOME: '/home/ada' });
    expect([join('/homes', 'account-claude'), noLogin]).toContain(env.CLAUDE_CONFIG_DIR);
    expect([join('/homes', 'account-github'), noLogin]).toContain(env.GH_CONFIG_DIR);
    expect(Object.keys(secrets)).toEqual([]);
    expect(leftOut).toEqual(expect.arrayContaining(['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GH_TOKEN']));
    expect(withheld).toEqual([key, token]);
    expect(reads()).toBe(0);
  });

  it('R-5: keys where they are wanted', async () => {
    const { preparation } = await shell([signedIn, key]);
    const { secrets, withheld } = await preparation.open('work', parent, true);
    expect(secrets.ANTHROPIC_API_KEY?.reveal()).toBe('k-1');
    expect(withheld).toEqual([]);
  });

  it('R-5: what a launch refuses is refused, and closed it has no login at all', async () => {
    const { preparation, noLogin, reads } = await shell([signedIn, key, token], new Error('refused'));
    await expect(preparation.open('work', parent, true)).rejects.toThrow('refused');
    const { env, secrets, leftOut } = await preparation.closed('work', parent);
    expect(env).toMatchObject({
      CODEX_HOME: noLogin,
      CLAUDE_CONFIG_DIR: noLogin,
      GH_CONFIG_DIR: noLogin,
    });
    expect(readdirSync(noLogin)).toEqual([]);
    expect(leftOut).toEqual(expect.arrayContaining(['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GH_TOKEN']));
    expect([Object.keys(secrets), reads()]).toEqual([[], 0]);
  });
});
