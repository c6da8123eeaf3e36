/**
 * `npm run lockfile`: writes package-lock.json anew from package.json; `npm run lockfile -- contracts/clis` does so in
 * another directory. It is made in an empty directory, because npm
 * drops other platforms' optional packages when it writes a lockfile from an installed tree, and what a registry in
 * between does not carry of them is added by name and version: `npm ci` refuses a lockfile without them.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { projectRoot, runOrThrow } from './project.mjs';

const directory = resolve(projectRoot, process.argv[2] ?? '.');
const work = mkdtempSync(join(tmpdir(), 'lanyard-lock-'));
try {
  for (const name of ['package.json', '.npmrc']) copyFileSync(join(directory, name), join(work, name));
  await runOrThrow('npm', ['install', '--package-lock-only', '--loglevel=error'], { cwd: work });
  const lock = JSON.parse(readFileSync(join(work, 'package-lock.json'), 'utf8'));
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (path === '') continue;
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const key = `node_modules/${name}`;
      if (lock.packages[key] || lock.packages[`${path}/${key}`]) continue;
      const platform = /-(android|darwin|linux|win32|windows|freebsd)-([a-z0-9]+)/.exec(name);
      if (!platform) throw new Error(`${name} is missing and is no platform's package`);
      lock.packages[key] = {
        version,
        cpu: [platform[2]],
        ...(entry.dev ? { dev: true } : {}),
        optional: true,
        os: [platform[1] === 'windows' ? 'win32' : platform[1]],
        ...(name.endsWith('-musl') ? { libc: ['musl'] } : {}),
      };
    }
  }
  const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(
    join(directory, 'package-lock.json'),
    `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`,
  );
} finally {
  rmSync(work, { recursive: true, force: true });
}
