import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../e2e/support/test-place.ts';
import { ensureClis } from '../../scripts/install-clis.mjs';

/** A real CLI that was found or installed, or why there is none. */
export type FoundProgram =
  | { directories: string[]; version: string; reason?: never }
  | { reason: string; directories?: never; version?: never };

export type FoundPrograms = Record<string, FoundProgram>;

/** Names a file with what `npm run test:providers` found; without it only the CLIs of `npm test` are there. */
export const foundProgramsVariable = 'LANYARD_CONTRACT_PROGRAMS';

const small = ['codex', 'claude', 'copilot', 'gemini'];

/** The CLIs of this run by their programs' names, installed when missing. */
export async function findPrograms(): Promise<FoundPrograms> {
  const file = process.env[foundProgramsVariable];
  if (file) return JSON.parse(readFileSync(file, 'utf8'));
  const { binDirectory } = await ensureClis();
  return Object.fromEntries(
    small.map((name) => [
      name,
      { directories: [binDirectory], version: versionOf(join(binDirectory, name)) },
    ]),
  );
}

function versionOf(file: string): string {
  const PATH = [join(projectRoot, 'node_modules', '.bin'), dirname(file), '/usr/bin', '/bin'].join(':');
  const printed = execFileSync(file, ['--version'], {
    env: { PATH, HOME: '/nonexistent' },
    encoding: 'utf8',
  });
  return /\d+\.\d+\.\d+/.exec(printed)?.[0] ?? printed.trim();
}
