import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../identities/identities.fixture.ts';
import { IdentityStore } from '../identities/store.ts';

// Outside Electron its package is only a path to the binary, which nobody starts here; the variable keeps it from
// looking for (and downloading) one.
let open: typeof import('./identity-store-file.ts').openIdentityStoreFile;
beforeAll(async () => {
  process.env.ELECTRON_OVERRIDE_DIST_PATH ??= 'not-used';
  open = (await import('./identity-store-file.ts')).openIdentityStoreFile;
});

const now = () => Date.UTC(2026, 0, 2, 3, 4, 5);

describe('openIdentityStoreFile', () => {
  it('keeps the state in a 0600 file in a 0700 directory and reads it back', () => {
    const directory = join(temporaryDirectory(), 'data');
    mkdirSync(directory, { mode: 0o755 });
    const { file, source, problems } = open(directory, now);
    expect(problems).toEqual([]);
    const store = new IdentityStore(file, source);
    const bundle = {
      id: 'a.b',
      name: 'Dots. Are. Fine',
      description: '',
      colour: '#0b6e6e',
      createdAt: 1,
      updatedAt: 1,
    };
    store.change((draft) => draft.bundles.push(bundle));
    if (process.platform !== 'win32') {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      expect(statSync(join(directory, source)).mode & 0o777).toBe(0o600);
    }
    expect(readdirSync(directory)).toEqual(['identities.json']);
    const again = new IdentityStore(open(directory, now).file, source);
    expect(again.state.bundles).toEqual([bundle]);
    expect(again.problems).toEqual([]);
  });

  it.each([
    ['{"schemaVersion": 1,\n "bundles": [\n', 'It is not JSON'],
    ['', 'It is not JSON'],
    ['[]', 'It does not hold a JSON object'],
  ])('I-13: the corrupt file %j is kept beside, and reported', (text, reason) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'identities.json'), text);
    const { file, problems } = open(directory, now);
    const aside = 'identities.corrupt-2026-01-02T03-04-05.000Z.json';
    expect(readFileSync(join(directory, aside), 'utf8')).toBe(text);
    expect(problems).toEqual([
      { source: 'identities.json', reason: expect.stringMatching(new RegExp(`^${reason}.*${aside}`)) },
    ]);
    const store = new IdentityStore(file, 'identities.json');
    expect(store.problems).toEqual([]);
    store.change(() => {});
    expect(readdirSync(directory).sort()).toEqual([aside, 'identities.json']);
  });

  it('I-6: what a crash in the middle of a write left is removed', () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'identities.json.tmp-1767323045a1b2c3'), '{"half');
    expect(open(directory, now).problems).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('S-5: when the file cannot be replaced the change fails', () => {
    const directory = temporaryDirectory();
    const { file, source } = open(directory, now);
    const store = new IdentityStore(file, source);
    // A folder in the file's place holds for root as well, unlike a mode.
    mkdirSync(join(directory, source, 'in-the-way'), { recursive: true });
    expect(() => store.change((draft) => draft.looseSecrets.push({ service: 's', account: 'a' }))).toThrow(
      'could_not_save',
    );
    expect(store.state.looseSecrets).toEqual([]);
  });
});
