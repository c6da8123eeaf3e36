import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { builtInProviders } from '../providers/built-in.ts';
import { demoProvider } from '../providers/demo.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import { refuseMachineLogin } from './machine-logins.ts';

const registry = new ProviderRegistry(
  builtInProviders(demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1')),
  join('/nowhere', 'providers'),
);

/** As an identity with an account of this provider alone. */
function start(program: string, account: string): string {
  const provider = registry.find(account);
  if (!provider) throw new Error(`no provider ${account}`);
  const { apiKey, configDir, environment } = provider;
  const variables = [
    ...(configDir ? [configDir.variable, ...Object.keys(environment.set)] : []),
    ...(apiKey ? [apiKey.variable] : []),
  ];
  try {
    const given = { bundleName: 'Work', providers: [provider], variables: new Set(variables) };
    refuseMachineLogin([program], given, registry);
    return 'started';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

describe('R-2: with an account of another provider', () => {
  it.each([
    ['aws', 'aws-key'],
    ['copilot', 'github'],
    ['claude', 'anthropic'],
    ['gemini', 'gemini-vertex'],
  ])('%s is started where %s says who it signs in as', (program, account) => {
    expect(start(program, account)).toBe('started');
  });

  it.each([
    // 0.169.0 takes no notice of OPENAI_API_KEY.
    ['codex', 'openai'],
    // One of many places at which they look, after their own login.
    ['pi', 'github'],
    ['openclaw', 'openai'],
    ['agy', 'gemini'],
    // Signs in with gcloud, into a directory that only that sign-in has.
    ['gcloud', 'gemini-vertex'],
  ])('%s is not started where %s does not', (program, account) => {
    expect(start(program, account)).toContain('program_without_account');
  });

  it.each(['CODEX', 'Codex.EXE', '/opt/bin/Codex'])(
    '%s is codex, where case makes no other file',
    (program) => {
      expect(start(program, 'anthropic')).toContain('program_without_account');
    },
  );
});
