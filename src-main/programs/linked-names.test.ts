import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { linkedNames } from './linked-names.ts';

it.skipIf(process.platform === 'win32')('a program is known by every name that leads to it', async () => {
  const root = mkdtempSync(join(tmpdir(), 'lanyard-links-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [bin, other] = [join(root, 'bin'), join(root, 'other')];
  mkdirSync(bin);
  mkdirSync(other);
  writeFileSync(join(other, 'codex.js'), '');
  symlinkSync('../other/codex.js', join(bin, 'codex'));
  symlinkSync('codex', join(bin, 'cx'));
  symlinkSync('round', join(bin, 'round'));
  const names = (program: string) => linkedNames(program, ['relative', other, bin].join(delimiter), bin);
  expect(await names('cx')).toEqual(['cx', 'codex', 'codex.js']);
  expect(await names('./cx')).toEqual(['./cx', 'codex', 'codex.js']);
  expect(await names(join(bin, 'codex'))).toEqual([join(bin, 'codex'), 'codex.js']);
  expect(await names('codex.js')).toEqual(['codex.js']);
  expect(new Set(await names('round'))).toEqual(new Set(['round']));
  expect(await names('nowhere')).toEqual(['nowhere']);
  expect(await names('')).toEqual(['']);
});
