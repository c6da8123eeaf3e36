import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findPortHolder } from './port-holder.ts';

/** Listens there until the test ends. @returns the port, or null where the system has no such address */
async function listen(host: string): Promise<number | null> {
  const server = createServer();
  onTestFinished(() => void server.close());
  try {
    server.listen({ host, port: 0 });
    await once(server, 'listening');
  } catch {
    return null;
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : null;
}

const own = process.platform === 'linux' ? { pid: process.pid } : {};

describe('I-17: findPortHolder', () => {
  it.for(['127.0.0.1', '::1', '0.0.0.0', '::'])('sees a listener on %s', async (host, context) => {
    const port = await listen(host);
    if (port === null) context.skip(`this system has no ${host}`);
    else expect(await findPortHolder(port)).toMatchObject(own);
  });

  it('says that a port is free, and leaves it free', async () => {
    const server = createServer();
    server.listen({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    server.close();
    await once(server, 'close');
    expect(await findPortHolder(port)).toBeNull();
    expect(await findPortHolder(port)).toBeNull();
  });

  it.runIf(process.platform === 'linux')(
    'names another process and its script, and leaves it alone',
    async () => {
      const directory = mkdtempSync(join(tmpdir(), 'port-holder-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const script = join(directory, 'somebody-elses.mjs');
      writeFileSync(
        script,
        "import { createServer } from 'node:net'; const s = createServer(); s.listen(0, '127.0.0.1', () => console.log(s.address().port));",
      );
      const child = spawn(process.execPath, [script, '--token=secret'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      onTestFinished(() => void child.kill('SIGKILL'));
      const [printed] = await once(child.stdout, 'data');
      expect(await findPortHolder(Number(String(printed)))).toEqual({
        pid: child.pid,
        program: 'somebody-elses.mjs',
      });
      expect([child.exitCode, child.signalCode]).toEqual([null, null]);
    },
  );
});
