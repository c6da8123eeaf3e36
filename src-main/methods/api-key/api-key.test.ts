import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LanyardError } from '../../failures.ts';
import {
  filesUnder,
  identitiesIn,
  MemoryStoreFile,
  temporaryDirectory,
} from '../../identities/identities.fixture.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import { Secret } from '../../vault/secret.ts';
import type { VaultEntry, VaultWrite } from '../../vault/vault.ts';
import { ApiKeySignIn, type ApiKeySignInParts } from './api-key.ts';

const text = 'sk-test-0123456789abcdef';

function provider(url: string): ProviderDefinition {
  return {
    id: 'codex',
    name: 'Codex',
    vendor: 'OpenAI',
    mark: 'Co',
    aliases: [],
    program: { names: ['codex'], args: [], installCommand: null },
    configDir: { variable: 'CODEX_HOME', seed: [] },
    environment: { set: {}, unset: [] },
    allowedHosts: [],
    flows: [],
    proof: { kind: 'credential-file', path: 'auth.json' },
    identity: null,
    logout: null,
    apiKey: {
      variable: 'OPENAI_API_KEY',
      accepts: 'sk-[A-Za-z0-9-]{8,}',
      example: 'sk-...',
      check: { url, headers: { Authorization: 'Bearer {key}' } },
    },
    verified: 'unverified',
  };
}

/** A provider on loopback that answers every request with one status. */
async function server(status: number, headers: Record<string, string> = {}) {
  const seen: (string | undefined)[] = [];
  const http = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(status, headers).end('{}');
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    http.closeAllConnections();
    http.close();
  });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1/models`, seen };
}

function app(parts: Partial<ApiKeySignInParts> = {}) {
  const data = temporaryDirectory();
  const file = new MemoryStoreFile();
  const { identities, clock, vault, root } = identitiesIn(data, file);
  const stored: { entry: VaultEntry; text: string }[] = [];
  const signIn = new ApiKeySignIn({
    accounts: identities,
    vault: {
      set: async (entry, secret): Promise<VaultWrite> => {
        stored.push({ entry, text: secret.reveal() });
        return { status: 'ok' };
      },
    },
    fetch,
    clock,
    newId: () => crypto.randomUUID(),
    ...parts,
  });
  return { signIn, identities, clock, file, stored, vault, root };
}

function submission(url: string, change: Partial<Parameters<ApiKeySignIn['submit']>[0]> = {}) {
  return {
    provider: provider(url),
    bundleId: null,
    apiKey: new Secret(text),
    accountName: 'CI key',
    saveWithoutChecking: false,
    ...change,
  };
}

/** The failure, after checking that the key stands nowhere in the error. */
async function failureOf(attempt: Promise<unknown>) {
  const error = await attempt.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof LanyardError)) throw new Error(`not a LanyardError: ${inspect(error)}`);
  expect(inspect(error, { depth: 10 }) + JSON.stringify(error.failure)).not.toContain(text);
  return error.failure;
}

describe('ApiKeySignIn', () => {
  it('K-1: a personal access token makes an account of that kind', async () => {
    const { url } = await server(200);
    const { signIn, identities } = app();
    const definition = provider(url);
    const apiKey = definition.apiKey && { ...definition.apiKey, kind: 'pat' as const };
    const { accountId } = await signIn.submit(submission(url, { provider: { ...definition, apiKey } }));
    expect(identities.account(accountId)).toMatchObject({ kind: 'pat', name: 'codex-pat' });
  });

  it.each(['CI\u202eyek', 'CI\nkey', 'C\u200bI', 'x'.repeat(81)])(
    'an account cannot be called %j: nobody is asked, nothing is kept',
    async (accountName) => {
      const { url, seen } = await server(200);
      const { signIn, stored, file } = app();
      const failure = await failureOf(signIn.submit(submission(url, { accountName })));
      expect(failure.code).toBe('invalid_name');
      expect([seen, stored]).toEqual([[], []]);
      expect(file.text ?? '').not.toContain('codex');
    },
  );

  it('K-1, K-2: checks the key, stores it, binds it, and gives back only a masked tail', async () => {
    const { url, seen } = await server(200);
    const { signIn, identities, stored, file } = app();
    const work = identities.createBundle('Work');
    const saved = await signIn.submit(submission(url, { bundleId: work.id }));
    expect(saved).toEqual({ accountId: expect.any(String), bundleId: work.id, maskedKey: '••••cdef' });
    expect(seen).toEqual([`Bearer ${text}`]);
    expect(stored).toEqual([
      { entry: { service: 'Lanyard', account: expect.stringMatching(/^codex\//) }, text },
    ]);
    expect(identities.account(saved.accountId)).toMatchObject({
      kind: 'api-key',
      displayName: 'CI key',
      status: 'valid',
      secretRef: { kind: 'keychain', ...stored[0]?.entry },
    });
    expect(file.text).not.toContain(text);
  });

  it('I-10: makes no directory, though the definition names a variable for one', async () => {
    const { url } = await server(200);
    const { signIn, identities, root } = app();
    const definition = provider(url);
    expect(definition).toMatchObject({ flows: [], configDir: { variable: 'CODEX_HOME' } });
    const { accountId } = await signIn.submit(submission(url, { provider: definition }));
    expect(identities.account(accountId).secretRef.kind).toBe('keychain');
    expect(filesUnder(root)).toEqual([]);
  });

  it('K-1: saved without checking: nobody is asked, and the account is marked unknown', async () => {
    const { url, seen } = await server(401);
    const { signIn, identities } = app();
    const { accountId } = await signIn.submit(submission(url, { saveWithoutChecking: true }));
    expect(seen).toEqual([]);
    expect(identities.account(accountId).status).toBe('unknown');
  });

  it.each([
    [401, 'key_rejected'],
    [403, 'key_rejected'],
    [500, 'key_check_unreachable'],
    [429, 'key_check_unreachable'],
  ])('K-1: HTTP %d is %s, and nothing is kept', async (status, code) => {
    const { url } = await server(status);
    const { signIn, file, stored } = app();
    const failure = await failureOf(signIn.submit(submission(url)));
    expect(failure).toMatchObject({ code, detail: `HTTP ${status}` });
    expect([stored, file.text]).toEqual([[], undefined]);
  });

  it('K-1: a status by which the provider says "bad key" in its own way is key_rejected', async () => {
    const { url } = await server(400);
    const { signIn, stored } = app();
    const definition = provider(url);
    const check = { url, headers: { 'x-goog-api-key': '{key}' }, refusedWith: [400] };
    const google = { ...definition, apiKey: definition.apiKey && { ...definition.apiKey, check } };
    expect((await failureOf(signIn.submit(submission(url, { provider: google })))).code).toBe('key_rejected');
    expect((await failureOf(signIn.submit(submission(url)))).code).toBe('key_check_unreachable');
    expect(stored).toEqual([]);
  });

  it('K-1: a redirect is not followed: the key goes to no other host', async () => {
    const other = await server(200);
    const { url } = await server(302, { location: other.url });
    const { signIn } = app();
    expect((await failureOf(signIn.submit(submission(url)))).code).toBe('key_check_unreachable');
    expect(other.seen).toEqual([]);
  });

  it('K-1: nobody listening: the hint names the way on', async () => {
    const { signIn } = app();
    const failure = await failureOf(signIn.submit(submission('http://127.0.0.1:1/')));
    expect(failure.code).toBe('key_check_unreachable');
    expect(failure.hint).toContain('Save without checking');
  });

  it('K-1: no answer in 15 s ends the check and its request', async () => {
    let signal: AbortSignal | undefined;
    let asked = () => {};
    const asking = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const { signIn, clock } = app({
      fetch: (_, init) => {
        signal = init.signal;
        asked();
        return new Promise(() => {});
      },
    });
    const failure = failureOf(signIn.submit(submission('https://provider.test/')));
    await asking;
    clock.advance(14_999);
    expect(signal?.aborted).toBe(false);
    clock.advance(1);
    expect(await failure).toMatchObject({ code: 'key_check_unreachable', detail: 'no answer in 15 s' });
    expect(signal?.aborted).toBe(true);
  });

  it.each(['', 'sk-short', `${text} `, `${text}\nX-Evil: 1`, `x${text}`, 'sk-ключключключ'])(
    'K-1: %j is refused before anybody is asked',
    async (apiKey) => {
      const { url, seen } = await server(200);
      const { signIn, file } = app();
      const failure = await failureOf(signIn.submit(submission(url, { apiKey: new Secret(apiKey) })));
      expect(failure.code).toBe('key_malformed');
      expect([seen, file.text]).toEqual([[], undefined]);
    },
  );

  it('K-2: an error of the network that quotes the key does not get out', async () => {
    const { signIn } = app({
      fetch: async () => {
        throw new TypeError(`"Bearer ${text}" is an invalid header value`, {
          cause: Object.assign(new Error(text), { code: text }),
        });
      },
    });
    expect(await failureOf(signIn.submit(submission('https://provider.test/')))).toMatchObject({
      code: 'key_check_unreachable',
      detail: 'no connection',
    });
  });

  it.each([
    ['keychain', 'locked', 'keychain_locked'],
    ['keychain', 'denied', 'keychain_denied'],
    ['keychain', 'unavailable', 'keychain_unavailable'],
    ['keychain', 'timed-out', 'keychain_timed_out'],
    ['sealed-file', 'locked', 'sealed_file_locked'],
    ['sealed-file', 'corrupt', 'sealed_file_corrupt'],
    ['sealed-file', 'unwritable', 'sealed_file_unwritable'],
    [null, 'unavailable', 'vault_not_chosen'],
  ] as const)('T-3: the vault (%s) is %s: %s, and no account is made', async (backend, status, code) => {
    const { signIn, identities } = app({ vault: { set: async () => ({ status, backend, detail: 'why' }) } });
    const failure = await failureOf(signIn.submit(submission('', { saveWithoutChecking: true })));
    expect(failure).toMatchObject({ code, detail: 'why' });
    expect(identities.list().bundles.map((bundle) => bundle.blank)).toEqual([true]);
  });

  it('K-1: when the account cannot be saved, the keychain entry goes', async () => {
    const file = new MemoryStoreFile();
    const { identities, vault } = identitiesIn(temporaryDirectory(), file);
    let entry: VaultEntry | undefined;
    const { signIn } = app({
      accounts: identities,
      vault: {
        set: async (where) => {
          entry = where;
          file.fault = new Error('full');
          return { status: 'ok' };
        },
      },
    });
    const failure = await failureOf(signIn.submit(submission('', { saveWithoutChecking: true })));
    expect(failure.code).toBe('could_not_save');
    expect(vault.deleted).toEqual([entry]);
    expect(identities.list().bundles).toHaveLength(1);
  });

  it('I-1: nothing is asked or stored for the blank identity, an unknown bundle or a provider without keys', async () => {
    const { url, seen } = await server(200);
    const { signIn, stored } = app();
    expect((await failureOf(signIn.submit(submission(url, { bundleId: 'blank' })))).code).toBe(
      'blank_is_fixed',
    );
    expect((await failureOf(signIn.submit(submission(url, { bundleId: 'gone' })))).code).toBe(
      'unknown_bundle',
    );
    const without = { ...provider(url), apiKey: null };
    expect((await failureOf(signIn.submit(submission(url, { provider: without })))).code).toBe('no_api_key');
    expect([seen, stored]).toEqual([[], []]);
  });
});
