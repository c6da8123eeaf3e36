import { describe, expect, it } from 'vitest';
import { identitiesIn, temporaryDirectory } from '../../identities/identities.fixture.ts';
import { blankBundleId } from '../../identities/model.ts';
import { sampleDefinition } from '../../providers/definition.fixture.ts';
import { Adoption } from './adoption.ts';
import type { FoundLogin } from './machine-logins.ts';

/** A machine on which this login is found, or none. */
function machine(login: FoundLogin | null) {
  const { identities } = identitiesIn(temporaryDirectory());
  const found = { login };
  const adoption = new Adoption({
    identities,
    providers: () => [sampleDefinition()],
    logins: {
      find: async () => found.login,
      findAll: async () => (found.login ? [found.login] : []),
    },
  });
  return { identities, adoption, found };
}

const login: FoundLogin = {
  providerId: 'acme',
  directory: null,
  identity: { email: 'ada@home.test', accountId: 'acct_1', plan: 'pro' },
};

describe('bringing in a login of the machine', () => {
  it('I-15: lists who it is and which bundles have it, and not where it is', async () => {
    const { adoption, identities } = machine({ ...login, directory: '/home/ada/.acme-work' });
    expect(await adoption.list()).toEqual([
      { providerId: 'acme', email: 'ada@home.test', plan: 'pro', adoptedBy: [] },
    ]);
    const work = identities.createBundle('Work');
    await adoption.adopt('acme', work.id);
    expect((await adoption.list())[0]?.adoptedBy).toEqual(['Work']);
  });

  it('I-15: saves who is there now, not who was there when it was listed', async () => {
    const { adoption, identities, found } = machine(login);
    await adoption.list();
    found.login = { ...login, identity: { email: 'grace@home.test' } };
    const { accountId } = await adoption.adopt('acme', null);
    expect(identities.account(accountId).displayName).toBe('grace@home.test');
  });

  it.each([
    ['acme', 'Nobody is signed in to Acme on this machine.'],
    ['gone', 'Nobody is signed in to gone on this machine.'],
  ])('I-15: nobody to bring in from %s', async (providerId, title) => {
    const { adoption, identities } = machine(null);
    await expect(adoption.adopt(providerId, null)).rejects.toThrow(`nobody_on_machine: ${title}`);
    expect(identities.list().bundles).toHaveLength(1);
  });

  it.each([
    ['gone', 'unknown_bundle'],
    [blankBundleId, 'blank_is_fixed'],
  ])('I-15: not into %s', async (bundleId, code) => {
    await expect(machine(login).adoption.adopt('acme', bundleId)).rejects.toThrow(code);
  });
});
