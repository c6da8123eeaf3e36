import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../identities/identities.fixture.ts';
import { problemLine } from './problem-line.ts';
import { ProviderRegistry } from './registry.ts';

it('I-13: a file that is wrong is said with its path, its line and the reason', async () => {
  const directory = join(temporaryDirectory(), 'providers');
  mkdirSync(directory, { mode: 0o700 });
  const path = join(directory, 'bad.json');
  writeFileSync(path, '{\n  "id": "bad",\n', { mode: 0o600 });
  const registry = new ProviderRegistry([], directory);
  await registry.reload();
  expect(registry.problems().map(problemLine)).toEqual([
    expect.stringMatching(/^\/.*\/providers\/bad\.json:2: \S/),
  ]);
  expect(problemLine({ source: path, reason: 'No.' })).toBe(`${path}: No.`);
});
