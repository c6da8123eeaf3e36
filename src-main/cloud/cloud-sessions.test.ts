import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { isAlive, killRecorded, killTree, processStartTime } from '../process/kill-tree.ts';
import { Secret } from '../vault/secret.ts';
import { CloudSessions, type OpenRequest, type SessionIssuer } from './cloud-sessions.ts';
import { AwsIssuer } from './issuers/aws.ts';
import { awsRoleSessions } from './issuers/aws-session.ts';
import { awsCli, type MotoServer, motoMissing, startMoto } from './moto.fixture.ts';
import type { IssueInputs } from './reuse.ts';
import type { CloudSession, SessionProcess } from './session-record.ts';
import { SessionStore } from './session-store.ts';

const run = promisify(execFile);
const minute = 60_000;
const inputs: IssueInputs = {
  provider: 'aws',
  roleArn: 'arn:aws:iam::123456789012:role/agent',
  accountId: 'account',
  bundleId: 'bundle',
  region: 'us-east-1',
  policy: { actions: ['s3:ListAllMyBuckets'], deny: [], resources: [], sourceIps: [] },
};
const request = (changes: Partial<OpenRequest> = {}): OpenRequest => ({
  inputs,
  command: ['agent'],
  leaseSeconds: 3600,
  atLeastSeconds: 60,
  budget: null,
  accepted: false,
  ...changes,
});

let place: string;
let clock: ManualClock;
let store: SessionStore;
let sessions: CloudSessions;
let seen: string[];
let issued: number[];
/** What the cloud does; counts up its keys. */
let issue: (seconds: number) => Promise<void>;
let revoke: SessionIssuer['revoke'];
let issuerFor: (of: IssueInputs) => SessionIssuer;
let isThere: (session: Pick<CloudSession, 'bundleId' | 'accountId'>) => boolean;
const children: ChildProcess[] = [];

beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), 'lanyard-cloud-sessions-'));
  clock = new ManualClock(Date.now());
  seen = [];
  issued = [];
  issue = async () => {};
  revoke = null;
  isThere = () => true;
  issuerFor = () => ({
    kind: 'aws-assume-role',
    lifetimes: { usual: 1800, shortest: 900 },
    revoke,
    issue: async (_, seconds) => {
      issued.push(seconds);
      const accessKeyId = `ASIA${issued.length}`;
      await issue(seconds);
      return {
        expiresAt: clock.now() + seconds * 1000,
        accessKeyId,
        facts: { policyText: null, packedPercent: null, grantedSeconds: seconds, principal: null },
        plain: () => ({ AWS_ACCESS_KEY_ID: accessKeyId }),
        answer: (endsAt) => ({ AccessKeyId: accessKeyId, Expiration: endsAt }),
      };
    },
  });
  await open();
});
afterEach(async () => {
  await sessions.close();
  store.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(place, { recursive: true, force: true });
});

async function open(): Promise<void> {
  store = new SessionStore(join(place, 'records'), clock);
  const startTime = await processStartTime(process.pid);
  sessions = new CloudSessions({
    clock,
    store,
    newId: randomUUID,
    owner: { pid: process.pid, startTime: startTime ?? '' },
    directory: join(place, 'sessions'),
    issuerFor: (of) => issuerFor(of),
    isThere: (session) => isThere(session),
    isAlive,
    endProcess: ({ pid }) => killTree(pid, { graceMs: 200 }),
    endLeftovers: async () => {},
    onRenewed: () => {},
    onWarning: () => seen.push('session warned'),
    onEnded: ({ id }) => seen.push(`session ${store.get(id)?.status}`),
    onFault: (_, error) => seen.push(`fault ${error}`),
  });
}

async function opened(changes: Partial<OpenRequest> = {}): Promise<CloudSession> {
  return (await sessions.open(request(changes))).session;
}
const environment = (id: string) =>
  sessions.environment(id, {
    parent: process.env,
    searchPath: process.env.PATH ?? '',
    platform: process.platform,
  });
/** What a program of the session is told by its endpoint. */
async function ask(env: Record<string, string>): Promise<string> {
  try {
    const response = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
      headers: { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
    });
    const body = (await response.json()) as { AccessKeyId?: string; code?: string };
    return body.AccessKeyId ?? body.code ?? '';
  } catch {
    return 'gone';
  }
}
async function until(holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = store.onChange(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}
/** A command with a child of its own that would go on for ever. */
async function command(
  env: Record<string, string>,
): Promise<{ process: SessionProcess; grandchild: SessionProcess }> {
  const script =
    "const c = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }); console.log(c.pid); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', script], { env, detached: true });
  children.push(child);
  const [line] = await once(child.stdout, 'data');
  const id = async (pid: number) => ({ pid, startTime: (await processStartTime(pid)) ?? '' });
  return { process: await id(child.pid ?? 0), grandchild: await id(Number(String(line))) };
}

describe('opening', () => {
  it('C-6: the same request uses the session again, another does not', async () => {
    const first = await sessions.open(request());
    expect(first.reused).toBe(false);
    expect(await sessions.open(request({ command: ['other'] }))).toEqual({
      session: first.session,
      reused: true,
    });
    const other = { ...inputs, policy: { ...inputs.policy, deny: ['s3:DeleteBucket'] } };
    expect((await sessions.open(request({ inputs: other }))).reused).toBe(false);
    expect(issued).toHaveLength(2);
    // Too little would be left.
    expect((await sessions.open(request({ atLeastSeconds: 3601, leaseSeconds: 7200 }))).reused).toBe(false);
  });

  it('C-6: the same requests at once share one session', async () => {
    const all = await Promise.all([
      sessions.open(request()),
      sessions.open(request()),
      sessions.open(request()),
    ]);
    expect(new Set(all.map(({ session }) => session.id)).size).toBe(1);
    expect(all.map(({ reused }) => reused)).toEqual([false, true, true]);
    expect(issued).toHaveLength(1);
  });

  it('C-1, C-11: the record says who owns it, when it ends and what is enforced', async () => {
    const session = await opened();
    expect(session).toMatchObject({
      ...inputs,
      status: 'active',
      enforcement: { state: 'enforced' },
      leaseEndsAt: session.createdAt + 60 * minute,
      expiresAt: session.createdAt + 30 * minute,
      accessKeyId: 'ASIA1',
      process: { pid: process.pid },
    });
    expect(store.get(session.id)).toEqual(session);
  });

  it('C-11: what the cloud does not enforce needs to be accepted before anything is issued', async () => {
    const azure = issuerFor(inputs);
    issuerFor = () => ({ ...azure, kind: 'azure-token' });
    const wish = request({
      inputs: { ...inputs, provider: 'azure', policy: { ...inputs.policy, actions: [] } },
    });
    await expect(sessions.open(wish)).rejects.toThrow('not_enforced');
    expect(issued).toEqual([]);
    expect((await sessions.open({ ...wish, accepted: true })).session.enforcement?.state).toBe(
      'not_enforced',
    );
  });

  it('C-16: a lease that the cloud’s shortest credentials would outlive is refused', async () => {
    await expect(sessions.open(request({ leaseSeconds: 899 }))).rejects.toThrow('lease_too_short');
    expect(issued).toEqual([]);
    expect(store.sessions).toEqual([]);
  });

  it('a cloud that refuses leaves nothing, and the next request works', async () => {
    issue = async () => {
      throw new LanyardError({ code: 'aws_access_denied', title: '', hint: '' });
    };
    await expect(sessions.open(request())).rejects.toThrow('aws_access_denied');
    expect(store.sessions).toEqual([]);
    issue = async () => {};
    expect((await sessions.open(request())).reused).toBe(false);
  });
});

describe.skipIf(process.platform === 'win32')('ending', () => {
  it('C-16, C-17: renewed while it lasts; at the lease’s end the endpoint is gone and the tree within 2 s', async () => {
    const { id } = await opened();
    const env = environment(id);
    const program = await command(env);
    sessions.runStarted(id, program.process);
    expect(await ask(env)).toBe('ASIA1');
    clock.advance(25 * minute);
    expect(await ask(env)).toBe('ASIA2');
    // Nobody asks now; later nothing could be issued that ends in time.
    clock.advance(19 * minute);
    await until(() => store.get(id)?.accessKeyId === 'ASIA3');
    clock.advance(15 * minute);
    expect(seen).toEqual(['session warned']);
    expect(await ask(env)).toBe('ASIA3');
    expect(store.get(id)?.expiresAt).toBe(store.get(id)?.leaseEndsAt);
    const before = performance.now();
    clock.advance(minute);
    await sessions.settled();
    expect(performance.now() - before).toBeLessThan(2000);
    expect(await isAlive(program.process)).toBe(false);
    expect(await isAlive(program.grandchild)).toBe(false);
    expect(await ask(env)).toBe('gone');
    expect(seen).toEqual(['session warned', 'session expired']);
    expect(readdirSync(join(place, 'sessions'))).toEqual([]);
    expect(() => environment(id)).toThrow('session_ended');
  });

  it('C-18: revoked while a command runs: the same, it stays revoked, and it ends once', async () => {
    const { id } = await opened();
    const env = environment(id);
    const program = await command(env);
    sessions.runStarted(id, program.process);
    const revoked = await sessions.revoke(id);
    expect(revoked).toMatchObject({
      status: 'revoked',
      revocation: { kind: 'local', diesAt: revoked.expiresAt },
    });
    expect(await isAlive(program.process)).toBe(false);
    expect(await isAlive(program.grandchild)).toBe(false);
    expect(await ask(env)).toBe('gone');
    sessions.runEnded(id, program.process, { keep: false });
    clock.advance(120 * minute);
    await sessions.settled();
    expect(await sessions.revoke(id)).toMatchObject({ status: 'revoked' });
    expect(store.get(id)?.status).toBe('revoked');
    expect(seen).toEqual(['session revoked']);
  });

  it('C-18: what the cloud takes back is taken back after everything here has ended', async () => {
    const { id } = await opened();
    const program = await command(environment(id));
    sessions.runStarted(id, program.process);
    await sessions.close();
    store.close();
    await open();
    revoke = async () => {
      seen.push(`alive: ${await isAlive(second.process)}`);
      return { how: 'the token was revoked' };
    };
    const next = await opened();
    const second = await command(environment(next.id));
    sessions.runStarted(next.id, second.process);
    seen.length = 0;
    expect((await sessions.revoke(next.id)).revocation).toMatchObject({ kind: 'at_service' });
    expect(seen).toEqual(['session revoked', 'alive: false']);
  });

  it('C-18: a session of another program is not pretended to be revoked', async () => {
    const { id, ...record } = await opened();
    const foreign = { ...record, id: randomUUID() };
    store.add(foreign);
    await expect(sessions.revoke(foreign.id)).rejects.toThrow('session_not_held');
    await expect(sessions.revoke(randomUUID())).rejects.toThrow('session_not_held');
    expect(store.get(foreign.id)?.status).toBe('active');
    expect(store.get(id)?.status).toBe('active');
  });

  it('C-6: two commands on one session: the first ends, the second still gets credentials', async () => {
    const { id } = await opened();
    const env = environment(id);
    const [first, second] = [await command(env), await command(env)];
    sessions.runStarted(id, first.process);
    sessions.runStarted(id, second.process);
    await killTree(first.process.pid, { graceMs: 200 });
    sessions.runEnded(id, first.process, { keep: false });
    await sessions.settled();
    expect(await ask(env)).toBe('ASIA1');
    expect(await isAlive(second.process)).toBe(true);
    await killTree(second.process.pid, { graceMs: 200 });
    sessions.runEnded(id, second.process, { keep: false });
    await sessions.settled();
    expect(await ask(env)).toBe('gone');
    expect(seen).toEqual(['session completed']);
  });

  it('C-19: crossing a limit ends the session and what runs', async () => {
    const { id } = await opened({ inputs: { ...inputs, limits: { credentialRequests: 1, commands: 1 } } });
    const env = environment(id);
    const program = await command(env);
    expect(sessions.runStarted(id, program.process)).toBe(true);
    expect(await ask(env)).toBe('ASIA1');
    expect(['budget_exceeded', 'gone']).toContain(await ask(env));
    await sessions.settled();
    expect(await isAlive(program.process)).toBe(false);
    expect(seen).toEqual(['session budget_exceeded']);

    const minutes = await opened({ inputs: { ...inputs, limits: { minutes: 10 } } });
    clock.advance(10 * minute);
    await sessions.settled();
    expect(store.get(minutes.id)?.status).toBe('budget_exceeded');
  });

  it('C-20: an extended session ends later', async () => {
    const { id } = await opened();
    const env = environment(id);
    sessions.extend(id, clock.now() + 120 * minute, 8 * 3600);
    clock.advance(104 * minute);
    await until(() => store.get(id)?.accessKeyId === 'ASIA2');
    clock.advance(15 * minute);
    expect(await ask(env)).toBe('ASIA2');
    clock.advance(minute);
    await sessions.settled();
    expect(store.get(id)?.status).toBe('expired');
  });

  it('C-2: what another program writes into its file ends it here', async () => {
    const { id } = await opened();
    const env = environment(id);
    const other = new SessionStore(join(place, 'records'), clock);
    other.update(id, (session) => ({ ...session, status: 'revoked' }));
    other.close();
    await until(() => store.get(id)?.status === 'revoked');
    await sessions.settled();
    expect(await ask(env)).toBe('gone');
    expect(seen).toEqual(['session revoked']);
  });

  it('C-17: what runs is ended when its record is taken away, or written without it', async () => {
    for (const tamper of [
      (file: string) => rmSync(file),
      (file: string) => {
        const record = JSON.parse(readFileSync(file, 'utf8'));
        writeFileSync(file, JSON.stringify({ ...record, status: 'completed', runs: [] }));
      },
    ]) {
      seen = [];
      const { id } = await opened();
      const program = await command(environment(id));
      sessions.runStarted(id, program.process);
      tamper(join(place, 'records', `${id}.json`));
      await until(() => !sessions.isHeld(id));
      await sessions.settled();
      expect([await isAlive(program.process), await isAlive(program.grandchild)]).toEqual([false, false]);
      expect(seen).toHaveLength(1);
    }
  });

  it('C-16, C-19: a record that was edited lengthens no session of ours and raises no limit', async () => {
    const { id } = await opened({ inputs: { ...inputs, limits: { credentialRequests: 2 } } });
    const env = environment(id);
    expect(await ask(env)).toBe('ASIA1');
    const file = join(place, 'records', `${id}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(
      file,
      JSON.stringify({
        ...record,
        lease_ends_at: new Date(clock.now() + 12 * 60 * minute).toISOString(),
        limits: { credential_requests: 1000 },
        usage: { credential_requests: 0, renewals: 0, commands: 0 },
        bundle_id: 'another',
        added_by_a_tool: 'kept',
      }),
    );
    clock.advance(29 * minute);
    expect(await ask(env)).toBe('ASIA2');
    expect(issued).toEqual([1800, 960]);
    expect(store.get(id)).toMatchObject({
      bundleId: 'bundle',
      limits: { credentialRequests: 2 },
      leaseEndsAt: Date.parse(record.lease_ends_at),
    });
    expect(JSON.parse(readFileSync(file, 'utf8')).added_by_a_tool).toBe('kept');
    expect(await ask(env)).toBe('gone');
    expect(store.get(id)?.status).toBe('budget_exceeded');
  });

  it('C-21: one that the cloud was being asked for when the app ends is never opened', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    issue = async () => {
      asked.resolve();
      await answer.promise;
    };
    const opening = sessions.open(request());
    await asked.promise;
    await sessions.close();
    answer.resolve();
    await expect(opening).rejects.toMatchObject({ failure: { code: 'session_ended' } });
    await expect(sessions.open(request())).rejects.toMatchObject({ failure: { code: 'session_ended' } });
    expect([store.sessions, issued]).toEqual([[], [1800]]);
  });

  it('I-11: one that the cloud is asked for while its identity or account goes is not opened', async () => {
    issue = async () => {
      isThere = () => false;
    };
    await expect(sessions.open(request())).rejects.toMatchObject({ failure: { code: 'session_ended' } });
    expect([store.sessions, issued]).toEqual([[], [1800]]);
  });

  it('I-11: those whose identity or account went are known, and no other', async () => {
    const { id } = await opened();
    await opened({ inputs: { ...inputs, accountId: 'other' } });
    isThere = ({ accountId }) => accountId === 'other';
    expect(sessions.orphaned()).toEqual([id]);
  });

  it('C-21: after a crash: what ran is ended, files are gone, and the same request works at once', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    children.push(owner);
    const pid = owner.pid ?? 0;
    const crashed = { pid, startTime: (await processStartTime(pid)) ?? '' };
    const { id } = await opened();
    const program = await command(environment(id));
    // As the crashed process had left it.
    const record = { ...(store.get(id) as CloudSession), process: crashed, runs: [program.process] };
    await sessions.close();
    store.add({ ...record, id: record.id.replace(/^./, record.id.startsWith('a') ? 'b' : 'a') });
    const left = store.sessions.find((session) => session.status === 'active');
    expect((await sessions.recover()).ended).toEqual([]);
    const gone = once(owner, 'exit');
    owner.kill('SIGKILL');
    await gone;
    store.close();
    await open();
    expect(await sessions.recover()).toEqual({ ended: [left?.id], failed: [] });
    expect(await isAlive(program.process)).toBe(false);
    expect(existsSync(join(place, 'sessions', left?.id ?? ''))).toBe(false);
    expect(await sessions.open(request())).toMatchObject({ reused: false, session: { status: 'active' } });
    await killRecorded(program.grandchild);
  });
});

describe.skipIf(motoMissing !== null)('with AWS', { timeout: 60_000 }, () => {
  let moto: MotoServer;
  beforeAll(async () => {
    moto = await startMoto();
  }, 60_000);
  afterAll(() => moto?.stop());

  it('C-12, C-17: the real AWS CLI works under a session of a real issuer, and not after it', async () => {
    const keys = async () => ({
      accessKeyId: 'AKIABASE',
      secretAccessKey: new Secret('base'),
      sessionToken: null,
    });
    const issuer = new AwsIssuer({ keys, region: 'us-east-1', clock, endpoint: moto.recordedOrigin });
    issuerFor = (of) =>
      awsRoleSessions(issuer, of, 3600, async () => {
        throw new Error('nobody asked to deny it');
      });
    const session = await opened({ inputs: { ...inputs, tags: { team: 'a' }, sourceIdentity: 'ada' } });
    const [form] = moto.takeForms();
    expect(form?.get('Tags.member.1.Key')).toBe('team');
    expect(form?.get('SourceIdentity')).toBe('ada');
    const { file, args } = awsCli();
    const whoami = () =>
      run(file, [...args, '--endpoint-url', moto.origin, 'sts', 'get-caller-identity'], { env, cwd: place });
    const env = environment(session.id);
    expect(JSON.parse((await whoami()).stdout).Arn).toContain(`lanyard-${session.id}`);
    await sessions.revoke(session.id);
    await expect(whoami()).rejects.toThrow();
  });
});
