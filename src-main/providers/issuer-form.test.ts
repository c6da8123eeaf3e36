import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { IssuerForm } from '../../src-preload/contract/issuers.ts';
import { readIssuerForm } from './issuer-form.ts';
import { ProviderFiles } from './provider-files.ts';
import { ProviderRegistry } from './registry.ts';

const form: IssuerForm = {
  name: 'Work SSO',
  url: 'https://login.work.test',
  clientId: 'lanyard',
  scopes: '',
  prefers: 'browser',
  restriction: '',
  port: '',
  parameters: '',
};
const nobody = () => false;

describe('readIssuerForm', () => {
  it('makes a provider of a name, an address and a client', () => {
    const { definition } = readIssuerForm(form, nobody);
    expect(definition).toMatchObject({
      id: 'work-sso',
      name: 'Work SSO',
      issuer: { url: 'https://login.work.test' },
    });
  });

  it('I-17: a fixed port is one that only one sign-in at a time can have, in the browser alone', () => {
    const flowsOf = (port: string) => readIssuerForm({ ...form, port }, nobody).definition.flows;
    expect(flowsOf('4711').map(({ id, fixedPort }) => [id, fixedPort])).toEqual([
      ['browser', 4711],
      ['device', undefined],
    ]);
    expect(flowsOf('').every(({ fixedPort }) => fixedPort === undefined)).toBe(true);
  });

  it('D-1: GitHub, which publishes no metadata, gets its endpoints and the way that needs no secret', () => {
    const { definition, file } = readIssuerForm(
      { ...form, name: 'GitHub', url: 'https://github.com', scopes: 'read:user', prefers: 'device' },
      (id) => id === 'github',
    );
    expect(definition.id).toBe('github-2');
    expect(definition.flows.map(({ kind }) => kind)).toEqual(['device-code']);
    expect(definition.issuer?.endpoints).toMatchObject({
      device: 'https://github.com/login/device/code',
      token: 'https://github.com/login/oauth/access_token',
      tokensStay: true,
    });
    expect(file).toHaveProperty('issuer.endpoints');
    expect(readIssuerForm(form, nobody).definition.issuer).not.toHaveProperty('endpoints');
  });

  it('reads everything else that can be filled in', () => {
    const { definition } = readIssuerForm(
      {
        ...form,
        scopes: 'openid  api openid',
        prefers: 'device',
        restriction: 'hd = work.test',
        port: '7777',
        parameters: 'prompt=login&audience=a%20b',
      },
      nobody,
    );
    expect(definition.flows.map(({ id }) => id)).toEqual(['device', 'browser']);
    expect(definition.issuer).toMatchObject({
      scopes: ['openid', 'api'],
      restriction: { claim: 'hd', value: 'work.test' },
      callback: { port: 7777, path: '/callback' },
      parameters: { prompt: 'login', audience: 'a b' },
    });
  });

  it.each<[string, Partial<IssuerForm>, string]>([
    ['an address without a scheme', { url: 'login.work.test' }, 'url'],
    ['plain http', { url: 'http://login.work.test' }, 'url'],
    ['a scope that is none', { scopes: 'open"id' }, 'scopes'],
    ['half a restriction', { restriction: 'hd' }, 'restriction'],
    ['a port below 1024', { port: '80' }, 'port'],
    ['a port that is no number', { port: '80a' }, 'port'],
    ['half a parameter', { parameters: 'prompt' }, 'parameters'],
    ['a parameter of the protocol', { parameters: 'state=x' }, 'parameters'],
  ])('%s: says which field', (_name, changes, field) => {
    expect(() => readIssuerForm({ ...form, ...changes }, nobody)).toThrow(expect.objectContaining({ field }));
  });

  it.each([
    ['Work SSO', 'work-sso-3'],
    ['Ärzte & Söhne', 'arzte-sohne'],
    ['日本', 'issuer'],
    ['con', 'issuer'],
    ['Constructor', 'issuer'],
    ['../../etc', 'etc'],
  ])('a safe and free id for %s', (name, id) => {
    const taken = ['work-sso', 'work-sso-2'];
    expect(readIssuerForm({ ...form, name }, (each) => taken.includes(each)).definition.id).toBe(id);
  });
});

describe('ProviderFiles', () => {
  function place() {
    const directory = mkdtempSync(join(tmpdir(), 'lanyard-providers-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    return join(directory, 'providers');
  }

  it('writes a file that loads as it was meant, readable by the person alone', async () => {
    const directory = place();
    const { file, definition } = readIssuerForm({ ...form, prefers: 'device' }, nobody);
    await new ProviderFiles(directory).add(definition.id, file);
    expect(statSync(join(directory, 'work-sso.json')).mode & 0o777).toBe(0o600);
    const registry = new ProviderRegistry([], directory);
    await registry.reload();
    expect(registry.problems()).toEqual([]);
    expect(registry.find('work-sso')).toEqual(definition);
  });

  it('a write that fails leaves nothing in the way of the next one', async () => {
    const directory = place();
    const files = new ProviderFiles(directory);
    // What cannot be removed or replaced stands where the file would be written first.
    mkdirSync(join(directory, 'work-sso.json.new', 'full'), { recursive: true });
    await expect(files.add('work-sso', { id: 'work-sso' })).rejects.toMatchObject({
      failure: { code: 'could_not_save' },
    });
    expect(readdirSync(directory)).toEqual(['work-sso.json.new']);
    rmSync(join(directory, 'work-sso.json.new'), { recursive: true });
    await files.add('work-sso', { id: 'work-sso' });
    expect(files.has('work-sso')).toBe(true);
    expect(files.has('other')).toBe(false);
  });

  it('overwrites nothing', async () => {
    const directory = place();
    const files = new ProviderFiles(directory);
    await files.add('work-sso', { id: 'work-sso' });
    await expect(files.add('work-sso', { id: 'other' })).rejects.toMatchObject({
      failure: { code: 'could_not_save' },
    });
    expect(readFileSync(join(directory, 'work-sso.json'), 'utf8')).toContain('work-sso');
  });

  it('removes the file of an issuer, and no other', async () => {
    const directory = place();
    const files = new ProviderFiles(directory);
    const { file } = readIssuerForm(form, nobody);
    await files.add('work-sso', file);
    await files.removeIssuer('work-sso');
    await expect(files.removeIssuer('work-sso')).rejects.toMatchObject({
      failure: { code: 'not_an_issuer_file' },
    });
    writeFileSync(join(directory, 'codex-2.json'), JSON.stringify({ id: 'codex-2', extends: 'codex' }));
    await expect(files.removeIssuer('codex-2')).rejects.toMatchObject({
      failure: { code: 'not_an_issuer_file' },
    });
    await expect(files.removeIssuer('../providers/codex-2')).rejects.toMatchObject({
      failure: { code: 'could_not_save' },
    });
  });
});
