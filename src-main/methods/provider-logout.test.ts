import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createAwsHosts } from '../../e2e/support/aws-hosts.ts';
import { listenOnLoopback } from '../../e2e/support/local-host.ts';
import { cachedTokens, tokenFile, writeToken } from '../cloud/sources/sso-token-file.ts';
import { LanyardError } from '../failures.ts';
import { aws } from '../providers/aws.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import { ProviderLogout } from './provider-logout.ts';

const acme = {
  startUrl: 'https://acme.awsapps.com/start',
  region: 'eu-central-1',
  accountId: '123456789012',
  roleName: 'Developer',
  person: 'ada',
};

async function signedIn(locate: () => Promise<string | null>) {
  const home = mkdtempSync(join(tmpdir(), 'lanyard-logout-'));
  const server = await listenOnLoopback(createAwsHosts(acme).all);
  onTestFinished(async () => {
    await server.close();
    rmSync(home, { recursive: true });
  });
  writeToken(tokenFile(home, 'lanyard'), {
    accessToken: 'of-yesterday',
    expiresAt: '2026-01-01T00:00:00Z',
    region: acme.region,
  });
  const byProgram: string[] = [];
  const logout = new ProviderLogout({
    cli: {
      run: async (definition) => {
        byProgram.push(definition?.id ?? '');
        return 'none';
      },
    },
    programs: { locate },
    services: { fetch, endpoints: { portal: server.url } },
  });
  const asked = () => server.seen.map(({ path }) => path);
  return { logout, home, byProgram, asked };
}

it.each<[string, () => Promise<string | null>]>([
  ['is not there', async () => null],
  [
    'was set by hand and is gone',
    async () => {
      throw new LanyardError({ code: 'program_gone', title: 'x', hint: 'x' });
    },
  ],
])('I-11: AWS is told by Lanyard itself where its program %s', async (_, locate) => {
  const { logout, home, byProgram, asked } = await signedIn(locate);
  expect(await logout.run(aws, home)).toBe('done');
  expect(asked()).toEqual(['/logout']);
  expect(cachedTokens(home)).toEqual([]);
  expect(byProgram).toEqual([]);
});

it('I-11: by the program where it is there, and for every other provider', async () => {
  const { logout, home, byProgram, asked } = await signedIn(async () => '/usr/bin/aws');
  await logout.run(aws, home);
  const nobody = await signedIn(async () => null);
  await nobody.logout.run(sampleDefinition(), nobody.home);
  await nobody.logout.run(null, nobody.home);
  expect(byProgram).toEqual(['aws']);
  expect(nobody.byProgram).toEqual([sampleDefinition().id, '']);
  expect([...asked(), ...nobody.asked()]).toEqual([]);
});
