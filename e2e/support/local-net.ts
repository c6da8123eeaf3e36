import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { LocalCa } from './local-ca.ts';
import { answerRequest, type HostHandler, type SeenRequest } from './local-host.ts';

/**
 * A network that ends on this machine: an HTTP proxy on 127.0.0.1 that answers CONNECT itself with a certificate of a
 * throw-away CA and hands each request to a handler by host name. It never dials out: a host without a handler is
 * refused with 502. An unmodified CLI uses it when its environment says so.
 */
export interface LocalNet {
  /** `http://127.0.0.1:<port>` */
  url: string;
  ca: LocalCa;
  /** Every request in order; refused CONNECTs are there as well, with status 502. */
  seen: SeenRequest[];
  /** Hosts can be added and removed at any time. */
  hosts: Map<string, HostHandler>;
  /** Variables that make a child process use this network: proxy, and the CA in every name the CLIs read. */
  environment: Record<string, string>;
  /** Ends the proxy and every open connection. */
  close(): Promise<void>;
}

/** @param hosts handlers by host name */
export async function startLocalNet(ca: LocalCa, hosts: Record<string, HostHandler>): Promise<LocalNet> {
  const seen: SeenRequest[] = [];
  const handlers = new Map(Object.entries(hosts));
  const sockets = new Set<Socket>();
  const tunnelledHost = new WeakMap<Socket, string>();

  const serve = (request: IncomingMessage, response: ServerResponse) => {
    const tunnelled = tunnelledHost.get(request.socket);
    // A plain http request to a proxy carries the whole URL; inside a tunnel it is only the path.
    const origin = tunnelled ? `https://${tunnelled}` : `http://${request.headers.host ?? 'unknown'}`;
    const host = new URL(request.url ?? '/', origin).hostname;
    void answerRequest(request, response, origin, handlers.get(host), seen);
  };
  const inner = createServer(serve);
  const proxy = createServer(serve);

  const openTunnel = async (host: string, socket: Socket, head: Buffer) => {
    const { key, cert } = await ca.leafFor(host);
    if (socket.destroyed) return;
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    const secure = new TLSSocket(socket, { isServer: true, key, cert, ALPNProtocols: ['http/1.1'] });
    secure.on('error', () => socket.destroy());
    tunnelledHost.set(secure, host);
    inner.emit('connection', secure);
  };

  proxy.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  proxy.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const host = (request.url ?? '').replace(/:\d+$/, '');
    if (handlers.has(host)) {
      openTunnel(host, socket, head).catch(() => socket.destroy());
      return;
    }
    seen.push({
      method: 'CONNECT',
      host,
      path: '',
      query: {},
      headers: request.headers,
      form: {},
      status: 502,
    });
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
  });

  await new Promise<void>((resolve, reject) => {
    proxy.once('error', reject);
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return {
    url,
    ca,
    seen,
    hosts: handlers,
    environment: {
      HTTPS_PROXY: url,
      NO_PROXY: '127.0.0.1,localhost',
      // claude, copilot, gemini
      NODE_EXTRA_CA_CERTS: ca.caFile,
      // codex 0.169
      CODEX_CA_CERTIFICATE: ca.caFile,
      // gh and other Go programs
      SSL_CERT_FILE: ca.caFile,
      AWS_CA_BUNDLE: ca.caFile,
      // az
      REQUESTS_CA_BUNDLE: ca.caFile,
      CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE: ca.caFile,
    },
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        inner.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
