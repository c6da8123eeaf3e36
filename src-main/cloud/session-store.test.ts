import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../manual-clock.fixture.ts';
import { cloudSession, sessionStart } from './cloud-session.fixture.ts';
import { type CloudSession, withStatus, writeSession } from './session-record.ts';
import { doubtMs, SessionStore, sessionsKept } from './session-store.ts';

let directory: string;
let clock: ManualClock;
const open: SessionStore[] = [];

beforeEach(() => {
  directory = join(mkdtempSync(join(tmpdir(), 'lanyard-sessions-')), 'sessions');
  clock = new ManualClock(Date.now());
});
afterEach(() => {
  for (const store of open.splice(0)) store.close();
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

function start(): SessionStore {
  const store = new SessionStore(directory, clock);
  open.push(store);
  return store;
}
const files = () => readdirSync(directory).sort();
const place = (session: CloudSession) => join(directory, `${session.id}.json`);
/** Resolves as soon as the store holds what is asked for. */
async function until(store: SessionStore, holds: () => boolean): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve) => {
    const stop = store.onChange(() => {
      if (!holds()) return;
      stop();
      resolve();
    });
  });
}
/** Another program writes a file, in one write. */
const otherProgram = (path: string, text: string) =>
  execFileSync(process.execPath, ['-e', 'fs.writeFileSync(process.argv[1], process.argv[2])', path, text]);

describe('SessionStore', () => {
  it('C-4: one file per session, 0600 in a 0700 directory, and no other', () => {
    const store = start();
    const session = cloudSession();
    store.add(session);
    expect(files()).toEqual([`${session.id}.json`]);
    expect(JSON.parse(readFileSync(place(session), 'utf8'))).toEqual(writeSession(session));
    if (process.platform === 'win32') return;
    expect(statSync(place(session)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it.each(['../x', '..', '', 'a/b', 'CON', `${randomUUID()}\n`, randomUUID().toUpperCase()])(
    'C-4: the id %j never becomes a path',
    (id) => {
      const store = start();
      expect(() => store.add(cloudSession({ id }))).toThrow('invalid_session_id');
      expect(() => store.update(id, (session) => session)).toThrow('session_not_found');
      expect(files()).toEqual([]);
    },
  );

  it('C-4: a write that fails changes nothing', () => {
    const store = start();
    const session = cloudSession();
    // The place of the new file is taken by a directory that is not empty.
    mkdirSync(join(place(session), 'x'), { recursive: true });
    expect(() => store.add(session)).toThrow('could_not_save');
    expect(store.sessions).toEqual([]);
    expect(files()).toEqual([`${session.id}.json`]);
  });

  it('C-4: what a crash in a write left is removed, and not what is being written', () => {
    mkdirSync(directory, { recursive: true });
    const [old, fresh] = [`${randomUUID()}.json.1.tmp`, `${randomUUID()}.json.2.tmp`];
    for (const name of [old, fresh]) writeFileSync(join(directory, name), '{');
    utimesSync(join(directory, old), 1, 1);
    start();
    expect(files()).toEqual([fresh]);
  });

  it('C-5: newest first, and the same after a restart', () => {
    const store = start();
    const made = [1, 3, 2].map((second) => cloudSession({ createdAt: sessionStart + second * 1000 }));
    for (const session of made) store.add(session);
    const expected = [made[1], made[2], made[0]];
    expect(store.sessions).toEqual(expected);
    expect(start().sessions).toEqual(expected);
  });

  it(`C-4: save number ${sessionsKept + 1} forgets exactly the oldest finished one`, () => {
    mkdirSync(directory, { recursive: true });
    const made = Array.from({ length: sessionsKept }, (_, index) =>
      cloudSession({
        createdAt: sessionStart + index,
        // The oldest two are active.
        status: index < 2 || index % 3 === 0 ? 'active' : 'completed',
      }),
    );
    for (const session of made) writeFileSync(place(session), JSON.stringify(writeSession(session)));
    const store = start();
    const [, , oldestFinished] = made;
    const added = cloudSession({ createdAt: sessionStart + 5000 });

    store.update(made[1]?.id ?? '', (session) => ({ ...session, budget: 1 }));
    expect(store.sessions).toHaveLength(sessionsKept);
    store.add(added);
    const gone = made.filter(({ id }) => !store.get(id));
    expect(gone.map(({ id }) => id)).toEqual([oldestFinished?.id]);
    expect(files()).toHaveLength(sessionsKept);
    expect(files()).toContain(`${added.id}.json`);
    expect(start().sessions.map(({ id }) => id)).toEqual(store.sessions.map(({ id }) => id));
  });

  it('C-4: an active session is never forgotten, and an update forgets nothing', () => {
    mkdirSync(directory, { recursive: true });
    for (let index = 0; index < sessionsKept + 2; index++) {
      const session = cloudSession({ createdAt: sessionStart + index });
      writeFileSync(place(session), JSON.stringify(writeSession(session)));
    }
    const store = start();
    store.add(cloudSession());
    expect(store.sessions).toHaveLength(sessionsKept + 3);
    const oldest = store.sessions.at(-1);
    store.update(oldest?.id ?? '', (session) => withStatus(session, 'completed'));
    expect(store.sessions).toHaveLength(sessionsKept + 3);
  });

  it('C-5: an unreadable file is skipped and named at once, and set aside when it stays so', async () => {
    mkdirSync(directory, { recursive: true });
    const good = cloudSession();
    const [broken, misplaced] = [cloudSession(), cloudSession()];
    writeFileSync(place(good), JSON.stringify(writeSession(good)));
    writeFileSync(place(broken), '{"id":');
    writeFileSync(place(misplaced), JSON.stringify(writeSession(good)));
    writeFileSync(join(directory, 'notes.json'), 'not ours');
    const store = start();
    expect(store.sessions).toEqual([good]);
    expect(store.problems.map(({ source }) => source).sort()).toEqual(
      [`${broken.id}.json`, `${misplaced.id}.json`].sort(),
    );
    clock.advance(doubtMs);
    expect(files()).toEqual(
      [
        `${good.id}.json`,
        `${broken.id}.json.unreadable`,
        `${misplaced.id}.json.unreadable`,
        'notes.json',
      ].sort(),
    );
    expect(store.problems.map(({ reason }) => reason).join()).toContain(`${broken.id}.json.unreadable`);
    const later = cloudSession();
    otherProgram(place(later), JSON.stringify(writeSession(later)));
    await until(store, () => store.sessions.length === 2);
    expect(store.problems).toHaveLength(2);
    expect(start().problems).toEqual([]);
  });

  it('C-5: a file that is complete a moment later is read and stays where it is', () => {
    mkdirSync(directory, { recursive: true });
    const session = cloudSession();
    writeFileSync(place(session), '{');
    const store = start();
    expect(store.problems).toHaveLength(1);
    writeFileSync(place(session), JSON.stringify(writeSession(session)));
    clock.advance(doubtMs);
    expect(store.sessions).toEqual([session]);
    expect(store.problems).toEqual([]);
    expect(files()).toEqual([`${session.id}.json`]);
  });

  it('C-5: what another program writes, changes and removes is seen without asking', async () => {
    const store = start();
    const session = cloudSession();
    otherProgram(place(session), JSON.stringify(writeSession(session)));
    await until(store, () => store.sessions.length === 1);
    expect(store.get(session.id)).toEqual(session);
    otherProgram(place(session), JSON.stringify({ ...writeSession(session), status: 'revoked' }));
    await until(store, () => store.get(session.id)?.status === 'revoked');
    rmSync(place(session));
    await until(store, () => store.sessions.length === 0);
  });

  it('C-2: an ended session is not brought back by a program that writes an older state', async () => {
    const store = start();
    const session = cloudSession();
    store.add(session);
    store.update(session.id, (row) => withStatus(row, 'revoked'));
    expect(store.update(session.id, (row) => ({ ...row, status: 'completed' })).status).toBe('revoked');
    otherProgram(place(session), JSON.stringify({ ...writeSession(session), tags: { from: 'another' } }));
    await until(store, () => store.get(session.id)?.tags !== undefined);
    expect(store.get(session.id)?.status).toBe('revoked');
    expect(JSON.parse(readFileSync(place(session), 'utf8')).status).toBe('revoked');
  });

  it('C-2: what another program ended is ended, also before the watcher says so', () => {
    const store = start();
    const session = cloudSession();
    store.add(session);
    otherProgram(place(session), JSON.stringify({ ...writeSession(session), status: 'revoked' }));
    expect(store.update(session.id, (row) => withStatus(row, 'completed')).status).toBe('revoked');
  });
});
