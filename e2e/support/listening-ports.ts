import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** TCP ports on which one of these processes listens, in order. Linux only. */
export function listeningPortsOf(pids: readonly number[]): number[] {
  const own = new Set(pids.flatMap(socketsOf));
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFileSync(path, 'utf8'));
  const ports = tables.flatMap((table) =>
    table.split('\n').flatMap((line) => {
      // sl local_address rem_address st ... inode; 0A is LISTEN: see proc_pid_net(5).
      const columns = line.trim().split(/\s+/);
      const port = Number.parseInt(columns[1]?.split(':')[1] ?? '', 16);
      return columns[3] === '0A' && own.has(`socket:[${columns[9]}]`) ? [port] : [];
    }),
  );
  return [...new Set(ports)].sort((one, other) => one - other);
}

function socketsOf(pid: number): string[] {
  const linkOf = (file: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${file}`);
    } catch {
      // It was closed while we looked.
      return '';
    }
  };
  try {
    return readdirSync(`/proc/${pid}/fd`).map(linkOf);
  } catch {
    // It ended while we looked, or is another user's.
    return [];
  }
}
