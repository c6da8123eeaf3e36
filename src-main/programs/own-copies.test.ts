import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OwnCopies } from './own-copies.ts';

let root: string;
let copies: OwnCopies;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-copies-'));
  copies = new OwnCopies(join(root, 'programs'), 'linux');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('X-6: a copy counts from the moment it is complete, and the newest of each provider', async () => {
  expect(await copies.folders()).toEqual([]);
  const first = await copies.begin('codex', 'one');
  expect(await copies.folders()).toEqual([]);
  await copies.complete(first, 1_000);
  const claude = await copies.begin('claude', 'one');
  await copies.complete(claude, 500);
  const second = await copies.begin('codex', 'two');
  expect((await copies.folders()).sort()).toEqual([join(claude, 'bin'), join(first, 'bin')]);
  await copies.complete(second, 2_000);
  expect((await copies.folders()).sort()).toEqual([join(claude, 'bin'), join(second, 'bin')]);
});

it('X-6: the latest one counts also where the clock was set back meanwhile', async () => {
  const first = await copies.begin('codex', 'one');
  await copies.complete(first, 2_000);
  const second = await copies.begin('codex', 'two');
  await copies.complete(second, 1_000);
  expect(await copies.folders()).toEqual([join(second, 'bin')]);
});

it('on Windows npm puts programs into the prefix itself', async () => {
  expect(new OwnCopies(join(root, 'programs'), 'win32').programFolder('C:\\x')).toBe('C:\\x');
});

it('X-6: what was never completed or was replaced goes at the next start, and what still installs is ended', async () => {
  const old = await copies.begin('codex', 'old');
  await copies.complete(old, 1_000);
  const current = await copies.begin('codex', 'current');
  await copies.complete(current, 2_000);
  const half = await copies.begin('codex', 'half');
  await copies.recordProcess(half, { pid: 4711, startTime: '99' });
  const broken = await copies.begin('claude', 'broken');
  writeFileSync(join(broken, 'installed.json'), 'nonsense');
  // A link out of the folder is not followed.
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere', 'kept'), '');
  symlinkSync(join(root, 'elsewhere'), join(half, 'link'));
  symlinkSync(join(root, 'elsewhere'), join(root, 'programs', 'codex', 'linked'));
  const ended: unknown[] = [];
  await copies.sweep(async (recorded) => {
    ended.push(recorded);
  });
  expect(ended).toEqual([{ pid: 4711, startTime: '99' }]);
  expect([old, current, half, broken].map((path) => existsSync(path))).toEqual([false, true, false, false]);
  expect(existsSync(join(root, 'elsewhere', 'kept'))).toBe(true);
  expect(await copies.folders()).toEqual([join(current, 'bin')]);
});

it('knows its own', async () => {
  const generation = await copies.begin('codex', 'one');
  expect(copies.owns(join(generation, 'bin', 'codex'))).toBe(true);
  expect(copies.owns('/usr/bin/codex')).toBe(false);
  expect(copies.owns(join(root, 'programs'))).toBe(false);
  expect(copies.owns(join(root, 'programs-of-others', 'codex'))).toBe(false);
});
