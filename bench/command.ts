import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runOnPipes } from '../e2e/support/cli-process.ts';
import { createTestPlace, projectRoot } from '../e2e/support/test-place.ts';
import { buildCommand } from '../scripts/build-command.mjs';
import { type Figure, middleAndSpread, milliseconds, ratio } from './figure.ts';
import { median } from './statistics.ts';

const aimMs = 20;
const rounds = 60;

type Subject = 'lanyard run -- true' | 'env true' | 'aws-vault exec';

/**
 * What stands in front of every command: `lanyard run -- true` as a whole process, from its start to its end, against
 * `env true`, which does nothing but become `true`, and where it is installed against `aws-vault exec`.
 */
export async function measureCommand(say: (text: string) => void): Promise<Figure[]> {
  const file = await buildCommand();
  const place = await createTestPlace();
  const env = {
    HOME: place.home,
    LANYARD_HOME: place.data,
    LANYARD_AS: 'No credentials',
    PATH: `${join(projectRoot, 'node_modules', 'node', 'bin')}:${process.env.PATH ?? ''}`,
  };
  await mkdir(place.data, { recursive: true, mode: 0o700 });
  const serve = runOnPipes({ file, args: ['serve'], env, cwd: place.home });
  try {
    await serve.waitFor(/serving, process/);
    const vault = awsVault(env, place.home);
    const subjects: Partial<Record<Subject, [string, ...string[]]>> = {
      'lanyard run -- true': [file, 'run', '--', 'true'],
      'env true': ['env', 'true'],
      ...(vault ? { 'aws-vault exec': vault } : {}),
    };
    const times: Record<Subject, number[]> = {
      'lanyard run -- true': [],
      'env true': [],
      'aws-vault exec': [],
    };
    say(`command: ${rounds} rounds${vault ? '' : '; aws-vault is not installed'}`);
    // The first rounds bring files into the system's cache, and code of the house under its compiler.
    for (let round = -10; round < rounds; round++) {
      for (const [name, [program, ...args]] of Object.entries(subjects) as [
        Subject,
        [string, ...string[]],
      ][]) {
        const began = performance.now();
        const { status, stderr } = spawnSync(program, args, { env, cwd: place.home, encoding: 'utf8' });
        const took = performance.now() - began;
        if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`);
        if (round >= 0) times[name].push(took);
      }
    }
    const ours = times['lanyard run -- true'];
    const against = (name: Subject) =>
      median(ours.map((took, round) => took / (times[name][round] ?? Number.NaN)));
    const value = median(ours);
    return [
      {
        name: 'lanyard run -- true',
        value: milliseconds(value),
        aim: `<= ${milliseconds(aimMs)}`,
        met: value <= aimMs,
        detail: middleAndSpread(ours, milliseconds),
      },
      {
        name: '  against env true',
        value: ratio(against('env true')),
        aim: null,
        met: null,
        detail: middleAndSpread(times['env true'], milliseconds),
      },
      vault
        ? {
            name: '  against aws-vault exec',
            value: ratio(against('aws-vault exec')),
            aim: '< 1.00x',
            met: against('aws-vault exec') < 1,
            detail: middleAndSpread(times['aws-vault exec'], milliseconds),
          }
        : {
            name: '  against aws-vault exec',
            value: 'not measured',
            aim: '< 1.00x',
            met: null,
            detail: 'it is not on the PATH',
          },
    ];
  } finally {
    process.kill(serve.pid, 'SIGTERM');
    await serve.exited;
    await place.remove();
  }
}

/** `aws-vault exec` with a made-up key in its file backend; null where it is not installed, or will not have it. */
function awsVault(env: Record<string, string>, home: string): [string, ...string[]] | null {
  const file = env.PATH?.split(delimiter)
    .map((folder) => join(folder, 'aws-vault'))
    .find(isExecutable);
  if (!file) return null;
  Object.assign(env, {
    AWS_VAULT_BACKEND: 'file',
    AWS_VAULT_FILE_PASSPHRASE: 'benchmark',
    AWS_VAULT_FILE_DIR: join(home, 'aws-vault'),
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'made-up',
  });
  const added = spawnSync(file, ['add', 'bench', '--env'], { env, cwd: home });
  delete env.AWS_ACCESS_KEY_ID;
  delete env.AWS_SECRET_ACCESS_KEY;
  return added.status === 0 ? [file, 'exec', 'bench', '--no-session', '--', 'true'] : null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
