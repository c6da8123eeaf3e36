import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot, toolsPath } from './project.mjs';

let root;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'canary-scan-'));
  mkdirSync(join(root, 'results'));
});
afterEach(() => rmSync(root, { recursive: true }));

function scan() {
  const register = join(root, 'results', 'register.jsonl');
  writeFileSync(register, '{"kind":"refresh token","text":"rt_0123456789abcdef"}\n');
  const script = join(projectRoot, 'scripts', 'canary-scan.mjs');
  const later = String(Date.now() + 60_000);
  // The tools' own Node, which reads TypeScript; an empty temp directory, so that no other test is looked at.
  return spawnSync('node', [script, register, later, join(root, 'results')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: toolsPath, TMPDIR: root },
  });
}

it('passes where nothing was left behind, the register itself aside', () => {
  writeFileSync(join(root, 'results', 'report.json'), '{}');
  const { status, stderr } = scan();
  expect(stderr).toContain('No secret was left behind (1 secrets, 1 directories).');
  expect(status).toBe(0);
});

it('fails where one was, and names file and kind without the secret', () => {
  const file = join(root, 'results', 'error-context.md');
  writeFileSync(file, 'Authorization: Bearer rt_0123456789abcdef');
  const { status, stderr } = scan();
  expect(status).toBe(1);
  expect(stderr).toContain(`refresh token in ${file}`);
  expect(stderr).not.toContain('rt_0123456789abcdef');
});
