import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import * as v from 'valibot';
import type { Clock } from '../clock.ts';

/** Who is at the other end of a socket, as the kernel knows it. `pid` is 0 where it cannot be seen from here. */
export interface Peer {
  uid: number;
  pid: number;
}

const PeerSchema = v.object({ uid: v.number(), pid: v.number() });
/** It takes milliseconds; one that hangs must not leave the caller waiting, ms. */
const deadlineMs = 5_000;

/**
 * Asks the kernel who is at the other end of a Unix socket (SO_PEERCRED, LOCAL_PEERCRED). Node cannot, so the command's
 * own program is started with the socket and asks in its place; what the caller says of itself is not looked at.
 *
 * @param program the `lanyard` command, absolute
 * @returns null where it cannot be had, which is no permission
 */
export function peerOf(socket: Socket, program: string, clock: Clock): Promise<Peer | null> {
  const descriptor = descriptorOf(socket);
  if (descriptor === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    // As the fourth descriptor: libuv would make one of the first three block, for us as well.
    const child = spawn(program, ['--peer'], { stdio: ['ignore', 'pipe', 'ignore', descriptor], env: {} });
    const cancel = clock.after(deadlineMs, () => child.kill('SIGKILL'));
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      if (text.length < 1024) text += more;
    });
    child.once('error', () => {
      cancel();
      resolve(null);
    });
    child.once('close', (code) => {
      cancel();
      resolve(code === 0 ? parsed(text) : null);
    });
  });
}

function parsed(text: string): Peer | null {
  try {
    const { success, output } = v.safeParse(PeerSchema, JSON.parse(text));
    return success ? output : null;
  } catch {
    return null;
  }
}

/** Given the socket itself, `spawn` would stop reading it here for good. */
function descriptorOf(socket: Socket): number | null {
  const { _handle: handle } = socket as Socket & { _handle?: { fd?: unknown } | null };
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : null;
}
