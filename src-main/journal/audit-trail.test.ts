import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdsFor } from '../property.fixture.ts';
import { TrailPlaceForTests } from './audit-trail.fixture.ts';
import type { TrailProblemKind } from './trail-check.ts';
import { trailVaultEntry } from './trail-seal.ts';

let place: TrailPlaceForTests;

beforeEach(() => {
  place = new TrailPlaceForTests();
});

afterEach(() => place.remove());

/** A line as somebody writes it who knows how, but has no key. */
function forgedLine(fields: Record<string, unknown>): string {
  const body = JSON.stringify(fields).slice(0, -1);
  return `${body},"hash":"${createHash('sha256').update(body).digest('hex')}"}`;
}

function hashIn(line: string | undefined): string {
  return /"hash":"([0-9a-f]{64})"/.exec(line ?? '')?.[1] ?? '';
}

describe('a trail that nobody touched', () => {
  it('R-10: entries are numbered, chained, signed, in files of bounded size, and whole', async () => {
    await place.run(20);
    expect(place.entries().map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, at) => at + 1));
    expect(place.names().length).toBeGreaterThan(2);
    for (const name of place.names()) expect(place.text(name).length).toBeLessThan(3_000);
    const check = await place.open().verify();
    expect(check).toMatchObject({ verdict: 'whole', entries: 20, problems: [], vault: 'ok' });
  });

  it('is for the person alone', async () => {
    await place.run(1);
    expect(statSync(join(place.directory, 'audit-000001.jsonl')).mode & 0o777).toBe(0o600);
    expect(place.lines()[0]).not.toContain(JSON.parse(place.vault.values.get('audit-trail') ?? '{}').key);
  });

  it('goes on where the last run ended', async () => {
    for (const count of [3, 1, 7]) await place.run(count);
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 11 });
  });

  it('says that there is nothing where nothing was written', async () => {
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 0, files: 0 });
  });

  it('a burst costs the vault no write per entry', async () => {
    const trail = place.open();
    for (let at = 0; at < 1_000; at += 1) trail.record({ kind: 'launch.started' });
    await trail.settled();
    await trail.stop();
    // Looked for, looked for again under the lock, made; then the head.
    expect(place.vault.calls).toBe(4);
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 1_000 });
  });

  it('tells the vault a few seconds after an entry, without waiting for the end of the run', async () => {
    const trail = place.open();
    trail.record({ kind: 'launch.started' });
    await trail.settled();
    expect(JSON.parse(place.vault.values.get(trailVaultEntry.account) ?? '{}').seq).toBe(0);
    place.clock.advance(3_000);
    await trail.verify();
    expect(JSON.parse(place.vault.values.get(trailVaultEntry.account) ?? '{}').seq).toBe(1);
  });

  it('two processes on the same data take turns in one chain', async () => {
    const [app, server] = [place.open(), place.open()];
    for (let at = 0; at < 12; at += 1) {
      (at % 2 ? app : server).record({ kind: 'launch.started', detail: { at } });
      await Promise.all([app.settled(), server.settled()]);
    }
    await app.stop();
    await server.stop();
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 12 });
  });
});

describe('what an entry holds', () => {
  it('texts are redacted, on one line, and bounded', async () => {
    const trail = place.open({ redact: (text) => text.replaceAll('hunter2', '[redacted]') });
    trail.record({ kind: 'launch.started', detail: { program: `a\n${'hunter2'} ${'x'.repeat(5_000)}` } });
    await trail.settled();
    const [entry] = place.entries();
    expect(String(entry?.detail?.program)).toMatch(/^a \[redacted\] x+…$/);
    expect(place.lines()[0]?.length).toBeLessThan(1_000);
  });

  it('values that came past the types are not written, and none makes it throw', async () => {
    const trail = place.open({
      knownOf: () => {
        throw new Error('gone');
      },
    });
    const detail = { secret: { token: 'tok-1' }, far: Number.POSITIVE_INFINITY } as never;
    trail.record({ kind: 'launch.started', detail });
    await trail.settled();
    expect(place.entries()[0]?.detail).toEqual({ secret: '[not recorded]', far: '[not recorded]' });
  });

  it('holds the names of then', async () => {
    const trail = place.open({ knownOf: ({ bundleId }) => ({ bundleName: `name of ${bundleId}` }) });
    trail.record({ kind: 'launch.started', bundleId: 'b1' });
    await trail.settled();
    expect(place.entries()[0]).toMatchObject({ bundleId: 'b1', bundleName: 'name of b1' });
  });
});

/** Changes by somebody who can write the files, but not the vault; each to a trail of 20 entries in several files. */
const tampering: {
  what: string;
  change: () => void;
  first: { kind: TrailProblemKind; seq: number; to?: number };
}[] = [
  {
    what: 'cut tail',
    change: () => place.rewrite((lines) => lines.slice(0, -4)),
    first: { kind: 'missing', seq: 17, to: 20 },
  },
  {
    what: 'cut tail in the middle of a line',
    change: () => {
      const name = join(place.directory, place.names().at(-1) ?? '');
      truncateSync(name, statSync(name).size - 9);
    },
    first: { kind: 'not-an-entry', seq: 20 },
  },
  {
    what: 'cut head',
    change: () => place.rewrite((lines) => lines.slice(2)),
    first: { kind: 'missing', seq: 1, to: 2 },
  },
  {
    what: 'cut head, numbered again and chained again',
    change: () => place.rewrite((lines) => chained(lines.slice(2).map((line) => JSON.parse(line)))),
    first: { kind: 'unsigned', seq: 1, to: 18 },
  },
  {
    what: 'cut out of the middle',
    change: () => place.rewrite((lines) => [...lines.slice(0, 7), ...lines.slice(9)]),
    first: { kind: 'missing', seq: 8, to: 9 },
  },
  {
    what: 'swap of two entries',
    change: () => place.rewrite((lines) => lines.with(4, lines[5] ?? '').with(5, lines[4] ?? '')),
    first: { kind: 'moved', seq: 5 },
  },
  {
    what: 'the same entry twice',
    change: () => place.rewrite((lines) => lines.toSpliced(6, 0, lines[5] ?? '')),
    first: { kind: 'moved', seq: 6 },
  },
  {
    what: 'edit of a content',
    change: () => place.rewrite((lines) => lines.with(9, (lines[9] ?? '').replace('"demo"', '"none"'))),
    first: { kind: 'edited', seq: 10 },
  },
  {
    what: 'edit of a number',
    change: () => place.rewrite((lines) => lines.with(9, (lines[9] ?? '').replace('"seq":10', '"seq":900'))),
    first: { kind: 'edited', seq: 10 },
  },
  {
    what: 'edit with a hash that fits',
    change: () =>
      place.rewrite((lines) => {
        const { hash, mac, ...fields } = JSON.parse(lines[9] ?? '{}');
        const line = forgedLine({ ...fields, providerId: 'none' });
        return lines.with(9, `${line.slice(0, -1)},"mac":"${mac}"}`);
      }),
    first: { kind: 'forged', seq: 10 },
  },
  {
    what: 'edit with a hash that fits and no signature',
    change: () =>
      place.rewrite((lines) => {
        const { hash, mac, key, ...fields } = JSON.parse(lines[9] ?? '{}');
        return lines.with(9, forgedLine({ ...fields, providerId: 'none' }));
      }),
    first: { kind: 'unsigned', seq: 10 },
  },
  {
    what: 'a signature taken off',
    change: () => place.rewrite((lines) => lines.with(9, (lines[9] ?? '').replace(/,"mac":"\w+"/, ''))),
    first: { kind: 'forged', seq: 10 },
  },
  {
    what: 'append of an unsigned entry that continues the chain',
    change: () =>
      place.rewrite((lines) => [
        ...lines,
        forgedLine({ seq: 21, at: 'now', kind: 'launch.started', prev: hashIn(lines.at(-1)) }),
      ]),
    first: { kind: 'unsigned', seq: 21, to: 21 },
  },
  {
    what: 'append of an entry that vouches for itself',
    change: () =>
      place.rewrite((lines) => {
        const detail = { from: 1, to: 99 };
        const fields = { seq: 21, at: 'now', kind: 'trail.vouched', detail, prev: hashIn(lines.at(-1)) };
        return [...lines, forgedLine(fields)];
      }),
    first: { kind: 'unsigned', seq: 21, to: 21 },
  },
  {
    what: 'append of other text',
    change: () => appendFileSync(join(place.directory, place.names().at(-1) ?? ''), 'hello\n'),
    first: { kind: 'not-an-entry', seq: 21 },
  },
  {
    what: 'the whole trail written anew',
    change: () => place.rewrite((lines) => chained(lines.map((line) => JSON.parse(line)))),
    first: { kind: 'unsigned', seq: 1 },
  },
  {
    what: 'the first file removed',
    change: () => rmSync(join(place.directory, place.names()[0] ?? '')),
    first: { kind: 'missing', seq: 1 },
  },
  {
    what: 'a file in the middle removed',
    change: () => rmSync(join(place.directory, place.names()[1] ?? '')),
    first: { kind: 'missing', seq: 4 },
  },
  {
    what: 'the last file removed',
    change: () => rmSync(join(place.directory, place.names().at(-1) ?? '')),
    first: { kind: 'missing', seq: 19, to: 20 },
  },
  {
    what: 'every file removed',
    change: () => rmSync(place.directory, { recursive: true }),
    first: { kind: 'missing', seq: 1, to: 20 },
  },
  {
    what: 'head in the vault replaced by one of another trail',
    change: () => {
      const { key } = JSON.parse(place.vault.values.get('audit-trail') ?? '{}');
      const other = { version: 1, key, seq: 20, hash: 'ab'.repeat(32) };
      place.vault.values.set('audit-trail', JSON.stringify(other));
    },
    first: { kind: 'replaced', seq: 20 },
  },
  {
    what: 'key in the vault replaced',
    change: () => {
      const head = JSON.parse(place.vault.values.get('audit-trail') ?? '{}');
      const key = Buffer.alloc(32, 7).toString('base64url');
      place.vault.values.set('audit-trail', JSON.stringify({ ...head, key }));
    },
    first: { kind: 'other-key', seq: 1, to: 20 },
  },
  {
    what: 'head removed from the vault',
    change: () => place.vault.values.delete('audit-trail'),
    first: { kind: 'head-gone', seq: 1 },
  },
];

/** Entries numbered and chained again, as whoever has no key can. */
function chained(entries: Record<string, unknown>[]): string[] {
  let prev = '0'.repeat(64);
  return entries.map((entry, at) => {
    const { hash: _hash, mac: _mac, key: _key, prev: _prev, ...fields } = entry;
    const line = forgedLine({ ...fields, seq: at + 1, prev });
    prev = hashIn(line);
    return line;
  });
}

describe('R-10: tampering is found, and the first bad entry is named', () => {
  it.each(tampering)('R-10: $what', async ({ change, first }) => {
    await place.run(20);
    change();
    const check = await place.open().verify();
    expect(check.verdict).not.toBe('whole');
    expect(check.problems[0]).toMatchObject(first);
  });

  it.each(tampering)('R-10: $what, and still after the next run has written on', async ({ change }) => {
    await place.run(20);
    change();
    await place.run(3);
    const check = await place.open().verify();
    expect(check.verdict).not.toBe('whole');
    expect(place.entries().at(-1)?.key).toBeDefined();
  });

  it.each(tampering)('R-10: $what, while a run goes on', async ({ change, what }) => {
    const trail = place.open();
    for (let at = 0; at < 20; at += 1) {
      trail.record({ kind: 'account.signed_in', providerId: 'demo', detail: { at } });
      if (at % 3 === 2) await trail.settled();
    }
    await trail.settled();
    await trail.verify();
    change();
    trail.record({ kind: 'account.signed_out' });
    await trail.settled();
    const check = await trail.verify();
    // The run tells the vault again what it knows: only a key that was never used is not to be seen any more.
    const healed = ['head in the vault replaced by one of another trail', 'head removed from the vault'];
    if (healed.includes(what) || what === 'key in the vault replaced') expect(check.verdict).toBe('whole');
    else expect(check.verdict).not.toBe('whole');
  });

  it('R-10: any change of any byte, any line taken away, moved or put in', async () => {
    await place.run(12);
    const original = place.lines();
    const line = fc.integer({ min: 0, max: 11 });
    const change = fc.oneof(
      fc.record({
        what: fc.constant('byte' as const),
        line,
        at: fc.nat(10_000),
        to: fc.integer({ min: 32, max: 126 }),
      }),
      fc.record({ what: fc.constant('drop' as const), line }),
      fc.record({ what: fc.constant('move' as const), line, to: line }),
      fc.record({ what: fc.constant('copy' as const), line, to: line }),
    );
    await holdsFor('tampered trails', { seed: 41, runs: 400 }, change, async (chosen) => {
      const lines = [...original];
      const text = lines[chosen.line] ?? '';
      if (chosen.what === 'byte') {
        const at = chosen.at % text.length;
        lines[chosen.line] = text.slice(0, at) + String.fromCharCode(chosen.to) + text.slice(at + 1);
      } else if (chosen.what === 'drop') lines.splice(chosen.line, 1);
      else if (chosen.what === 'move') lines.splice(chosen.to, 0, ...lines.splice(chosen.line, 1));
      else lines.splice(chosen.to, 0, text);
      if (lines.join('\n') === original.join('\n')) return;
      place.rewrite(() => lines);
      const { verdict, problems } = await place.open().verify();
      place.rewrite(() => original);
      expect(verdict).toBe('damaged');
      const untouched = lines.findIndex((each, at) => each !== original[at]);
      // Named no later than the entry after the first line that differs.
      expect(problems[0]?.seq).toBeLessThanOrEqual((untouched === -1 ? 12 : untouched) + 2);
    });
  });
});

describe('crashes', () => {
  it('R-10: a torn last line is taken away, and the trail says so', async () => {
    await place.run(4);
    const last = join(place.directory, place.names().at(-1) ?? '');
    appendFileSync(last, '{"seq":5,"at":"2026-01-01T00:00');
    await place.run(1);
    const kinds = place.entries().map(({ kind }) => kind);
    expect(kinds.slice(4)).toEqual(['trail.repaired', 'account.signed_in']);
    expect(place.entries()[4]?.detail).toEqual({ bytes: 31 });
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 6 });
  });

  it('R-10: a last line that only lacks its line break is kept', async () => {
    await place.run(4);
    const last = join(place.directory, place.names().at(-1) ?? '');
    truncateSync(last, statSync(last).size - 1);
    await place.run(1);
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 5 });
  });

  it('R-10: entries that the vault was not told of are signed all the same', async () => {
    await place.run(2);
    const crashed = place.open();
    crashed.record({ kind: 'launch.started' });
    await crashed.settled();
    await place.run(1);
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 4 });
  });

  it('R-10: what cannot be written waits, and is written when it can', async () => {
    const trail = place.open();
    rmSync(place.directory, { recursive: true });
    writeFileSync(place.directory, 'in the way');
    trail.record({ kind: 'launch.started' });
    await trail.settled();
    expect(trail.state()).toMatchObject({ waiting: 1, writeFault: 'EEXIST' });
    expect(place.errors).toContain('audit.not_written');
    rmSync(place.directory);
    place.clock.advance(10_000);
    await trail.settled();
    expect(trail.state()).toMatchObject({ waiting: 0, writeFault: null, last: 1 });
  });

  it('another process that does not let go keeps entries waiting', async () => {
    await place.run(1);
    writeFileSync(
      join(place.directory, 'writer.lock'),
      JSON.stringify({ pid: 1, startTime: 'then', id: 'x' }),
    );
    const trail = place.open({
      clock: {
        now: () => {
          place.clock.advance(1_000);
          return place.clock.now();
        },
        after: (_ms, task) => {
          const timer = setImmediate(task);
          return () => clearImmediate(timer);
        },
      },
    });
    trail.record({ kind: 'launch.started' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(existsSync(join(place.directory, 'writer.lock'))).toBe(true);
    await trail.stop();
    expect(trail.state()).toMatchObject({ waiting: 1, writeFault: 'locked-out' });
  });
});

describe('a vault that is closed', () => {
  it('R-10: entries go on unsigned, which is said, and are vouched for once it is open', async () => {
    await place.run(2);
    place.vault.fault = 'locked';
    const trail = place.open();
    trail.record({ kind: 'launch.started' });
    trail.record({ kind: 'launch.ended' });
    await trail.settled();
    expect(trail.state()).toMatchObject({ signs: false, fault: 'locked', unsigned: 2, last: 4 });
    expect(await trail.verify()).toMatchObject({ verdict: 'not-compared', vault: 'locked' });
    place.vault.fault = null;
    trail.vaultChanged();
    await trail.settled();
    expect(trail.state()).toMatchObject({ signs: true, fault: null, unsigned: 0 });
    expect(place.entries().at(-1)).toMatchObject({ kind: 'trail.vouched', detail: { from: 3, to: 4 } });
    expect(await trail.verify()).toMatchObject({ verdict: 'whole', entries: 5 });
  });

  it('R-10: what an earlier run wrote unsigned, nobody vouches for', async () => {
    await place.run(2);
    place.vault.fault = 'locked';
    await place.run(2);
    place.vault.fault = null;
    await place.run(1);
    expect(await place.open().verify()).toMatchObject({
      verdict: 'unsigned',
      problems: [{ kind: 'unsigned', seq: 3, to: 4 }],
    });
  });

  it('R-10: an entry changed before it was vouched for is found', async () => {
    place.vault.fault = 'locked';
    const trail = place.open();
    for (const at of [1, 2, 3]) trail.record({ kind: 'launch.started', detail: { at } });
    await trail.settled();
    place.rewrite((lines) => chained(lines.map((line) => ({ ...JSON.parse(line), kind: 'launch.ended' }))));
    place.vault.fault = null;
    trail.vaultChanged();
    await trail.settled();
    expect((await trail.verify()).verdict).toBe('damaged');
  });

  it('R-10: a tail that was cut while it was closed is missed once it is open', async () => {
    await place.run(9);
    place.rewrite((lines) => lines.slice(0, 6));
    place.vault.fault = 'locked';
    const trail = place.open();
    trail.record({ kind: 'launch.started' });
    await trail.settled();
    place.vault.fault = null;
    trail.vaultChanged();
    await trail.settled();
    const { verdict, problems } = await trail.verify();
    expect(verdict).toBe('damaged');
    expect(problems[0]?.seq).toBeLessThanOrEqual(8);
  });

  it('without any, the chain is checked and the rest is said', async () => {
    place.vault.fault = 'unavailable';
    await place.run(3);
    expect(await place.open().verify()).toMatchObject({ verdict: 'not-compared', vault: 'unavailable' });
    place.rewrite((lines) => lines.with(1, (lines[1] ?? '').replace('demo', 'none')));
    const { verdict, problems } = await place.open().verify();
    expect(verdict).toBe('damaged');
    expect(problems[1]).toMatchObject({ kind: 'edited', seq: 2 });
  });

  it('one that hangs delays the first entry only, and its answer counts', async () => {
    let answer = () => {};
    const gate = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const slow = {
      get: async (entry: typeof trailVaultEntry) => gate.then(() => place.vault.get(entry)),
      set: place.vault.set.bind(place.vault),
    };
    const trail = place.open({ vault: slow });
    trail.record({ kind: 'launch.started' });
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    place.clock.advance(1_500);
    await trail.settled();
    expect(trail.state()).toMatchObject({ signs: false, unsigned: 1, last: 1 });
    const vouched = new Promise<void>((resolve) => {
      const poll = () => (trail.state().signs && place.lines().length > 1 ? resolve() : setImmediate(poll));
      poll();
    });
    answer();
    await vouched;
    await trail.settled();
    expect(await place.open().verify()).toMatchObject({ verdict: 'whole', entries: 2 });
  });
});
