import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface PublishedPackage {
  name: string;
  version: string;
  /** Programs by name: text of the script. */
  bin: Record<string, string>;
  scripts?: Record<string, string>;
}

interface Tarball {
  bytes: Buffer;
  manifest: Record<string, unknown>;
}

/** An npm registry on loopback with the packages that a test publishes, packed by the real npm. */
export interface NpmRegistry {
  /** With a slash at its end. */
  url: string;
  publish(given: PublishedPackage): Promise<void>;
  /** Paths that were asked for, in order. */
  requests: string[];
  /** From now on only requests with this bearer token are answered. */
  requireToken(token: string): void;
  /** Keeps tarballs back. @returns `asked` resolves at the first request for one; `release` lets them go */
  holdTarballs(): { asked: Promise<void>; release: () => void };
  close(): Promise<void>;
}

/** @param directory for what is packed; must exist, outlives the registry */
export async function startNpmRegistry(directory: string): Promise<NpmRegistry> {
  const packages = new Map<string, Map<string, Tarball>>();
  const requests: string[] = [];
  let token: string | null = null;
  let hold: { passed: Promise<void>; asked: () => void } | null = null;

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://registry').pathname).slice(1);
    requests.push(path);
    if (token !== null && request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"unauthorized"}');
      return;
    }
    const [name, file] = path.split('/-/');
    const versions = packages.get(name ?? '');
    if (!versions) {
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not_found"}');
      return;
    }
    if (file !== undefined) {
      hold?.asked();
      await hold?.passed;
      response.writeHead(200).end(versions.get(file.replace(/\.tgz$/, ''))?.bytes);
      return;
    }
    const latest = [...versions.keys()].at(-1);
    const all = [...versions].map(([version, { bytes, manifest }]) => [
      version,
      {
        ...manifest,
        dist: {
          tarball: `${url}${name}/-/${version}.tgz`,
          integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}`,
        },
      },
    ]);
    const body = { name, 'dist-tags': { latest }, versions: Object.fromEntries(all) };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    url,
    requests,
    publish: async (given) => {
      const packed = await pack(directory, given);
      const versions = packages.get(given.name) ?? new Map<string, Tarball>();
      packages.set(given.name, versions.set(given.version, packed));
    },
    requireToken: (required) => {
      token = required;
    },
    holdTarballs: () => {
      let asked = () => {};
      let release = () => {};
      const passed = new Promise<void>((resolve) => {
        release = () => {
          hold = null;
          resolve();
        };
      });
      const first = new Promise<void>((resolve) => {
        asked = resolve;
      });
      hold = { passed, asked };
      return { asked: first, release };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function pack(directory: string, { name, version, bin, scripts }: PublishedPackage): Promise<Tarball> {
  const work = await mkdtemp(join(directory, 'package-'));
  try {
    const manifest = {
      name,
      version,
      bin: Object.fromEntries(Object.keys(bin).map((program) => [program, `bin/${program}`])),
      ...(scripts ? { scripts, hasInstallScript: true } : {}),
    };
    await writeFile(join(work, 'package.json'), JSON.stringify(manifest));
    for (const [program, text] of Object.entries(bin)) {
      const file = join(work, 'bin', program);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
      await chmod(file, 0o755);
    }
    const env = { ...process.env, npm_config_cache: join(work, '.cache') };
    const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts'], { cwd: work, env });
    return { bytes: await readFile(join(work, packedName(JSON.parse(stdout)))), manifest };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** npm 11 and earlier print a list, later ones an object by name. */
function packedName(printed: unknown): string {
  const [entry] = Object.values(printed as Record<string, { filename: string }>);
  if (!entry) throw new Error('npm packed nothing');
  return entry.filename.replace('@', '').replace('/', '-');
}
