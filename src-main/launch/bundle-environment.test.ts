import { describe, expect, it } from 'vitest';
import type { Account, SecretRef } from '../identities/model.ts';
import type { ProviderDefinition } from '../providers/definition.ts';
import { bundleEnvironment } from './bundle-environment.ts';

function account(provider: string, secretRef: SecretRef): Account {
  return {
    id: `account-${provider}`,
    name: `${provider}-oauth`,
    provider,
    kind: 'oauth',
    displayName: provider,
    secretRef,
    context: {},
    status: 'valid',
    createdAt: 0,
    updatedAt: 0,
  };
}

function provider(id: string, changes: Partial<ProviderDefinition>): ProviderDefinition {
  return {
    id,
    name: id,
    vendor: id,
    mark: 'XX',
    aliases: [],
    program: { names: [id], args: [], installCommand: null },
    configDir: null,
    environment: { set: {}, unset: [] },
    allowedHosts: [],
    flows: [],
    proof: { kind: 'status-command', args: [] },
    identity: null,
    logout: null,
    apiKey: null,
    verified: 'unverified',
    ...changes,
  };
}

const claude = {
  account: account('claude', { kind: 'oauth-config-dir', dir: '/data/accounts/1/$&/1' }),
  provider: provider('claude', {
    configDir: { variable: 'CLAUDE_CONFIG_DIR', seed: [] },
    environment: { set: { CLAUDE_CACHE: '{dir}/cache:{dir}' }, unset: ['ANTHROPIC_API_KEY'] },
  }),
};
const codex = {
  account: account('codex', { kind: 'oauth-config-dir', dir: '/data/accounts/2/1' }),
  provider: provider('codex', {
    configDir: { variable: 'CODEX_HOME', seed: [] },
    environment: { set: {}, unset: ['OPENAI_API_KEY', 'CLAUDE_CONFIG_DIR'] },
  }),
};
const base = { searchPath: '/usr/bin', platform: 'linux' as const, bundleName: 'Client A' };

describe('bundleEnvironment', () => {
  it('R-1: every account’s directory, no overriding variables, one variable of ours', () => {
    const { env, leftOut } = bundleEnvironment({
      ...base,
      accounts: [claude, codex],
      parent: {
        HOME: '/home/ada',
        TERM: 'xterm',
        CLAUDE_CONFIG_DIR: '/home/ada/.other',
        ANTHROPIC_API_KEY: 'sk',
        LANYARD_HOME: '/x',
        LANYARD_BUNDLE: 'Work',
        SOMETHING_ELSE: 'x',
      },
    });
    expect(env).toEqual({
      HOME: '/home/ada',
      TERM: 'xterm',
      PATH: '/usr/bin',
      CLAUDE_CONFIG_DIR: '/data/accounts/1/$&/1',
      CLAUDE_CACHE: '/data/accounts/1/$&/1/cache:/data/accounts/1/$&/1',
      CODEX_HOME: '/data/accounts/2/1',
      LANYARD_BUNDLE: 'Client A',
    });
    expect(leftOut).toEqual(['ANTHROPIC_API_KEY', 'CLAUDE_CONFIG_DIR']);
  });

  it('R-1: an account without a directory sets nothing, its overriding variables still go', () => {
    const { env, leftOut } = bundleEnvironment({
      ...base,
      accounts: [{ ...claude, account: account('claude', { kind: 'keychain', service: 's', account: 'a' }) }],
      parent: { TERM: 'xterm', ANTHROPIC_API_KEY: 'sk' },
    });
    expect(env).toEqual({ TERM: 'xterm', PATH: '/usr/bin', LANYARD_BUNDLE: 'Client A' });
    expect(leftOut).toEqual(['ANTHROPIC_API_KEY']);
  });

  it('I-15: for the machine’s own login the person’s variables stay as they are', () => {
    const { env, leftOut } = bundleEnvironment({
      ...base,
      accounts: [{ ...codex, account: account('codex', { kind: 'machine' }) }],
      parent: { TERM: 'xterm', CODEX_HOME: '/home/ada/.codex-work', OPENAI_API_KEY: 'sk' },
    });
    expect(env).toMatchObject({ CODEX_HOME: '/home/ada/.codex-work', LANYARD_BUNDLE: 'Client A' });
    expect(leftOut).toEqual([]);
    const unset = bundleEnvironment({
      ...base,
      accounts: [{ ...codex, account: account('codex', { kind: 'machine' }) }],
      parent: { TERM: 'xterm' },
    });
    expect(unset.env).not.toHaveProperty('CODEX_HOME');
  });

  it('R-1: a bundle’s name cannot bring control characters into a prompt', () => {
    const { env } = bundleEnvironment({ ...base, bundleName: 'A\n\x1b[31mB\0', accounts: [], parent: {} });
    expect(env.LANYARD_BUNDLE).toBe('A  [31mB ');
  });
});
