import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** AWS IAM Identity Center on loopback, as its SDK asks it: accounts, roles, credentials of a role, and renewal. */
export async function startSsoPortal() {
  const asked: string[] = [];
  const state = { token: 'sso-token-1', refreshToken: 'refresh-1', accessKeyId: 'ASIABASEROLE' };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://portal');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked.push(`${request.method} ${url.pathname}`);
      const answer = (status: number, body: unknown, type?: string) => {
        response.writeHead(status, {
          'content-type': 'application/json',
          ...(type ? { 'x-amzn-errortype': type } : {}),
        });
        response.end(JSON.stringify(body));
      };
      if (url.pathname === '/token') {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>;
        if (body.refreshToken !== state.refreshToken) return answer(400, {}, 'InvalidGrantException');
        state.token = 'sso-token-2';
        state.refreshToken = 'refresh-2';
        return answer(200, {
          accessToken: state.token,
          refreshToken: state.refreshToken,
          expiresIn: 3600,
          tokenType: 'Bearer',
        });
      }
      if (request.headers['x-amz-sso_bearer_token'] !== state.token) {
        return answer(401, { message: 'Session token not found or invalid' }, 'UnauthorizedException');
      }
      const next = url.searchParams.get('next_token');
      switch (url.pathname) {
        case '/assignment/accounts':
          return answer(
            200,
            next === null
              ? {
                  accountList: [
                    { accountId: '222222222222', accountName: 'Two', emailAddress: 'two@acme.test' },
                  ],
                  nextToken: 'more',
                }
              : { accountList: [{ accountId: '111111111111', accountName: 'One' }] },
          );
        case '/assignment/roles':
          return answer(200, { roleList: [{ roleName: 'ReadOnly' }, { roleName: 'Power' }] });
        case '/federation/credentials':
          return answer(200, {
            roleCredentials: {
              accessKeyId: state.accessKeyId,
              secretAccessKey: `of-${url.searchParams.get('account_id')}-${url.searchParams.get('role_name')}`,
              sessionToken: 'base-session-token',
              expiration: Date.now() + 3_600_000,
            },
          });
        default:
          return answer(404, {});
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    state,
    /** What was asked since this was last looked at. */
    takeAsked: () => asked.splice(0),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
