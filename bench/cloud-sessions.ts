import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src-main/clock.ts';
import { CloudSessions, type OpenRequest } from '../src-main/cloud/cloud-sessions.ts';
import { type IssueInputs, reusableSession } from '../src-main/cloud/reuse.ts';
import { type CloudSession, readSession, writeSession } from '../src-main/cloud/session-record.ts';
import { SessionStore, sessionsKept } from '../src-main/cloud/session-store.ts';
import { type Figure, milliseconds } from './figure.ts';
import { median, percentile } from './statistics.ts';

const lookups = 500;
const readings = 20;
const answers = 1_000;
const atOnce = 200;
const aims = { lookupMs: 1, timesFaster: 50 };

const inputsOf = (index: number): IssueInputs => ({
  provider: 'aws',
  roleArn: `arn:aws:iam::123456789012:role/agent-${index}`,
  accountId: 'account',
  bundleId: 'bundle',
  policy: {
    actions: ['s3:GetObject', 's3:ListBucket', 'logs:Get*'],
    deny: ['s3:DeleteBucket'],
    resources: [`arn:aws:s3:::bucket-${index}`, `arn:aws:s3:::bucket-${index}/*`],
    sourceIps: [],
  },
});

function stored(index: number): CloudSession {
  const now = Date.now();
  return {
    ...inputsOf(index),
    id: randomUUID(),
    createdAt: now,
    expiresAt: now + 3_600_000,
    ttlSeconds: 3600,
    budget: null,
    status: 'active',
    command: ['agent'],
    accessKeyId: 'ASIAEXAMPLE',
  };
}

/** Milliseconds of one run. */
async function time(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** What the app adds to a cloud's own time: issuing is an answer that is there at once. */
export async function measureCloudSessions(say: (text: string) => void): Promise<Figure[]> {
  const place = mkdtempSync(join(tmpdir(), 'lanyard-bench-cloud-'));
  try {
    return [...(await measureLookup(place, say)), ...(await measureIssue(place, say))];
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

async function measureLookup(place: string, say: (text: string) => void): Promise<Figure[]> {
  say(`cloud: reuse among ${sessionsKept} sessions`);
  const directory = join(place, 'lookup');
  new SessionStore(directory, systemClock).close();
  for (let index = 0; index < sessionsKept; index++) {
    const session = stored(index);
    writeFileSync(join(directory, `${session.id}.json`), JSON.stringify(writeSession(session), null, 2));
  }
  const wish = { now: Date.now(), atLeastSeconds: 60, isHeld: () => true };
  const store = new SessionStore(directory, systemClock);
  const find = (sessions: readonly CloudSession[], index: number) => {
    if (!reusableSession(sessions, inputsOf(index), wish)) throw new Error('it was not found');
  };
  const inMemory: number[] = [];
  for (let index = 0; index < lookups; index++) inMemory.push(await time(() => find(store.sessions, index)));
  store.close();
  const fromFiles: number[] = [];
  for (let index = 0; index < readings; index++)
    fromFiles.push(await time(() => find(readAll(directory), index)));
  const p99 = percentile(inMemory, 0.99);
  const faster = median(fromFiles) / median(inMemory);
  return [
    {
      name: `session to use again, of ${sessionsKept}`,
      value: `${p99.toFixed(3)} ms p99`,
      aim: `< ${milliseconds(aims.lookupMs)}`,
      met: p99 < aims.lookupMs,
      detail: `${median(inMemory).toFixed(3)} ms in the middle of ${lookups}, the first one included`,
    },
    {
      name: 'against reading the files',
      value: `${faster.toFixed(0)} times faster`,
      aim: `>= ${aims.timesFaster} times`,
      met: faster >= aims.timesFaster,
      detail: `${milliseconds(median(fromFiles))} for reading them`,
    },
  ];
}

/** As without a list in memory. */
function readAll(directory: string): CloudSession[] {
  return readdirSync(directory).flatMap((name) => {
    const result = readSession(JSON.parse(readFileSync(join(directory, name), 'utf8')));
    return 'session' in result ? [result.session] : [];
  });
}

async function measureIssue(place: string, say: (text: string) => void): Promise<Figure[]> {
  say(`cloud: ${atOnce} sessions at once`);
  const store = new SessionStore(join(place, 'issue'), systemClock);
  const sessions = new CloudSessions({
    clock: systemClock,
    store,
    newId: randomUUID,
    owner: { pid: process.pid, startTime: 'bench' },
    directory: join(place, 'sessions'),
    issuerFor: () => ({
      kind: 'aws-assume-role',
      lifetimes: { usual: 3600, shortest: 900 },
      revoke: null,
      issue: async (_, seconds) => ({
        expiresAt: Date.now() + seconds * 1000,
        accessKeyId: 'ASIAEXAMPLE',
        facts: { policyText: null, packedPercent: null, grantedSeconds: seconds, principal: null },
        plain: () => ({}),
        answer: (endsAt) => ({ AccessKeyId: 'ASIAEXAMPLE', Expiration: endsAt }),
      }),
    }),
    isThere: () => true,
    isAlive: async () => true,
    endProcess: async () => {},
    endLeftovers: async () => {},
    onRenewed: () => {},
    onWarning: () => {},
    onEnded: () => {},
    onFault: (_, error) => {
      throw error;
    },
  });
  const request = (index: number): OpenRequest => ({
    inputs: inputsOf(index),
    command: ['agent'],
    leaseSeconds: 3600,
    atLeastSeconds: 60,
    budget: null,
    accepted: false,
  });
  try {
    const one = await time(() => sessions.open(request(-1)));
    let opened: { session: CloudSession }[] = [];
    const all = await time(async () => {
      const indices = Array.from({ length: atOnce }, (_, index) => index);
      opened = await Promise.all(indices.map((index) => sessions.open(request(index))));
    });
    say(`cloud: ${answers} answers of the endpoint`);
    const endpoints = opened.map(({ session }) =>
      sessions.environment(session.id, { parent: {}, searchPath: '', platform: process.platform }),
    );
    const times: number[] = [];
    for (let index = 0; index < answers; index++) {
      const env = endpoints[index % endpoints.length] ?? {};
      times.push(await time(() => ask(env)));
    }
    return [
      {
        name: 'session issued, without the cloud',
        value: milliseconds(all / atOnce),
        aim: null,
        met: null,
        detail: `${milliseconds(all)} for ${atOnce} at once, ${milliseconds(one)} for the first one alone`,
      },
      {
        name: 'endpoint answers',
        value: `${milliseconds(percentile(times, 0.99))} p99`,
        aim: null,
        met: null,
        detail: `${milliseconds(median(times))} in the middle of ${answers}, each counted on disk, ${atOnce} endpoints open`,
      },
    ];
  } finally {
    await sessions.close();
    store.close();
  }
}

async function ask(env: Record<string, string>): Promise<void> {
  const response = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? '', {
    headers: { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN ?? '' },
  });
  if (response.status !== 200) throw new Error(`the endpoint said ${response.status}`);
  await response.arrayBuffer();
}
