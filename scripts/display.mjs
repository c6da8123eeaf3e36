import { spawn } from 'node:child_process';

/**
 * Starts a virtual X display on a free number, reachable over its local socket only.
 * @returns {Promise<{display: string, stop: () => Promise<void>}>}
 */
export function startDisplay() {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve) => server.once('close', resolve));
  return new Promise((resolve, reject) => {
    let text = '';
    server.once('error', reject);
    ended.then(() => reject(new Error('Xvfb ended before it had a display')));
    server.stdio[3].on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      const stop = () => {
        server.kill();
        return ended;
      };
      resolve({ display: `:${text.trim()}`, stop });
    });
  });
}

/** Whether this session has a display of its own. */
export function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
