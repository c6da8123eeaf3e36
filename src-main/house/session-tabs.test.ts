import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { sessionMark } from '../cloud/session-environment.ts';
import { Running } from '../launch/running.ts';
import { openSessionTerminal } from '../launch/session-terminal.ts';
import type { TerminalInput } from '../launch/terminal.ts';
import { TerminalTabs } from '../launch/terminal-tabs.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { describeTree, isAlive, killTree, processStartTime } from '../process/kill-tree.ts';
import { ProgramFinder } from '../process/program-finder.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { addAwsKey, type OpenCloudHouse, openCloudHouse } from './cloud-house.fixture.ts';

const bash = '/bin/bash';
const hasBash = existsSync(bash);
if (!hasBash) process.stdout.write('skipped: there is no /bin/bash\n');
const size = { columns: 80, rows: 24 };

let data: string;
let sts: Server;
let house: OpenCloudHouse;
let tabs: TerminalTabs;
let sessionId: string;
let bundleId: string;
const said = new Map<string, Buffer>();
let waiting: (() => void)[] = [];

beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'lanyard-session-tabs-'));
  said.clear();
  waiting = [];
  // STS, as far as a role is taken on there.
  sts = createServer((_, response) => {
    const expires = new Date(Date.now() + 3_600_000).toISOString();
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(`<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
      <AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/agent/x</Arn></AssumedRoleUser>
      <Credentials><AccessKeyId>ASIASESSION</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
      <Expiration>${expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`);
  });
  await new Promise<void>((resolve) => sts.listen(0, '127.0.0.1', resolve));
  const environment = { ...process.env, SHELL: bash, TERM: 'xterm-256color', PS1: '$ ' };
  const origin = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  house = await openCloudHouse({ data, endpoints: { sts: origin }, environment });
  const key = await addAwsKey(house);
  bundleId = key.bundleId;
  const { session } = await house.desk.open({
    cloud: 'aws',
    bundleId,
    sourceId: key.accountId,
    principal: { kind: 'role', arn: 'arn:aws:iam::123456789012:role/agent' },
    actions: ['s3:GetObject'],
    deny: [],
    resources: [],
    sourceIps: [],
    tags: {},
    ttl: '1h',
    limits: {},
    mayReuse: true,
    acceptNotNarrowed: false,
  });
  sessionId = session.id;
  tabs = new TerminalTabs({
    preparation: house.preparation,
    cloudRuns: {
      started: (id, process, line) => house.runs.started(id, process, line),
      ended: (id, process) => house.runs.ended(id, process, { keep: true }),
    },
    spawnPty,
    killTree,
    describeTree,
    processStartTime,
    running: new Running({ isAlive, clock: systemClock }),
    audit: { record: () => {} },
    clock: systemClock,
    newId: randomUUID,
    homeDirectory: house.homeDirectory,
    platform: process.platform,
    onOutput: (tabId, from, bytes) => {
      said.set(tabId, Buffer.concat([said.get(tabId) ?? Buffer.alloc(0), bytes]));
      tabs.read(tabId, from + bytes.length);
      wake();
    },
    onChanged: wake,
  });
});
afterEach(async () => {
  await tabs.stop();
  await house.stop();
  sts.closeAllConnections();
  sts.close();
  rmSync(data, { recursive: true, force: true });
});

function wake(): void {
  for (const each of [...waiting]) each();
}
const until = (holds: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const check = () => {
      if (!holds()) return;
      waiting = waiting.filter((each) => each !== check);
      resolve();
    };
    waiting.push(check);
    check();
  });
async function open(command: string | null): Promise<string> {
  const { tabId } = await tabs.open({ bundleId, command, cloudSessionId: sessionId, ...size });
  said.set(tabId, Buffer.from(tabs.attach(tabId).bytes));
  wake();
  return tabId;
}
const says = (tabId: string, text: string) =>
  until(() => said.get(tabId)?.includes(text) ?? false).then(() => said.get(tabId)?.toString() ?? '');
const view = (tabId: string) => tabs.list().find((tab) => tab.tabId === tabId);
async function ended(tabId: string) {
  await until(() => view(tabId)?.status === 'ended');
  return view(tabId)?.exit;
}

describe.runIf(hasBash)('a terminal under a session', () => {
  it('C-17: a shell with a line editor: edited line, window size, Ctrl-C, exit code 7, and the session goes on', async () => {
    const tab = await open('exec bash --norc --noprofile -i');
    // The editor takes the last letter back.
    tabs.write(tab, `echo "key-$LANYARD_SESSION-ex"\x7f\x7fe-\${AWS_CONTAINER_CREDENTIALS_FULL_URI%%:*}"\r`);
    await says(tab, `key-${sessionId.slice(0, 8)}-ee-http`);
    tabs.resize(tab, { columns: 101, rows: 33 });
    tabs.write(tab, 'stty size\r');
    await says(tab, '33 101');
    // Said by the program itself, which has the terminal by then: a Ctrl-C before that would be the shell's.
    tabs.write(tab, `sh -c 'echo be""gin; exec sleep 1000'\r`);
    await says(tab, 'begin');
    tabs.write(tab, '\x03');
    tabs.write(tab, 'echo "after $?"\r');
    await says(tab, 'after 130');
    expect(house.desk.get(sessionId).session).toMatchObject({ running: 1, command: 'bash' });
    tabs.write(tab, 'exit 7\r');
    expect(await ended(tab)).toEqual({ code: 7, signal: null });
    expect(house.desk.get(sessionId).session).toMatchObject({ running: 0, status: 'active' });
  });

  it('C-17: binary output comes byte by byte as it was written', async () => {
    const tab = await open(
      'stty -opost; for round in 1 2 3; do for byte in {0..255}; do printf "\\\\x$(printf %02x $byte)"; done; done; printf END',
    );
    await says(tab, 'END');
    const all = Buffer.from(Array.from({ length: 768 }, (_, index) => index % 256));
    const bytes = said.get(tab) ?? Buffer.alloc(0);
    expect(bytes.subarray(0, bytes.indexOf('END')).equals(all)).toBe(true);
    expect(await ended(tab)).toEqual({ code: 0, signal: null });
  });

  it('C-18: revoked while it runs: endpoint and tree are gone within two seconds, the tab says that it ended', async () => {
    const tab = await open(
      'setsid sleep 1000 & (trap "" HUP TERM INT; sleep 1000) & echo "$AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN END"; wait',
    );
    const [, url = '', token = ''] = /(http\S+) (\S+) END/.exec(await says(tab, ' END')) ?? [];
    const ask = () => fetch(url, { headers: { authorization: token } });
    expect(await (await ask()).json()).toMatchObject({ AccessKeyId: 'ASIASESSION' });
    const tree = await describeTree(await pidOf(tab));
    // Linux tells of what has left the tree, too.
    const marked = () => environmentHolders({ directories: [], variables: [sessionMark(sessionId)] });
    expect((await marked())?.length ?? 3).toBeGreaterThan(2);
    const before = performance.now();
    const { status } = await house.desk.revoke(sessionId);
    expect(performance.now() - before).toBeLessThan(2000);
    expect(status).toBe('revoked');
    for (const each of tree) expect(await isAlive(each)).toBe(false);
    expect((await marked()) ?? []).toEqual([]);
    await expect(ask()).rejects.toThrow();
    await ended(tab);
    expect(house.desk.get(sessionId).session.status).toBe('revoked');
    await expect(tabs.restart(tab)).rejects.toThrow('session_ended');
    expect(house.kinds().filter((kind) => /revoked|ended/.test(kind))).toEqual(['session.revoked']);
  });

  it('C-15: a session of another identity is refused, and so is one that has ended', async () => {
    const { bundleId: other } = await addAwsKey(house);
    await expect(
      tabs.open({ bundleId: other, command: null, cloudSessionId: sessionId, ...size }),
    ).rejects.toThrow('other_identity');
    await house.desk.revoke(sessionId);
    await expect(open(null)).rejects.toThrow('session_ended');
    expect(tabs.list()).toEqual([]);
  });

  it('C-17: what runs in the system’s terminal is no child of ours, and ends with the session, too', async () => {
    let started: string[] = [];
    const finder = new ProgramFinder({
      environment: process.env,
      homeDirectory: data,
      platform: 'linux',
      readLoginPath: async () => null,
    });
    const { settled } = await openSessionTerminal(sessionId, null, {
      runs: house.runs,
      finder,
      programs: { locate: async () => null },
      provider: () => null,
      homeDirectory: house.homeDirectory,
      platform: 'linux',
      runtimeDirectory: join(data, 'run'),
      clock: systemClock,
      processStartTime,
      isAlive,
      audit: { record: () => {} },
      onFault: (error) => {
        throw error;
      },
      // A terminal that a server opened: the command is the child of somebody else.
      open: async ({ env, secrets = {}, announce }: TerminalInput) => {
        started = announce?.(['/bin/sh', '-c', 'sleep 1000 & wait']) ?? [];
        const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]);
        const everything = { ...env, ...Object.fromEntries(revealed) };
        spawn('/bin/sh', ['-c', '"$@" &', 'server', ...started], {
          env: everything,
          cwd: data,
          detached: true,
          stdio: 'ignore',
        });
      },
    });
    await settled;
    expect(started[0]).toBe('/bin/sh');
    expect(house.desk.get(sessionId).session).toMatchObject({ running: 1, command: bash });
    const [run] = house.sessionOf(sessionId)?.runs ?? [];
    if (!run) throw new Error('it is not known');
    const tree = await describeTree(run.pid);
    expect(tree.length).toBeGreaterThan(0);
    await house.desk.revoke(sessionId);
    for (const each of tree) expect(await isAlive(each)).toBe(false);
  });
});

async function pidOf(tabId: string): Promise<number> {
  const [run] = house.sessionOf(sessionId)?.runs ?? [];
  if (!run) throw new Error(`nothing runs in ${tabId}`);
  return run.pid;
}
