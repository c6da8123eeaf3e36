import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer as createRelay, type Server, type Socket } from 'node:net';

/** A web site that means harm: it lets its own pages do everything, and its name can be made to lead elsewhere. */
export interface HostileSite {
  /** Of the site itself, on 127.0.0.1. */
  port: number;
  /** Where its name leads: `host:port`. */
  name: string;
  /** What it was asked for, as `GET /path`. */
  readonly seen: readonly string[];
  /**
   * DNS rebinding: from the next connection on, the site's name leads to this port of 127.0.0.1, and to the site again
   * with null.
   */
  rebind(port: number | null): void;
  close(): Promise<void>;
}

const gif = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');
/** Answers that work, by how what the browser accepts begins. */
const contents: [accepts: string, type: string, body: string | Buffer][] = [
  ['image/', 'image/gif', gif],
  ['text/css', 'text/css', ''],
  ['text/event-stream', 'text/event-stream', 'data: x\n\n'],
  // As good a script as a page.
  ['', 'text/html', '<p>a page'],
];

/** Listens on free ports of 127.0.0.1. */
export async function openHostileSite(): Promise<HostileSite> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  };
  const site = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  site.on('connection', keep);
  site.on('upgrade', (request, socket) => {
    const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}\r\n\r\n`,
    );
  });
  const port = await listen(site);
  let target: number | null = null;
  const relay = createRelay((socket) => {
    keep(socket);
    const onward = connect(target ?? port, '127.0.0.1');
    keep(onward);
    socket.pipe(onward).pipe(socket);
    socket.on('close', () => onward.destroy());
    onward.on('close', () => socket.destroy());
  });
  const name = `127.0.0.1:${await listen(relay)}`;
  return {
    port,
    name,
    seen,
    rebind: (to) => {
      target = to;
    },
    close: async () => {
      const closed = [site, relay].map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  const accepted = request.headers.accept ?? '';
  const [, type, body] = contents.find(([start]) => accepted.startsWith(start)) ?? [];
  response.writeHead(200, {
    'content-type': type,
    // The next request looks again where the name leads.
    connection: 'close',
    'access-control-allow-origin': request.headers.origin ?? '*',
    'access-control-allow-credentials': 'true',
    'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
    'access-control-allow-methods': '*, PUT',
  });
  response.end(body);
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}
