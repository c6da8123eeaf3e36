import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { awsCli, type MotoServer, motoMissing, startMoto } from '../cloud/moto.fixture.ts';
import type { OpenForm } from '../cloud/open-form.ts';
import { blankBundleId } from '../identities/model.ts';
import type { PreparedLaunch } from '../launch/launch-preparation.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import {
  addAwsKey,
  addSsoSignIn,
  type CloudWorld,
  type OpenCloudHouse,
  openCloudHouse,
  writeSsoCache,
} from './cloud-house.fixture.ts';
import { startSsoPortal } from './sso-portal.fixture.ts';

const run = promisify(execFile);
const minute = 60_000;

let data: string;
const houses: OpenCloudHouse[] = [];
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'lanyard-cloud-house-'));
});
afterEach(async () => {
  for (const house of houses.splice(0)) await house.stop();
  rmSync(data, { recursive: true, force: true });
});

async function open(world: Partial<CloudWorld> = {}): Promise<OpenCloudHouse> {
  const house = await openCloudHouse({ data, ...world });
  houses.push(house);
  return house;
}

function form(changes: Partial<OpenForm> = {}): OpenForm {
  return {
    cloud: 'aws',
    bundleId: 'bundle',
    sourceId: 'account',
    principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/agent' },
    actions: ['s3:ListAllMyBuckets'],
    deny: [],
    resources: [],
    sourceIps: [],
    tags: {},
    ttl: '1h',
    limits: {},
    mayReuse: true,
    acceptNotNarrowed: false,
    ...changes,
  };
}
const whole = ({ env, secrets }: PreparedLaunch): Record<string, string> => ({
  ...env,
  ...Object.fromEntries(Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()])),
});

describe.skipIf(motoMissing !== null)('base credentials out of identities', { timeout: 60_000 }, () => {
  let moto: MotoServer;
  let portal: Awaited<ReturnType<typeof startSsoPortal>>;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());
  beforeEach(async () => {
    portal = await startSsoPortal();
    moto.takeForms();
  });
  afterEach(() => portal.stop());

  const endpoints = () => ({
    sts: moto.recordedOrigin,
    iam: moto.origin,
    ssoPortal: portal.origin,
    ssoOidc: portal.origin,
  });

  it('C-12: IAM Identity Center: accounts and roles to pick from, and the role’s credentials take the session’s role on', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addSsoSignIn(house, {
      accessToken: 'sso-token-1',
      expiresAt: Date.now() + 60 * minute,
    });
    const [source] = await house.desk.sources(bundleId);
    expect(source).toEqual({
      id: accountId,
      cloud: 'aws',
      kind: 'identity-center',
      label: 'ada@acme.test',
      accountId,
      principals: ['role'],
      baseRole: { awsAccountId: '222222222222', roleName: 'ReadOnly' },
      region: 'eu-central-1',
    });
    expect(await house.desk.awsAccounts(bundleId, accountId)).toEqual([
      { id: '111111111111', name: 'One' },
      { id: '222222222222', name: 'Two', email: 'two@acme.test' },
    ]);
    expect(await house.desk.awsRoles(bundleId, accountId, '111111111111')).toEqual(['Power', 'ReadOnly']);
    portal.takeAsked();

    const wish = form({
      bundleId,
      sourceId: accountId,
      actions: ['s3:*'],
      deny: ['s3:DeleteBucket'],
      resources: ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'],
      tags: { team: 'data' },
      baseRole: { awsAccountId: '111111111111', roleName: 'Power' },
    });
    const { session, reused } = await house.desk.open(wish);
    expect(reused).toBe(false);
    expect(session).toMatchObject({
      bundleId,
      accountId,
      baseRole: '111111111111/Power',
      region: 'eu-central-1',
    });
    const [sent] = moto.takeForms();
    const policy = JSON.parse(sent?.get('Policy') ?? '');
    expect(policy.Statement).toEqual([
      { Effect: 'Allow', Action: ['s3:*'], Resource: ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'] },
      { Effect: 'Deny', Action: ['s3:DeleteBucket'], Resource: '*' },
    ]);
    expect(sent?.get('Tags.member.1.Key')).toBe('team');
    // C-10: what is shown is what was sent.
    const { issued } = house.desk.get(session.id);
    expect(issued).toMatchObject({ policyText: sent?.get('Policy'), grantedSeconds: 3600 });
    expect(issued?.principal).toContain(`lanyard-${session.id}`);

    // C-6: another role to start from is another session.
    expect((await house.desk.open(wish)).reused).toBe(true);
    const other = { awsAccountId: '111111111111', roleName: 'ReadOnly' };
    expect((await house.desk.open({ ...wish, baseRole: other })).reused).toBe(false);
    // The role's own credentials are asked for once for both uses of it.
    expect(portal.takeAsked()).toEqual(['GET /federation/credentials', 'GET /federation/credentials']);
  });

  it('C-12: a sign-in that has run out is renewed in its own file, once for all who ask, and the machine’s own is not touched', async () => {
    const house = await open({ endpoints: endpoints() });
    const expired = { accessToken: 'sso-token-0', expiresAt: Date.now() - minute };
    const { bundleId, accountId, cache } = await addSsoSignIn(house, expired);
    await Promise.all([
      house.desk.awsAccounts(bundleId, accountId),
      house.desk.awsRoles(bundleId, accountId, '111111111111'),
    ]);
    expect(portal.takeAsked().filter((line) => line === 'POST /token')).toHaveLength(1);
    const kept = JSON.parse(readFileSync(cache, 'utf8'));
    expect(kept).toMatchObject({
      accessToken: 'sso-token-2',
      refreshToken: 'refresh-2',
      startUrl: 'https://acme.awsapps.com/start',
      clientId: 'client',
    });
    expect(kept.expiresAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(kept).not.toHaveProperty('file');

    // A login of the machine that was brought in is a pointer: read, and never written (I-15).
    const file = writeSsoCache(house.homeDirectory, expired);
    const before = readFileSync(file, 'utf8');
    const pointer = await house.identities.adopt({
      providerId: 'aws',
      bundleId: null,
      directory: null,
      identity: { email: 'ada@acme.test' },
    });
    await expect(house.desk.awsAccounts(pointer.bundleId, pointer.accountId)).rejects.toThrow(
      'aws_sign_in_expired',
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('C-12: a sign-in that AWS no longer renews says so, and nothing is opened', async () => {
    const house = await open({ endpoints: endpoints() });
    portal.state.refreshToken = 'another';
    const { bundleId, accountId } = await addSsoSignIn(house, { accessToken: 'old', expiresAt: 0 });
    await expect(house.desk.open(form({ bundleId, sourceId: accountId }))).rejects.toThrow(
      'aws_sign_in_expired',
    );
    expect(house.desk.list().sessions).toEqual([]);
    expect(house.events).toEqual([
      expect.objectContaining({
        kind: 'session.refused',
        bundleId,
        detail: expect.objectContaining({ reason: 'aws_sign_in_expired', actions: 's3:ListAllMyBuckets' }),
      }),
    ]);
  });

  it('C-12: an access key out of the vault: a role, a federated user, and the key’s own user once that is accepted', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addAwsKey(house);
    expect(await house.desk.sources(bundleId)).toEqual([
      expect.objectContaining({ kind: 'access-key', principals: ['role', 'federated-user', 'own-user'] }),
    ]);
    const wish = (changes: Partial<OpenForm>) => form({ bundleId, sourceId: accountId, ...changes });
    await house.desk.open(wish({}));
    expect(moto.takeForms()[0]?.get('Action')).toBe('AssumeRole');
    const federated = await house.desk.open(wish({ principal: { kind: 'federated-user' } }));
    expect(moto.takeForms()[0]?.get('Action')).toBe('GetFederationToken');
    expect(house.desk.get(federated.session.id).session).toMatchObject({
      principal: "A federated user of the key's",
      enforcement: { state: 'enforced', gaps: [] },
    });
    // C-11: said, accepted once, remembered for the identity.
    const own = wish({ principal: { kind: 'own-user' } });
    await expect(house.desk.open(own)).rejects.toThrow('not_enforced');
    expect(moto.takeForms()).toEqual([]);
    await house.desk.open({ ...own, acceptNotNarrowed: true });
    expect(moto.takeForms()[0]?.get('Action')).toBe('GetSessionToken');
    expect(house.desk.terms(bundleId).notNarrowedAccepted).toBe(true);
    expect((await house.desk.open({ ...own, mayReuse: false })).session.enforcement?.state).toBe(
      'not_enforced',
    );
  });

  it('C-12: the machine’s own login is for the blank identity only', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId } = await addAwsKey(house);
    expect((await house.desk.sources(bundleId)).some(({ kind }) => kind === 'machine')).toBe(false);
    await expect(house.desk.open(form({ bundleId, sourceId: 'machine:aws' }))).rejects.toThrow(
      'unknown_source',
    );
    const machine = await house.desk.sources(blankBundleId);
    expect(machine.map(({ id, label }) => `${id} ${label}`)).toEqual([
      "machine:aws This machine's own login",
      "machine:gcp This machine's own login",
      "machine:azure This machine's own login",
    ]);
  });

  it('I-11: a session that was opened while its identity was being removed goes with it', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addAwsKey(house);
    const { session } = await house.desk.open(form({ bundleId, sourceId: accountId }));
    await house.revokeOrphaned();
    expect(house.sessionOf(session.id)?.status).toBe('active');
    await house.identities.deleteBundle(bundleId);
    await house.revokeOrphaned();
    expect(house.sessionOf(session.id)?.status).toBe('revoked');
  });

  it('C-15, C-17: the real AWS CLI as a command of the identity lists a bucket, without the identity’s own cloud logins', async () => {
    const environment = {
      ...process.env,
      AWS_ACCESS_KEY_ID: 'AKIAOPERATOR',
      AWS_SECRET_ACCESS_KEY: 'operator',
      AWS_PROFILE: 'operator',
    };
    const house = await open({ endpoints: endpoints(), environment });
    const { bundleId, accountId } = await addAwsKey(house);
    const { session } = await house.desk.open(form({ bundleId, sourceId: accountId }));
    const launch = await house.runs.prepare(session.id);
    expect(Object.keys(launch.secrets)).toEqual(['AWS_CONTAINER_AUTHORIZATION_TOKEN']);
    expect(JSON.stringify(launch.env)).not.toMatch(/AKIA|operator|secret-of-the-key/);
    expect(launch.env.LANYARD_BUNDLE).toBe(house.identities.bundle(bundleId).name);
    const env = whole(launch);
    const { file, args } = awsCli();
    const cli = (...more: string[]) =>
      run(file, [...args, '--endpoint-url', moto.origin, ...more], { env, cwd: data });
    await cli('s3', 'mb', 's3://lanyard-reports');
    expect((await cli('s3', 'ls')).stdout).toContain('lanyard-reports');
    const { stdout } = await cli('sts', 'get-caller-identity', '--output', 'json');
    expect(JSON.parse(stdout).Arn).toContain(`lanyard-${session.id}`);
    // Without the session the identity's own key is handed over as ever.
    const plain = await house.preparation.of(bundleId);
    expect(plain.secrets.AWS_ACCESS_KEY_ID?.reveal()).toBe('AKIAIOSFODNN7EXAMPLE');
    await expect(house.preparation.of(blankBundleId, { cloudSessionId: session.id })).rejects.toThrow(
      'other_identity',
    );
  });

  it('C-18, C-19: audit: issue, reuse, extension, a limit, revocation; each session ends once', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addAwsKey(house);
    const wish = form({ bundleId, sourceId: accountId });
    const { session } = await house.desk.open(wish);
    await house.desk.open(wish);
    house.desk.extend(session.id, Date.now() + 120 * minute);
    expect(() => house.desk.extend(session.id, Date.now() + 13 * 60 * minute)).toThrow('beyond_cap');
    const revoked = await house.desk.revoke(session.id);
    expect(revoked).toMatchObject({ status: 'revoked', held: false });
    expect(revoked.revocation).toMatch(/^Ended here\. AWS cannot take back what was handed out: it dies at /);
    await house.desk.revoke(session.id);
    const limited = await house.desk.open({ ...wish, limits: { credentialRequests: 1 } });
    expect(await house.sessions.pasteable(limited.session.id, 'keys')).toHaveProperty('AWS_SESSION_TOKEN');
    await expect(house.sessions.pasteable(limited.session.id, 'keys')).rejects.toThrow('budget_exceeded');
    await house.sessions.settled();
    const of = (id: string) =>
      house.events.filter(({ sessionId }) => sessionId === id).map(({ kind }) => kind);
    expect(of(session.id)).toEqual([
      'session.issued',
      'session.reused',
      'session.extended',
      'session.revoked',
    ]);
    expect(of(limited.session.id)).toEqual(['session.issued', 'session.ended']);
    expect(house.events.at(-1)?.detail).toMatchObject({ status: 'budget_exceeded' });
    expect(JSON.stringify(house.events)).not.toContain('secret-of-the-key');
  });

  it('C-20: a cap holds at issue and at extension; one that cannot be read refuses', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addAwsKey(house);
    const wish = form({ bundleId, sourceId: accountId, ttl: '2h' });
    house.desk.setTerms(bundleId, { cap: '1h' });
    await expect(house.desk.open(wish)).rejects.toThrow('beyond_cap');
    const { session } = await house.desk.open({ ...wish, ttl: '30m' });
    expect(() => house.desk.extend(session.id, session.createdAt + 61 * minute)).toThrow('beyond_cap');
    expect(() => house.desk.setTerms(bundleId, { cap: 'soon' })).toThrow('invalid_duration');
    expect(house.desk.terms(bundleId)).toMatchObject({ cap: '1h', capSeconds: 3600 });
  });

  it.skipIf(process.platform === 'win32')(
    'C-21: the app is killed while a command runs: the next start ends the session, its command and what left it, and the same request works',
    async () => {
      const before = await open({ endpoints: endpoints() });
      const { bundleId, accountId } = await addAwsKey(before);
      await before.stop();
      houses.splice(0);
      const wish = form({ bundleId, sourceId: accountId });
      const child = spawn(
        process.execPath,
        [
          join(import.meta.dirname, 'cloud-house.child.ts'),
          JSON.stringify({
            data,
            sts: moto.origin,
            form: wish,
            kept: [...before.vault.values],
          }),
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [line] = await once(child.stdout, 'data');
      const { sessionId, ...command } = JSON.parse(String(line)) as {
        sessionId: string;
        pid: number;
        startTime: string;
      };
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      expect(await isAlive(command)).toBe(true);
      const directory = join(data, 'run', 'sessions', sessionId);
      expect(existsSync(directory)).toBe(true);

      const after = await open({ endpoints: endpoints(), vault: before.vault });
      await after.recover();
      expect(await isAlive(command)).toBe(false);
      if (process.platform === 'linux') {
        const mark = { directories: [], variables: [`LANYARD_SESSION_ID=${sessionId}`] };
        expect(await environmentHolders(mark)).toEqual([]);
      }
      expect(existsSync(directory)).toBe(false);
      expect(after.desk.get(sessionId).session).toMatchObject({ status: 'failed', held: false });
      expect(after.events).toEqual([
        expect.objectContaining({
          kind: 'session.ended',
          sessionId,
          detail: expect.objectContaining({ status: 'failed' }),
        }),
      ]);
      expect((await after.desk.open(wish)).reused).toBe(false);
    },
  );

  it('C-17: a command ends with the session, and its end does not end a session that is kept', async () => {
    const house = await open({ endpoints: endpoints() });
    const { bundleId, accountId } = await addAwsKey(house);
    const { session } = await house.desk.open(
      form({ bundleId, sourceId: accountId, limits: { commands: 2 } }),
    );
    const start = async () => {
      const env = whole(await house.runs.prepare(session.id));
      const child = spawn('/bin/sh', ['-c', 'sleep 1000 & wait'], { env, detached: true, stdio: 'ignore' });
      const pid = child.pid ?? 0;
      return { child, process: { pid, startTime: (await processStartTime(pid)) ?? '' } };
    };
    const first = await start();
    await house.runs.started(session.id, first.process, ['sh', '-c']);
    expect(house.desk.get(session.id).session).toMatchObject({ running: 1, command: 'sh -c' });
    const gone = once(first.child, 'exit');
    first.child.kill('SIGKILL');
    await gone;
    house.runs.ended(session.id, first.process, { keep: true });
    house.runs.ended(session.id, first.process, { keep: true });
    expect(house.desk.get(session.id).session).toMatchObject({ running: 0, status: 'active' });
    const second = await start();
    await house.runs.started(session.id, second.process, ['sh']);
    const third = await start();
    await expect(house.runs.started(session.id, third.process, ['sh'])).rejects.toThrow('budget_exceeded');
    await house.sessions.settled();
    for (const { process } of [second, third]) expect(await isAlive(process)).toBe(false);
    expect(house.kinds()).toEqual(['session.issued', 'session.ended']);
  });
});

describe('Google Cloud and Azure', () => {
  it.skipIf(process.platform === 'win32')(
    'C-13: the token of a Google account is what its own gcloud prints, in the account’s directory',
    async () => {
      const house = await open();
      mkdirSync(join(data, 'bin'), { recursive: true });
      const report = join(data, 'asked');
      writeFileSync(
        join(data, 'bin', 'gcloud'),
        `#!/bin/sh\necho "$CLOUDSDK_CONFIG $*" >> '${report}'\n[ -e "$CLOUDSDK_CONFIG/signed-in" ] && echo ya29.base\n`,
        { mode: 0o755 },
      );
      const target = house.identities.open('gcloud', true, null, randomUUID());
      if (target.directory === null) throw new Error('an account has a directory');
      const { bundleId, accountId = '' } = await target.save({ email: 'ada@acme.test' });
      expect(await house.desk.sources(bundleId)).toEqual([
        expect.objectContaining({
          kind: 'google-account',
          label: 'ada@acme.test',
          principals: ['service-account'],
        }),
      ]);
      const wish = form({
        cloud: 'gcp',
        bundleId,
        sourceId: accountId,
        principal: { kind: 'service-account', email: 'agent@project-1.iam.gserviceaccount.com' },
        actions: ['storage.objects.get'],
        resources: ['//storage.googleapis.com/projects/_/buckets/reports'],
      });
      await expect(house.desk.open(wish)).rejects.toThrow('account_needs_sign_in');
      expect(readFileSync(report, 'utf8')).toBe(`${target.directory} auth print-access-token\n`);
    },
  );

  it('C-14: an Azure account has the tenant of its sign-in, and one that nobody is signed in to says so', async () => {
    const house = await open();
    const target = house.identities.open('azure', true, null, randomUUID());
    if (target.directory === null) throw new Error('an account has a directory');
    const { bundleId, accountId = '' } = await target.save({ email: 'ada@acme.test' });
    expect(await house.desk.sources(bundleId)).toMatchObject([
      { kind: 'azure-account', failure: { code: 'account_needs_sign_in' } },
    ]);
    const realm = '11111111-2222-3333-4444-555555555555';
    writeFileSync(
      join(target.directory, 'msal_token_cache.json'),
      JSON.stringify({ Account: { a: { realm } } }),
    );
    const [source] = await house.desk.sources(bundleId);
    expect(source).toMatchObject({ tenantId: realm, principals: ['azure-token'] });
    expect(source).not.toHaveProperty('failure');
    const wish = form({
      cloud: 'azure',
      bundleId,
      sourceId: accountId,
      actions: [],
      principal: { kind: 'azure-token', subscription: 'sub', resource: 'https://management.azure.com/' },
    });
    await expect(house.desk.open(wish)).rejects.toThrow('not_enforced');
    await expect(house.desk.open({ ...wish, cloud: 'aws' })).rejects.toThrow('wrong_source');
    await expect(house.desk.open({ ...wish, principal: { kind: 'own-user' } })).rejects.toThrow(
      'wrong_principal',
    );
  });
});

describe('what a window asks', () => {
  it('C-7, C-10, C-11: a policy is checked while it is typed: unknown actions, what wildcards cover, its size, who holds to it', async () => {
    const house = await open();
    const question = {
      cloud: 'aws' as const,
      principal: 'role' as const,
      deny: [],
      resources: [],
      sourceIps: [],
    };
    const answer = await house.desk.checkPolicy({
      ...question,
      actions: ['s3:Get*', 's3:GetObjekt', 'nope:Do'],
    });
    expect(answer.problems).toEqual([]);
    expect(answer.coverage.map(({ action, kind }) => `${action} ${kind}`)).toEqual([
      's3:Get* known',
      's3:GetObjekt unknown-action',
      'nope:Do unknown-service',
    ]);
    expect(answer.coverage[0]?.count).toBeGreaterThan(20);
    expect(answer.coverage[0]?.examples).toHaveLength(5);
    expect(answer).toMatchObject({ enforcement: { state: 'enforced' }, size: { limit: 2048 } });
    expect(answer.size?.length).toBe(answer.text?.length);
    const wrong = await house.desk.checkPolicy({
      ...question,
      profileId: 'aws-logs-read',
      actions: ['', '*:*', 'x'],
    });
    expect(wrong.problems).toEqual([
      { field: 'actions', index: 1, failure: expect.objectContaining({ code: 'wildcard_service' }) },
      { field: 'actions', index: 2, failure: expect.objectContaining({ code: 'invalid_action' }) },
    ]);
    expect(wrong).not.toHaveProperty('enforcement');
    const resources = Array.from({ length: 60 }, (_, index) => `arn:aws:s3:::bucket-number-${index}/*`);
    const long = await house.desk.checkPolicy({ ...question, resources, actions: ['s3:GetObject'] });
    expect(long.problems).toMatchObject([{ failure: { code: 'policy_too_long' } }]);
    expect(long.size?.length).toBeGreaterThan(2048);
    const azure = await house.desk.checkPolicy({
      ...question,
      cloud: 'azure',
      principal: 'azure-token',
      actions: [],
    });
    expect(azure.enforcement?.state).toBe('not_enforced');
    const gcp = { ...question, cloud: 'gcp' as const, principal: 'service-account' as const };
    const bucket = '//storage.googleapis.com/projects/_/buckets/reports';
    const narrowed = await house.desk.checkPolicy({
      ...gcp,
      actions: ['storage.objects.get'],
      resources: [bucket],
    });
    expect(narrowed.enforcement?.state).toBe('enforced');
    expect(narrowed.text).toContain('legacyObjectReader');
  });

  it('C-8: profiles of one’s own: saved, used, replaced, deleted; the app’s own stay', async () => {
    const house = await open();
    const { profiles } = house.desk.profiles();
    expect(profiles.every(({ own }) => !own)).toBe(true);
    const id = house.desk.saveProfile({
      cloud: 'aws',
      name: 'Reports, read',
      description: '',
      actions: ['s3:GetObject', ''],
      deny: [],
    });
    expect(id).toBe('aws-reports-read');
    expect(house.desk.profiles().profiles.at(-1)).toMatchObject({ id, own: true, actions: ['s3:GetObject'] });
    expect(() =>
      house.desk.saveProfile({ cloud: 'aws', name: 'Bad', description: '', actions: ['*:*'], deny: [] }),
    ).toThrow('invalid_profile');
    house.desk.saveProfile({
      id,
      cloud: 'aws',
      name: 'Reports',
      description: '',
      actions: ['s3:Get*'],
      deny: [],
    });
    expect(house.desk.profiles().profiles).toHaveLength(profiles.length + 1);
    expect(() => house.desk.deleteProfile('aws-storage-read')).toThrow('unknown_profile');
    house.desk.deleteProfile(id);
    expect(house.desk.profiles().profiles).toEqual(profiles);
  });
});
