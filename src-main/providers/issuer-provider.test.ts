import { expect, it } from 'vitest';
import { checkDefinition } from './definition-schema.ts';
import { completeIssuerFile } from './issuer-provider.ts';

const file = {
  id: 'work-sso',
  name: 'Work SSO',
  issuer: { url: 'https://login.work.test', clientId: 'lanyard' },
};

it('a file that names an issuer is a whole definition', () => {
  const checked = checkDefinition(completeIssuerFile(file));
  expect(checked).toMatchObject({
    ok: true,
    definition: {
      vendor: 'login.work.test',
      mark: 'Wo',
      flows: [{ id: 'browser' }, { id: 'device' }],
      issuer: {
        scopes: ['openid', 'email', 'profile', 'offline_access'],
        callback: { port: 0, path: '/callback' },
        restriction: null,
      },
    },
  });
});

it('a file can prefer the code, and change what it likes', () => {
  const checked = checkDefinition(
    completeIssuerFile({
      ...file,
      prefers: 'device',
      mark: 'Wk',
      issuer: {
        ...file.issuer,
        scopes: ['openid'],
        callback: { port: 7777 },
        restriction: { claim: 'hd', value: 'work.test' },
      },
    }),
  );
  expect(checked).toMatchObject({
    ok: true,
    definition: {
      mark: 'Wk',
      flows: [{ id: 'device' }, { id: 'browser' }],
      issuer: {
        scopes: ['openid'],
        callback: { port: 7777, path: '/callback' },
        restriction: { claim: 'hd' },
      },
    },
  });
});

it.each([
  ['plain http', { url: 'http://login.work.test' }, ['issuer', 'url']],
  ['user info', { url: 'https://me:pw@login.work.test' }, ['issuer', 'url']],
  ['a query', { url: 'https://login.work.test?x=1' }, ['issuer', 'url']],
  ['no client id', { clientId: '' }, ['issuer', 'clientId']],
  ['no scopes', { scopes: [] }, ['issuer', 'scopes']],
  ['a scope with a space', { scopes: ['openid email'] }, ['issuer', 'scopes', 0]],
  ['a parameter that the protocol sets', { parameters: { state: 'x' } }, ['issuer', 'parameters', 'state']],
  [
    'another challenge method',
    { parameters: { code_challenge_method: 'plain' } },
    ['issuer', 'parameters', 'code_challenge_method'],
  ],
  ['a port out of range', { callback: { port: 70_000 } }, ['issuer', 'callback', 'port']],
  ['a path that is none', { callback: { path: 'x?y' } }, ['issuer', 'callback', 'path']],
  ['a secret', { clientSecret: 'x' }, ['issuer', 'clientSecret']],
])('%s is refused, and where it stands is said', (_name, changes, path) => {
  const checked = checkDefinition(completeIssuerFile({ ...file, issuer: { ...file.issuer, ...changes } }));
  expect(checked).toMatchObject({ ok: false, issues: [{ path }] });
});
