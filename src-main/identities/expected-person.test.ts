import { describe, expect, it } from 'vitest';
import { personOf } from './expected-person.ts';
import { filesUnder, identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';

const ada = { accountId: 'acct_1', organisationId: 'org_1', email: 'ada@acme.test', label: 'Ada' };

describe('the expected person', () => {
  it('I-16: is taken from what is known of an account, with a label to read', () => {
    const { label: _, ...identity } = ada;
    expect(personOf({ ...identity, organisation: 'Acme', plan: 'pro' })).toEqual({
      ...ada,
      label: 'ada@acme.test (Acme)',
    });
    expect(personOf({ organisation: 'Acme' })).toBeNull();
  });

  it('I-16: another one is not saved, both are named, and the old login stays', async () => {
    const data = temporaryDirectory();
    const file = new MemoryStoreFile();
    const { identities, root, changed } = identitiesIn(data, file);
    const { label: _, ...identity } = ada;
    const saved = await identities.open('codex', true, null, 'auth-1').save(identity);
    const accountId = saved.accountId ?? '';
    identities.expectCurrent(accountId);
    expect(changed).toEqual([saved.bundleId, saved.bundleId]);
    const restarted = identitiesIn(data, file).identities;
    expect(restarted.account(accountId).expected).toEqual({ ...ada, label: 'ada@acme.test (org_1)' });
    const before = file.text;
    const target = restarted.open('codex', true, saved.bundleId, 'auth-2');
    await expect(target.save({ accountId: 'acct_2', email: 'grace@acme.test' })).rejects.toThrow(
      'unexpected_person: This is grace@acme.test, not ada@acme.test (org_1).',
    );
    await target.discard();
    expect(file.text).toBe(before);
    expect(filesUnder(root)).toEqual([accountId, `${accountId}/1`]);
  });

  it('I-16: the same one is saved, and goes on being expected; taken back, whoever was first is', async () => {
    const { identities } = identitiesIn(temporaryDirectory());
    const { label: _, ...identity } = ada;
    const { bundleId, accountId = '' } = await identities.open('codex', true, null, 'auth-1').save(identity);
    identities.expectCurrent(accountId);
    await identities.open('codex', true, bundleId, 'auth-2').save(identity);
    expect(identities.account(accountId).expected).toBeDefined();
    identities.setExpected(accountId, null);
    expect('expected' in identities.account(accountId)).toBe(false);
    await expect(
      identities.open('codex', true, bundleId, 'auth-3').save({ accountId: 'acct_2' }),
    ).rejects.toThrow('unexpected_person');
    expect(() => identities.setExpected('gone', null)).toThrow('unknown_account');
  });

  it('I-16: nobody can be expected where nobody is known', async () => {
    const { identities } = identitiesIn(temporaryDirectory());
    const { accountId = '' } = await identities.open('codex', true, null, 'auth-1').save({});
    expect(() => identities.expectCurrent(accountId)).toThrow('nobody_to_expect');
  });
});
