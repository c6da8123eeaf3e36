import { expect, it } from 'vitest';
import { exportIdentities } from './export.ts';
import { identitiesIn, temporaryDirectory } from './identities.fixture.ts';

it('an export says who is in which identity, and neither where a login is nor how to get at it', async () => {
  const data = temporaryDirectory();
  const { identities } = identitiesIn(data);
  const work = identities.createBundle('Work', '#123abc');
  identities.describeBundle(work.id, 'Day job');
  await identities
    .open('codex', true, work.id, 'auth-1')
    .save({ email: 'ada@acme.test', accountId: 'acct_1', organisation: 'Acme' });
  await identities.saveApiKey({
    providerId: 'openai',
    bundleId: work.id,
    displayName: 'CI key',
    secret: { service: 'Lanyard', account: 'openai/1' },
    status: 'valid',
  });
  identities.createBundle('Home');
  const exported = exportIdentities(identities.list().bundles, work.id, Date.UTC(2026, 0, 2));
  expect(exported).toEqual({
    format: 'lanyard-identities',
    version: 1,
    exportedAt: '2026-01-02T00:00:00.000Z',
    identities: [
      {
        name: 'Work',
        description: 'Day job',
        colour: '#123abc',
        default: true,
        accounts: [
          {
            provider: 'codex',
            kind: 'oauth',
            label: 'ada@acme.test',
            email: 'ada@acme.test',
            organisation: 'Acme',
          },
          { provider: 'openai', kind: 'api-key', label: 'CI key' },
        ],
      },
      { name: 'Home', description: '', colour: expect.stringMatching(/^#/), default: false, accounts: [] },
    ],
  });
  expect(JSON.stringify(exported)).not.toMatch(/secretRef|keychain|openai\/1|acct_1/);
  expect(JSON.stringify(exported)).not.toContain(data);
});
