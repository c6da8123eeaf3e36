import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { basename } from 'node:path';

/** Who has a port, as far as the system tells us. */
export interface PortHolder {
  pid?: number;
  /** The program's name alone, without its path and arguments. */
  program?: string;
}

/**
 * Finds out whether a program could listen on a port of this machine, by doing so for a moment on both loopback
 * addresses: browsers take either for `localhost`. Never ends anything.
 *
 * @returns `null` when the port is free; who has it is known on Linux only, and only for processes of the same user
 */
export async function findPortHolder(
  port: number,
  platform: NodeJS.Platform = process.platform,
): Promise<PortHolder | null> {
  for (const host of ['127.0.0.1', '::1']) {
    if (await isTaken(host, port)) return platform === 'linux' ? await linuxHolder(port) : {};
  }
  return null;
}

/** What else than "in use" may be in the way, such as a system without IPv6, is for the program itself to say. */
function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EADDRINUSE'));
    server.listen({ host, port, exclusive: true, ipv6Only: host === '::1' }, () =>
      server.close(() => resolve(false)),
    );
  });
}

async function linuxHolder(port: number): Promise<PortHolder> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => listenersIn(table, port)));
  if (sockets.size === 0) return {};
  const names = await readdir('/proc').catch(() => []);
  for (const pid of names.filter((name) => /^\d+$/.test(name)).map(Number)) {
    if (await hasOneOf(pid, sockets)) return { pid, ...(await programOf(pid)) };
  }
  return {};
}

/** Sockets that listen on the port, as `/proc/<pid>/fd` calls them; see proc_pid_net(5). */
function listenersIn(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const listens = columns[1]?.endsWith(suffix) && columns[3] === '0A';
    return listens && columns[9] ? [`socket:[${columns[9]}]`] : [];
  });
}

async function hasOneOf(pid: number, sockets: ReadonlySet<string>): Promise<boolean> {
  // A process of another user, or one that has just ended, does not show its files.
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const file of files) {
    if (sockets.has(await readlink(`/proc/${pid}/fd/${file}`).catch(() => ''))) return true;
  }
  return false;
}

const interpreters = /^(?:node|nodejs|bun|deno|python[\d.]*|ruby|perl|sh|bash|dash|zsh)$/;

/** For a script its own name: "node" would say nothing. */
async function programOf(pid: number): Promise<{ program?: string }> {
  const [file = '', script = ''] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split(
    '\0',
  );
  const name = interpreters.test(basename(file)) && /^[^-]/.test(script) ? script : file;
  const program = basename(name)
    .replace(/[\p{C}]/gu, '')
    .slice(0, 64);
  return program === '' ? {} : { program };
}
