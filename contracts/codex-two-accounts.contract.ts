import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PendingDevice } from '../e2e/support/device-grants.ts';
import { createOpenAiIssuer, openAiHosts } from '../e2e/support/openai-issuer.ts';
import { systemClock } from '../src-main/clock.ts';
import type { Account } from '../src-main/identities/model.ts';
import { ApiKeySignIn } from '../src-main/methods/api-key/api-key.ts';
import { Keychain } from '../src-main/vault/keychain.ts';
import { Secret } from '../src-main/vault/secret.ts';
import { ContractHouse } from './support/house.ts';
import { useOwnKeychain } from './support/own-keychain.ts';
import { OwnLogin } from './support/own-login.ts';
import { findPrograms } from './support/programs.ts';

const { codex } = await findPrograms();

function directoryOf({ secretRef }: Account): string {
  if (secretRef.kind !== 'oauth-config-dir') throw new Error('the account has no directory');
  return secretRef.dir;
}

/** Who codex is signed in as there: `login status` says that somebody is, its file says who. */
async function whoIsSignedIn(house: ContractHouse, account: Account) {
  const status = await house.run(account, ['login', 'status']);
  const { tokens } = JSON.parse(await readFile(join(directoryOf(account), 'auth.json'), 'utf8'));
  const claims = JSON.parse(Buffer.from(tokens.id_token.split('.')[1], 'base64url').toString('utf8'));
  return { ...status, email: claims.email as string, refreshToken: tokens.refresh_token as string };
}

const signedInAs = (email: string) =>
  expect.objectContaining({ exitCode: 0, text: expect.stringContaining('Logged in using ChatGPT'), email });

describe('two Codex accounts at once', () => {
  it('I-4, I-11: both work side by side, and deleting one touches nothing of the other or outside of it', async (context) => {
    if (!codex || codex.reason !== undefined)
      return context.skip(codex?.reason ?? 'codex was not looked for');
    const issuer = createOpenAiIssuer();
    const house = await ContractHouse.open({
      hosts: openAiHosts(issuer),
      programDirectories: codex.directories,
    });
    onTestFinished(() => house.close());
    const own = await OwnLogin.plant(house.place.home, {
      '.codex/auth.json': '{"OPENAI_API_KEY":"their own"}\n',
    });
    const people = [
      { name: 'Ada', email: 'ada@example.test', userId: 'user-ada', accountId: 'acct-ada', plan: 'plus' },
      {
        name: 'Grace',
        email: 'grace@example.test',
        userId: 'user-grace',
        accountId: 'acct-grace',
        plan: 'pro',
      },
    ];

    // Both wait at the same time, each for a code of its own.
    const waiting: { sessionId: string; device: PendingDevice; person: (typeof people)[number] }[] = [];
    for (const person of people) {
      const { id } = house.identities.createBundle(person.name);
      const request = { providerId: 'codex', flowId: 'device', intoBundleId: id };
      const { sessionId } = house.broker.start(request);
      const shown = await house.until(sessionId, ({ status }) => status === 'code-emitted');
      const device = issuer.devices.all.find(
        ({ userCode }) => shown.status === 'code-emitted' && userCode === shown.deviceCode,
      );
      if (!device) throw new Error('the code shown is nobody’s');
      waiting.push({ sessionId, device, person });
    }
    const accounts: Account[] = [];
    for (const { sessionId, device, person } of waiting) {
      expect(house.broker.poll(sessionId).status).toBe('code-emitted');
      issuer.person = person;
      device.approve();
      accounts.push(await house.signedIn(sessionId));
    }
    const [ada, grace] = accounts;
    if (!ada || !grace) throw new Error('two accounts are there');

    const bundles = house.identities.list().bundles.filter(({ blank }) => !blank);
    expect(bundles.map((bundle) => [bundle.name, bundle.accounts.map(({ id }) => id)])).toEqual([
      ['Ada', [ada.id]],
      ['Grace', [grace.id]],
    ]);
    expect([ada, grace].map(({ context: who }) => [who.email, who.plan])).toEqual([
      ['ada@example.test', 'plus'],
      ['grace@example.test', 'pro'],
    ]);
    const [adaSays, graceSays] = await Promise.all([whoIsSignedIn(house, ada), whoIsSignedIn(house, grace)]);
    expect(adaSays).toEqual(signedInAs('ada@example.test'));
    expect(graceSays).toEqual(signedInAs('grace@example.test'));

    const outside = join(house.place.root, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'precious'), 'not ours to delete');
    await symlink(outside, join(directoryOf(ada), 'to-a-directory'));
    await symlink(join(outside, 'precious'), join(directoryOf(ada), 'to-a-file'));
    await symlink(directoryOf(grace), join(directoryOf(ada), 'to-the-other-account'));
    const graceFile = join(directoryOf(grace), 'auth.json');
    const graceBefore = await stat(graceFile, { bigint: true });
    const [adaBundle] = bundles;

    const { removed } = await house.identities.deleteBundle(adaBundle?.id ?? '');

    expect(removed).toMatchObject([{ accountId: ada.id }]);
    expect(removed.flatMap(({ steps }) => steps.filter(({ outcome }) => outcome === 'failed'))).toEqual([]);
    expect(existsSync(join(house.accountsRoot, ada.id))).toBe(false);
    expect(await readdir(house.accountsRoot)).toEqual([grace.id]);
    expect(await readFile(join(outside, 'precious'), 'utf8')).toBe('not ours to delete');
    expect(await readdir(outside)).toEqual(['precious']);
    const revoked = house.net.seen
      .filter(({ path }) => path === '/oauth/revoke')
      .map(({ form }) => form.token);
    expect(revoked).toEqual([adaSays.refreshToken]);

    expect(await whoIsSignedIn(house, grace)).toEqual(signedInAs('grace@example.test'));
    const graceAfter = await stat(graceFile, { bigint: true });
    expect([graceAfter.ino, graceAfter.mtimeNs]).toEqual([graceBefore.ino, graceBefore.mtimeNs]);
    expect(house.identities.list().bundles.filter(({ blank }) => !blank)).toMatchObject([
      { name: 'Grace', accounts: [{ id: grace.id }] },
    ]);
    expect(await own.changes()).toEqual({ touched: [], added: [] });
  });

  it('K-2, I-11: of two accounts with keys, the entry of the deleted one is gone from the keychain', async (context) => {
    await useOwnKeychain(context);
    const house = await ContractHouse.open({ hosts: {}, programDirectories: [] });
    onTestFinished(() => house.close());
    const keys = new ApiKeySignIn({
      accounts: house.identities,
      vault: new Keychain(systemClock),
      clock: systemClock,
      newId: () => crypto.randomUUID(),
      fetch: () => Promise.reject(new Error('not asked')),
    });
    const save = async (name: string, key: string) => {
      const saved = await keys.submit({
        provider: house.provider('codex'),
        bundleId: house.identities.createBundle(name).id,
        apiKey: new Secret(key),
        accountName: name,
        saveWithoutChecking: true,
      });
      const account = house.identities.account(saved.accountId);
      if (account.secretRef.kind !== 'keychain') throw new Error('the key is not in the keychain');
      return { account, entry: account.secretRef };
    };
    const keychain = new Keychain(systemClock);
    const kept = async (entry: { service: string; account: string }) => {
      const read = await keychain.get(entry);
      return read.status === 'ok' ? read.secret.reveal() : read.status;
    };
    const ada = await save('Ada', 'sk-ada-0123456789abcdefghij');
    const grace = await save('Grace', 'sk-grace-0123456789abcdefghij');
    expect([await kept(ada.entry), await kept(grace.entry)]).toEqual([
      'sk-ada-0123456789abcdefghij',
      'sk-grace-0123456789abcdefghij',
    ]);

    const [adaBundle] = house.identities.bundlesOf(ada.account.id);
    await house.identities.deleteBundle(adaBundle?.id ?? '');
    expect([await kept(ada.entry), await kept(grace.entry)]).toEqual([
      'not-found',
      'sk-grace-0123456789abcdefghij',
    ]);
    expect(existsSync(house.accountsRoot)).toBe(false);
  });
});
