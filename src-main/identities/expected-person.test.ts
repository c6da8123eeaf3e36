import { describe, expect, it } from 'vitest';
import { compareWithExpected, personOf } from './expected-person.ts';
import { filesUnder, identitiesIn, MemoryStoreFile, temporaryDirectory } from './identities.fixture.ts';

const ada = { accountId: 'acct_1', organisationId: 'org_1', email: 'ada@acme.test', label: 'Ada' };

describe('the expected person', () => {
  it.each([
    [{ accountId: 'acct_1', organisationId: 'org_1' }, 'same'],
    [{ accountId: 'acct_1', organisationId: 'org_2', email: 'ada@acme.test' }, 'different'],
    [{ accountId: 'acct_2', email: 'ada@acme.test' }, 'different'],
    [{ accountId: 'acct_1', email: 'renamed@acme.test' }, 'same'],
    [{ email: 'ADA@acme.test' }, 'same'],
    [{ email: 'grace@acme.test' }, 'different'],
    [{ organisationId: 'org_1' }, 'unknown'],
    [{}, 'unknown'],
  ] as const)('I-16: %j is the %s', (found, result) => {
    expect(compareWithExpected(ada, found)).toBe(result);
  });

  it('I-16: is taken from what is known of an account, with a label to read', () => {
    expect(personOf({ ...ada, organisation: 'Acme', plan: 'pro' })).toEqual({
      ...ada,
      label: 'ada@acme.test, Acme',
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
    expect(restarted.account(accountId).expected).toEqual({ ...ada, label: 'ada@acme.test' });
    const before = file.text;
    const target = restarted.open('codex', true, saved.bundleId, 'auth-2');
    await expect(target.save({ accountId: 'acct_2', email: 'grace@acme.test' })).rejects.toThrow(
      'unexpected_person: This is grace@acme.test, not ada@acme.test.',
    );
    await target.discard();
    expect(file.text).toBe(before);
    expect(filesUnder(root)).toEqual([accountId, `${accountId}/1`]);
  });

  it('I-16: the same one is saved, and goes on being expected; taken back, anybody is', async () => {
    const { identities } = identitiesIn(temporaryDirectory());
    const { label: _, ...identity } = ada;
    const { bundleId, accountId = '' } = await identities.open('codex', true, null, 'auth-1').save(identity);
    identities.expectCurrent(accountId);
    await identities.open('codex', true, bundleId, 'auth-2').save(identity);
    expect(identities.account(accountId).expected).toBeDefined();
    identities.setExpected(accountId, null);
    expect('expected' in identities.account(accountId)).toBe(false);
    await identities.open('codex', true, bundleId, 'auth-3').save({ accountId: 'acct_2' });
    expect(() => identities.setExpected('gone', null)).toThrow('unknown_account');
  });

  it('I-16: nobody can be expected where nobody is known', async () => {
    const { identities } = identitiesIn(temporaryDirectory());
    const { accountId = '' } = await identities.open('codex', true, null, 'auth-1').save({});
    expect(() => identities.expectCurrent(accountId)).toThrow('nobody_to_expect');
  });
});
