import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TrailPlaceForTests } from './audit-trail.fixture.ts';
import { trailAsLines, trailAsTable } from './trail-export.ts';
import { searchTrail, type TrailFilter } from './trail-search.ts';

let place: TrailPlaceForTests;

beforeEach(() => {
  place = new TrailPlaceForTests();
});

afterEach(() => place.remove());

/** 30 entries, one a day, of two identities and two providers, over several files. */
async function filled() {
  const trail = place.open({ knownOf: ({ bundleId }) => ({ bundleName: `Name of ${bundleId}` }) });
  for (let at = 0; at < 30; at += 1) {
    trail.record({
      kind: at % 5 === 0 ? 'launch.started' : 'account.signed_in',
      bundleId: at % 2 ? 'work' : 'client',
      providerId: at % 3 ? 'codex' : 'gh',
      detail: { program: `tool-${at}` },
    });
    await trail.settled();
    place.clock.advance(24 * 60 * 60_000);
  }
  await trail.stop();
  return trail.files;
}

const numbers = (page: { entries: { entry: { seq: number } }[] }) =>
  page.entries.map(({ entry }) => entry.seq);

describe('looking in the trail', () => {
  it('R-10: pages from the newest back, without gap or repetition', async () => {
    const files = await filled();
    expect(place.names().length).toBeGreaterThan(3);
    const seen: number[] = [];
    let before: string | null = null;
    do {
      const page = await searchTrail(files, {}, before, 7);
      seen.push(...numbers(page));
      before = page.older;
    } while (before !== null);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, at) => 30 - at));
  });

  it('a page that ends with the first entry says that nothing is older', async () => {
    const files = await filled();
    expect((await searchTrail(files, {}, null, 30)).older).toBeNull();
  });

  const start = Date.UTC(2026, 0, 1);
  const cases: [string, TrailFilter, number[]][] = [
    ['identity', { bundleId: 'work', subject: 'launch' }, [26, 16, 6]],
    ['provider', { providerId: 'gh', bundleId: 'client', subject: 'launch' }, [1]],
    ['subject', { subject: 'launch' }, [26, 21, 16, 11, 6, 1]],
    ['text', { text: 'TOOL-2 started' }, [26, 21]],
    ['name of then', { text: 'name work tool-9' }, [10]],
    ['number', { text: '#17' }, [17]],
    ['time', { since: start + 27 * 24 * 60 * 60_000 }, [30, 29, 28]],
    ['nothing fits', { text: 'no such word' }, []],
  ];
  it.each(cases)('R-10: filters by %s', async (_name, filter, expected) => {
    const files = await filled();
    const page = await searchTrail(files, filter, null, 100);
    expect(numbers(page)).toEqual(expected);
    expect(page.older).toBeNull();
  });

  it('goes on within a filter', async () => {
    const files = await filled();
    const first = await searchTrail(files, { subject: 'launch' }, null, 4);
    expect(numbers(first)).toEqual([26, 21, 16, 11]);
    expect(numbers(await searchTrail(files, { subject: 'launch' }, first.older, 4))).toEqual([6, 1]);
  });

  it('a hundred thousand entries: the newest, the oldest, and one that nothing fits', async () => {
    const trail = place.open({ maxFileBytes: 1_000_000 });
    for (let part = 0; part < 10; part += 1) {
      for (let at = 0; at < 10_000; at += 1) trail.record({ kind: 'launch.started', bundleId: 'work' });
      await trail.settled();
    }
    await trail.stop();
    const page = await searchTrail(trail.files, {}, null, 100);
    expect(numbers(page)[0]).toBe(100_000);
    expect(page.entries).toHaveLength(100);
    const oldest = await searchTrail(trail.files, {}, '1.101', 100);
    expect(numbers(oldest).at(-1)).toBe(1);
    expect(await searchTrail(trail.files, { text: 'nothing' }, null, 100)).toEqual({
      entries: [],
      older: null,
    });
  });
});

async function read(parts: AsyncGenerator<string>): Promise<string> {
  let text = '';
  for await (const part of parts) text += part;
  return text;
}

describe('exporting the trail', () => {
  it('R-10: lines as they are, so that the chain can be checked elsewhere', async () => {
    const files = await filled();
    expect(await read(trailAsLines(files, {}))).toBe(
      place
        .lines()
        .map((line) => `${line}\n`)
        .join(''),
    );
    expect((await read(trailAsLines(files, { subject: 'launch' }))).split('\n')).toHaveLength(7);
  });

  it('R-10: a table that no spreadsheet takes for formulas', async () => {
    const trail = place.open();
    trail.record({ kind: 'launch.started', bundleId: '=1+1', detail: { program: 'a "b", c' } });
    await trail.settled();
    const lines = (await read(trailAsTable(trail.files, {}))).split('\r\n');
    expect(lines[0]).toBe('number,time,kind,identity,provider,account,session,details,signed');
    expect(lines[1]).toBe(`1,2026-01-01T00:00:00.000Z,launch.started,'=1+1,,,,"program: a ""b"", c",yes`);
  });
});
