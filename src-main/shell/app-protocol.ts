import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol } from 'electron';

const scheme = 'lanyard-app';
/** Origin of every window: pages come from the app's own files through this protocol, never from `file:` or the network. */
export const appOrigin = `${scheme}://app`;

/** No connect-src: a window cannot talk to anything but the preload bridge. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const mediaTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Must run before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }]);
}

/**
 * Serves the built renderer from `directory`. Anything outside of it, and any type not listed, is answered with 404.
 * @param directory absolute path of the built renderer
 */
export function serveApp(directory: string): void {
  protocol.handle(scheme, async (request) => {
    const url = new URL(request.url);
    const path = normalize(
      join(directory, decodeURIComponent(url.pathname === '/' ? '/index.html' : url.pathname)),
    );
    const type = mediaTypes[extname(path)];
    if (`${scheme}://${url.host}` !== appOrigin || !path.startsWith(directory + sep) || type === undefined) {
      return new Response('Not found', { status: 404 });
    }
    try {
      return new Response(new Uint8Array(await readFile(path)), {
        headers: {
          'content-type': type,
          'content-security-policy': contentSecurityPolicy,
          'x-content-type-options': 'nosniff',
          'referrer-policy': 'no-referrer',
          'cross-origin-opener-policy': 'same-origin',
        },
      });
    } catch {
      return new Response('Not found', { status: 404 });
    }
  });
}
