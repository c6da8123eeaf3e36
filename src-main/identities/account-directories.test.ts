import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccountDirectories, type RecordedProcess, type SweepHelp } from './account-directories.ts';
import { filesUnder, temporaryDirectory } from './identities.fixture.ts';

const mark = { sessionId: 'auth-1', startedAt: 5 };
const noHelp: SweepHelp = { endRecorded: async () => {}, logOut: async () => {} };
const posix = process.platform !== 'win32';

function directories() {
  const data = temporaryDirectory();
  const root = join(data, 'accounts');
  return { data, root, fresh: () => new AccountDirectories(root), made: new AccountDirectories(root) };
}

describe('AccountDirectories', () => {
  it.runIf(posix)('I-4: makes <root>/<account>/<generation> with mode 0700 all the way', () => {
    const { root, made } = directories();
    mkdirSync(root, { mode: 0o755 });
    const path = made.create({ accountId: 'a', generation: 1 }, mark);
    expect(path).toBe(join(root, 'a', '1'));
    for (const directory of [root, join(root, 'a'), path]) {
      expect(statSync(directory).mode & 0o777).toBe(0o700);
    }
    expect(statSync(join(root, 'a', '1.pending')).mode & 0o777).toBe(0o600);
  });

  it('I-6: the pending mark says whose attempt it is, and goes with confirm', () => {
    const { root, made } = directories();
    made.create({ accountId: 'a', generation: 1 }, mark);
    expect(JSON.parse(readFileSync(join(root, 'a', '1.pending'), 'utf8'))).toEqual({
      ...mark,
      processes: [],
    });
    made.confirm({ accountId: 'a', generation: 1 });
    expect(filesUnder(root)).toEqual(['a', 'a/1']);
  });

  it('I-6: the next generation is above every directory and every mark', () => {
    const { root, made } = directories();
    expect(made.nextGeneration('a')).toBe(1);
    made.create({ accountId: 'a', generation: 1 }, mark);
    writeFileSync(join(root, 'a', '7.pending'), '');
    expect(made.nextGeneration('a')).toBe(8);
  });

  it('I-6: when the directory cannot be made, nothing is left and nothing of others is touched', () => {
    const { root, made } = directories();
    mkdirSync(join(root, 'a', '1'), { recursive: true });
    writeFileSync(join(root, 'a', '1', 'kept'), 'x');
    expect(() => made.create({ accountId: 'a', generation: 1 }, mark)).toThrow('EEXIST');
    expect(filesUnder(root)).toEqual(['a', 'a/1', 'a/1/kept']);
  });

  it.each([
    '',
    '.',
    '..',
    '../a',
    'a/b',
    'a\\b',
    'C:',
    'C:x',
    'a\u0000',
    'a\n',
    'NUL',
    'com1.txt',
    'COM\u00b9',
    'nul .txt',
    'a\ud800',
    'a.',
    'x'.repeat(129),
  ])('I-5: refuses the id %j', async (accountId) => {
    const { data, made } = directories();
    const id = { accountId, generation: 1 };
    expect(() => made.create(id, mark)).toThrow('unsafe_path');
    expect(() => made.nextGeneration(accountId)).toThrow('unsafe_path');
    await expect(made.remove(id)).rejects.toThrow('unsafe_path');
    expect(filesUnder(data).filter((path) => path !== 'accounts')).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('I-5: refuses the generation %d', (generation) => {
    const { made } = directories();
    expect(() => made.create({ accountId: 'a', generation }, mark)).toThrow('unsafe_path');
  });

  it.runIf(posix)('I-5: an account folder that is a link is neither used nor emptied', async () => {
    const { data, root, made } = directories();
    mkdirSync(join(data, 'elsewhere', '1'), { recursive: true });
    writeFileSync(join(data, 'elsewhere', '1', 'kept'), 'x');
    mkdirSync(root);
    symlinkSync(join(data, 'elsewhere'), join(root, 'a'));
    const id = { accountId: 'a', generation: 1 };
    expect(() => made.create({ ...id, generation: 2 }, mark)).toThrow('unsafe_path');
    await expect(made.remove(id)).rejects.toThrow('unsafe_path');
    const report = await made.sweep([], noHelp);
    expect(report.removed).toEqual([]);
    expect(report.problems.map((problem) => problem.source)).toEqual([join(root, 'a')]);
    expect(filesUnder(join(data, 'elsewhere'))).toEqual(['1', '1/kept']);
  });

  it.runIf(posix)('I-5: a generation that is a link is left, and links inside are not followed', async () => {
    const { data, root, made } = directories();
    mkdirSync(join(data, 'home'));
    writeFileSync(join(data, 'home', 'kept'), 'x');
    const path = made.create({ accountId: 'a', generation: 1 }, mark);
    symlinkSync(join(data, 'home'), join(path, 'link'));
    symlinkSync(join(data, 'home'), join(root, 'a', '2'));
    await expect(made.remove({ accountId: 'a', generation: 2 })).rejects.toThrow('unsafe_path');
    await made.remove({ accountId: 'a', generation: 1 });
    expect(existsSync(path)).toBe(false);
    expect(filesUnder(join(data, 'home'))).toEqual(['kept']);
  });

  it('I-5: a path outside the root is none of ours', () => {
    const { root, made } = directories();
    expect(made.locate(join(root, 'a', '3'))).toEqual({ accountId: 'a', generation: 3 });
    for (const path of [
      join(root, 'a', 'b', '3'),
      join(root, 'a', '03'),
      join(root, '3'),
      '/elsewhere/a/3',
      `${root}/../x/1`,
    ]) {
      expect(made.locate(path)).toBeNull();
    }
  });

  it('I-6: sweep ends the process of an unsaved attempt first, then removes its directory', async () => {
    const { root, made, fresh } = directories();
    const path = made.create({ accountId: 'a', generation: 1 }, mark);
    made.recordProcess({ accountId: 'a', generation: 1 }, { pid: 4711, startTime: 'then' });
    made.recordProcess({ accountId: 'a', generation: 1 }, { pid: 4712, startTime: 'later' });
    const ended: [RecordedProcess, boolean][] = [];
    const report = await fresh().sweep([], {
      ...noHelp,
      endRecorded: async (process) => {
        ended.push([process, existsSync(path)]);
      },
    });
    expect(ended).toEqual([
      [{ pid: 4711, startTime: 'then' }, true],
      [{ pid: 4712, startTime: 'later' }, true],
    ]);
    expect(report.removed).toEqual([{ accountId: 'a', generation: 1 }]);
    expect(report.problems).toEqual([]);
    expect(filesUnder(root)).toEqual([]);
  });

  it('sweep reports a root that is no directory, and leaves it alone', async () => {
    const file = join(temporaryDirectory(), 'accounts');
    writeFileSync(file, 'in the way');
    const report = await new AccountDirectories(file).sweep([], noHelp);
    expect(report.problems).toMatchObject([{ source: file }]);
    expect(readFileSync(file, 'utf8')).toBe('in the way');
  });

  it('I-6: sweep leaves an attempt of this run alone', async () => {
    const { root, made } = directories();
    made.create({ accountId: 'a', generation: 1 }, mark);
    const report = await made.sweep([], noHelp);
    expect(report).toEqual({ removed: [], ended: [], problems: [] });
    expect(filesUnder(root)).toEqual(['a', 'a/1', 'a/1.pending']);
  });

  it('I-6: sweep removes marks without a directory, half-written marks and superseded generations', async () => {
    const { root, made, fresh } = directories();
    made.create({ accountId: 'a', generation: 2 }, mark);
    made.confirm({ accountId: 'a', generation: 2 });
    mkdirSync(join(root, 'a', '1'));
    writeFileSync(join(root, 'a', '3.pending'), '{"sess');
    writeFileSync(join(root, 'a', '4.pending.tmp'), '{"sess');
    mkdirSync(join(root, 'b'));
    writeFileSync(join(root, 'b', '1.pending'), '');
    const report = await fresh().sweep([{ accountId: 'a', generation: 2 }], noHelp);
    expect(filesUnder(root)).toEqual(['a', 'a/2']);
    expect(report.problems).toEqual([]);
  });

  it('I-6: a saved directory whose mark was left by a crash keeps everything but the mark', async () => {
    const { root, made, fresh } = directories();
    writeFileSync(join(made.create({ accountId: 'a', generation: 1 }, mark), 'auth.json'), '{}');
    await fresh().sweep([{ accountId: 'a', generation: 1 }], noHelp);
    expect(filesUnder(root)).toEqual(['a', 'a/1', 'a/1/auth.json']);
  });

  it('I-13: directories that nothing explains are left and reported, and the others are swept', async () => {
    const { root, made, fresh } = directories();
    mkdirSync(join(root, 'stranger', '1'), { recursive: true });
    mkdirSync(join(root, 'a', '9'), { recursive: true });
    writeFileSync(join(root, 'note.txt'), '');
    made.create({ accountId: 'z', generation: 1 }, mark);
    const report = await fresh().sweep([{ accountId: 'a', generation: 2 }], noHelp);
    expect(report.problems.map((problem) => problem.source).sort()).toEqual(
      [
        join(root, 'a', '2'),
        join(root, 'a', '9'),
        join(root, 'note.txt'),
        join(root, 'stranger', '1'),
      ].sort(),
    );
    expect(report.removed).toEqual([{ accountId: 'z', generation: 1 }]);
    expect(filesUnder(root)).toEqual(['a', 'a/9', 'note.txt', 'stranger', 'stranger/1']);
  });

  it('I-13: accounts whose row could not be read keep everything', async () => {
    const { root, made, fresh } = directories();
    made.create({ accountId: 'a', generation: 1 }, mark);
    await fresh().sweep([], noHelp, (accountId) => accountId === 'a');
    expect(filesUnder(root)).toEqual(['a', 'a/1', 'a/1.pending']);
  });

  it('I-6: a process noted after the end changes nothing', () => {
    const { root, made } = directories();
    made.create({ accountId: 'a', generation: 1 }, mark);
    made.confirm({ accountId: 'a', generation: 1 });
    made.recordProcess({ accountId: 'a', generation: 1 }, { pid: 4711, startTime: 'then' });
    expect(filesUnder(root)).toEqual(['a', 'a/1']);
  });
});
