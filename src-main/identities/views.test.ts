import * as v from 'valibot';
import { expect, it } from 'vitest';
import { BundleViewSchema } from '../../src-preload/contract/bundles.ts';
import type { Account } from './model.ts';
import { bundleView } from './views.ts';

const account: Account = {
  id: 'a1',
  name: 'a1',
  provider: 'corp',
  kind: 'oauth',
  displayName: 'ada@example.test',
  secretRef: { kind: 'keychain', service: 'Lanyard', account: 'corp/a1' },
  context: { email: 'ada@example.test' },
  status: 'valid',
  createdAt: 1,
  updatedAt: 2,
};
const bundle = { id: 'b1', name: 'Work', description: '', colour: '#3366cc', createdAt: 1, updatedAt: 2 };

it('T-8: why a renewal ahead of time did not work comes to the account’s card, and where its secret is does not', () => {
  const view = (renewalProblem?: string) =>
    bundleView({ ...bundle, blank: false, accounts: [account] } as Parameters<typeof bundleView>[0], {
      isOnThisMachine: () => false,
      noteOf: () => (renewalProblem === undefined ? {} : { renewalProblem }),
    });
  const shown = view('Corp could not be reached. Check the network and try again.');
  // As it crosses: what the contract does not know is dropped.
  const crossed = v.parse(BundleViewSchema, shown);
  expect(crossed.accounts[0]).toMatchObject({
    status: 'valid',
    renewalProblem: 'Corp could not be reached. Check the network and try again.',
  });
  expect(JSON.stringify(crossed)).not.toContain('corp/a1');
  expect(v.parse(BundleViewSchema, view()).accounts[0]).not.toHaveProperty('renewalProblem');
});
