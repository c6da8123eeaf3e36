import { describe, expect, it } from 'vitest';
import { sampleDefinition } from './definition.fixture.ts';
import type { FlowDefinition, ParameterDefinition, ProviderDefinition } from './definition.ts';
import { accountProvider, askedParameters, checkParameters, fillDefinition } from './parameters.ts';

const startUrl: ParameterDefinition = {
  id: 'startUrl',
  label: 'Start URL',
  example: 'https://acme.test/start',
  accepts: 'https?://[^\\s]+',
  required: true,
  kind: 'url',
};
const host: ParameterDefinition = {
  id: 'host',
  label: 'Host',
  example: 'github.acme.test',
  accepts: '.+',
  required: true,
  kind: 'host',
};
const tenant: ParameterDefinition = {
  id: 'tenant',
  label: 'Tenant',
  example: 'contoso',
  accepts: '[^x].*',
  required: false,
  kind: 'text',
};

function sample(flow: Partial<FlowDefinition>, changes: Partial<ProviderDefinition> = {}) {
  const provider = sampleDefinition(changes);
  const [browser] = provider.flows;
  if (!browser) throw new Error('the sample has a flow');
  const own: FlowDefinition = { ...browser, ...flow };
  return { provider: { ...provider, flows: [own] }, flow: own };
}

/** The outcome for one field. */
const checked = (parameter: ParameterDefinition, value: string) => {
  const result = checkParameters([parameter], { [parameter.id]: value });
  return result.ok ? result.values[parameter.id] : result.fields;
};

describe('what a person types', () => {
  it.each([
    [startUrl, ' https://acme.test/start ', 'https://acme.test/start'],
    [startUrl, 'acme.test/start', 'https://acme.test/start'],
    [startUrl, 'http://127.0.0.1:8080/x', 'http://127.0.0.1:8080/x'],
    [host, 'GitHub.Acme.test', 'github.acme.test'],
    [host, 'ghe', 'ghe'],
    [tenant, 'contoso', 'contoso'],
  ])('%o takes %j', (parameter, typed, value) => {
    expect(checked(parameter, typed)).toBe(value);
  });

  it.each([
    [tenant, '--output=/etc/passwd', /must not begin/],
    [tenant, 'a\nb', /one line/],
    [tenant, 'a\rb', /one line/],
    [tenant, 'a\u0000b', /one line/],
    [tenant, 'a\u0085b', /one line/],
    [tenant, 'a\u2028b', /one line/],
    [tenant, '{dir}/x', /must not have/],
    [tenant, '{param:host}', /must not have/],
    [tenant, 'xyz', /should look like contoso/],
    [tenant, 'a'.repeat(513), /at most 512/],
    [startUrl, 'http://acme.test/start', /https:\/\//],
    [startUrl, 'https://user@acme.test/', /https:\/\//],
    [startUrl, 'https://acme.test\\@evil.test/', /https:\/\//],
    [startUrl, 'https://acme.test/a b', /https:\/\//],
    [startUrl, 'javascript://acme.test/', /https:\/\//],
    [startUrl, 'https://', /https:\/\//],
    [host, 'https://github.acme.test', /host name alone/],
    [host, 'github.acme.test:8443', /host name alone/],
    [host, 'github.acme.test/x', /host name alone/],
    [host, '-oProxyCommand=x', /must not begin/],
    [host, '*.acme.test', /host name alone/],
  ])('%o refuses %j', (parameter, typed, reason) => {
    expect(checked(parameter, typed)).toEqual({ [parameter.id]: expect.stringMatching(reason) });
  });

  it('names every field that is wrong, and what was not asked for', () => {
    expect(checkParameters([startUrl, host, tenant], { host: 'a b', other: 'x', toString: 'y' })).toEqual({
      ok: false,
      fields: {
        startUrl: 'This is needed.',
        host: expect.stringMatching(/host name/),
        other: 'This is not asked for.',
        toString: 'This is not asked for.',
      },
    });
  });

  it('leaves an optional one that is empty out', () => {
    expect(checkParameters([tenant], { tenant: '  ' })).toEqual({ ok: true, values: {} });
  });
});

describe('where values stand', () => {
  const everywhere = sample(
    {
      parameters: [startUrl, host, tenant],
      args: ['login', '--host', '{param:host}', '--tenant={param:tenant}'],
      verificationUrl: 'https://{param:host}/device',
    },
    {
      configDir: {
        variable: 'ACME_HOME',
        seed: [
          {
            path: 'config',
            text: '[default]\nurl = {param:startUrl}\ntenant = {param:tenant}\ndir = {dir}\n',
          },
          {
            path: 'a.json',
            json: { url: '{param:startUrl}', tenant: '{param:tenant}', in: ['{param:tenant}', 1] },
          },
        ],
      },
      environment: {
        set: { ACME_HOST: '{param:host}', ACME_TENANT: '{param:tenant}' },
        unset: ['ACME_HOST'],
      },
      allowedHosts: ['acme.test', '{param:host}', '{param:startUrl}'],
      proof: { kind: 'status-command', args: ['status', '--hostname={param:host}'] },
      logout: { args: ['logout', '{param:host}'] },
    },
  );

  it('fills arguments, files, variables, hosts and addresses', () => {
    const values = { startUrl: 'https://sso.acme.test:8443/start', host: 'ghe.acme.test', tenant: 'a"b\\c' };
    const { provider, flow } = fillDefinition(everywhere.provider, everywhere.flow, values);
    expect(flow.args).toEqual(['login', '--host', 'ghe.acme.test', '--tenant=a"b\\c']);
    expect(flow.verificationUrl).toBe('https://ghe.acme.test/device');
    expect(provider.configDir?.seed).toEqual([
      {
        path: 'config',
        text: '[default]\nurl = https://sso.acme.test:8443/start\ntenant = a"b\\c\ndir = {dir}\n',
      },
      {
        path: 'a.json',
        json: { url: 'https://sso.acme.test:8443/start', tenant: 'a"b\\c', in: ['a"b\\c', 1] },
      },
    ]);
    expect(provider.environment).toEqual({
      set: { ACME_HOST: 'ghe.acme.test', ACME_TENANT: 'a"b\\c' },
      unset: [],
    });
    expect(provider.allowedHosts).toEqual(['acme.test', '=ghe.acme.test', '=sso.acme.test']);
    expect(provider.proof).toMatchObject({ args: ['status', '--hostname=ghe.acme.test'] });
    expect(provider.logout).toEqual({ args: ['logout', 'ghe.acme.test'] });
  });

  it('leaves out what names one without a value: argument, line, member, variable, host, address', () => {
    const { provider, flow } = fillDefinition(everywhere.provider, everywhere.flow, {
      startUrl: 'https://sso.acme.test',
    });
    expect(flow.args).toEqual(['login', '--host']);
    expect(flow.verificationUrl).toBeUndefined();
    expect(provider.configDir?.seed).toEqual([
      { path: 'config', text: '[default]\nurl = https://sso.acme.test\ndir = {dir}\n' },
      { path: 'a.json', json: { url: 'https://sso.acme.test', in: [1] } },
    ]);
    expect(provider.environment.set).toEqual({});
    expect(provider.allowedHosts).toEqual(['acme.test', '=sso.acme.test']);
  });

  it('a flow’s own variables are for its sign-in alone, and what this machine has there is not in the way', () => {
    const { provider, flow } = sample(
      { parameters: [host], environment: { ACME_LOGIN_DIR: '{dir}', ACME_HOST: '{param:host}' } },
      { environment: { set: { ACME_HOST: 'none' }, unset: ['ACME_LOGIN_DIR', 'ACME_TOKEN'] } },
    );
    expect(askedParameters(provider, flow)).toEqual([host]);
    expect(fillDefinition(provider, flow, { host: 'ghe' }).provider.environment).toEqual({
      set: { ACME_LOGIN_DIR: '{dir}', ACME_HOST: 'ghe' },
      unset: ['ACME_TOKEN'],
    });
    expect(accountProvider(provider, { parameters: { host: 'ghe' } }).environment).toEqual({
      set: { ACME_HOST: 'none' },
      unset: ['ACME_LOGIN_DIR', 'ACME_TOKEN'],
    });
  });

  it('has another text where a value may be missing', () => {
    const { provider, flow } = sample({
      parameters: [host],
      args: ['--host={param:host|github.com}', 'x{param:other|}y'],
    });
    expect(fillDefinition(provider, flow, {}).flow.args).toEqual(['--host=github.com', 'xy']);
    expect(fillDefinition(provider, flow, { host: 'ghe' }).flow.args).toEqual(['--host=ghe', 'xy']);
  });

  it('asks only for what something still names, and for nothing of a file where none is written', () => {
    const { provider, flow } = sample(
      { parameters: [startUrl, host, tenant], args: ['login', '--host={param:host}'] },
      { configDir: { variable: 'ACME_HOME', seed: [{ path: 'config', text: 'url = {param:startUrl}' }] } },
    );
    expect(askedParameters(provider, flow).map(({ id }) => id)).toEqual(['startUrl', 'host']);
    expect(askedParameters(provider, flow, false).map(({ id }) => id)).toEqual(['host']);
  });

  it("an account's own values count only while the definition accepts them", () => {
    const parameters = { host: 'ghe.acme.test', tenant: '--evil', gone: 'x' };
    const provider = accountProvider(everywhere.provider, { parameters });
    expect(provider.environment.set).toEqual({ ACME_HOST: 'ghe.acme.test' });
    expect(accountProvider(everywhere.provider, {}).logout).toEqual({ args: ['logout'] });
  });
});
