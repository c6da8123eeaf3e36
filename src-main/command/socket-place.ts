import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';

/** What fits into a socket's address everywhere, with its closing zero (104 bytes on macOS), in bytes. */
const longestPath = 103;
const name = 'lanyard.sock';

export interface SocketPlace {
  /** To be a directory of the person's alone; `null` for a named pipe, which stands in none. */
  directory: string | null;
  path: string;
}

/**
 * Where the house listens for the command: in the data directory, or, when that is too long for a socket's address, in
 * the session's runtime directory, or in `/tmp`. The command has the same rule (`command/dial_unix.go`).
 *
 * @param data the data directory, absolute
 */
export function socketPlace(
  data: string,
  { environment, platform, uid }: { environment: NodeJS.ProcessEnv; platform: NodeJS.Platform; uid: number },
): SocketPlace {
  if (platform === 'win32') {
    return { directory: null, path: `\\\\.\\pipe\\lanyard-${shortHash(data.toLowerCase())}` };
  }
  const within = (directory: string) => ({ directory, path: join(directory, name) });
  const fits = ({ path }: SocketPlace) => Buffer.byteLength(path) <= longestPath;
  const inside = within(join(data, 'command'));
  if (fits(inside)) return inside;
  const folder = `lanyard-${shortHash(data)}`;
  const { XDG_RUNTIME_DIR } = environment;
  if (XDG_RUNTIME_DIR && isAbsolute(XDG_RUNTIME_DIR)) {
    const runtime = within(join(XDG_RUNTIME_DIR, folder));
    if (fits(runtime)) return runtime;
  }
  return within(`/tmp/${folder}-${uid}`);
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
