import { createServer, type IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

export interface TestProxy {
  /** `127.0.0.1:<port>` */
  address: string;
  port: number;
  /** Hosts and ports (`idp.corp.test:443`) and the port on this machine behind each; others are not found. */
  readonly routes: Map<string, number>;
  /** What was asked for, in order: `CONNECT idp.corp.test:443 200`. */
  readonly seen: string[];
  close(): Promise<void>;
}

/** A real HTTP proxy on loopback, with a password where one is given. It never dials anywhere but this machine. */
export async function openProxy(login: { user: string; password: string } | null = null): Promise<TestProxy> {
  const routes = new Map<string, number>();
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  const expected = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
  const isAllowed = ({ headers }: IncomingMessage) =>
    !expected || headers['proxy-authorization'] === expected;

  const server = createServer((asked, response) => {
    const url = new URL(asked.url ?? '', 'http://nowhere.invalid');
    const port = routes.get(`${url.hostname}:${url.port || '80'}`);
    const status = !isAllowed(asked) ? 407 : port === undefined ? 502 : 200;
    seen.push(`${asked.method} ${url.host} ${status}`);
    if (status !== 200) {
      response.writeHead(status, status === 407 ? { 'proxy-authenticate': 'Basic realm="test"' } : {}).end();
      return;
    }
    const onward = request({
      host: '127.0.0.1',
      port,
      method: asked.method,
      path: url.pathname + url.search,
      headers: asked.headers,
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    asked.pipe(onward);
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (asked: IncomingMessage, socket: Socket, head: Buffer) => {
    const port = routes.get(asked.url ?? '');
    const status = !isAllowed(asked) ? 407 : port === undefined ? 502 : 200;
    seen.push(`CONNECT ${asked.url} ${status}`);
    if (port === undefined || status !== 200) {
      const challenge = status === 407 ? 'proxy-authenticate: Basic realm="test"\r\n' : '';
      socket.end(`HTTP/1.1 ${status} No\r\n${challenge}content-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    sockets.add(onward);
    onward.on('error', () => socket.destroy());
    onward.on('close', () => {
      sockets.delete(onward);
      socket.destroy();
    });
    socket.on('close', () => onward.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    port,
    routes,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
