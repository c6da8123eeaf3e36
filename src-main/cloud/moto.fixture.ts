import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { ensureMoto } from '../../scripts/moto.mjs';

const moto = await ensureMoto();

/** Why there is no moto on this machine; null when there is. */
export const motoMissing = 'missing' in moto ? moto.missing : null;
if (motoMissing !== null) process.stdout.write(`skipped: ${motoMissing}\n`);

export interface MotoServer {
  /** Of moto itself. */
  origin: string;
  /** The same behind what writes down the bodies of requests. */
  recordedOrigin: string;
  /** What came over the wire, as forms, since this was last asked. */
  takeForms: () => URLSearchParams[];
  stop: () => Promise<void>;
}

/** AWS on loopback: moto's server, a process of its own. */
export async function startMoto(): Promise<MotoServer> {
  if ('missing' in moto) throw new Error(moto.missing);
  const child = spawn(moto.python, ['-m', 'moto.server', '-H', '127.0.0.1', '-p', '0'], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: tmpdir(), PYTHONUNBUFFERED: '1' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const origin = await announced(child);
  const forms: URLSearchParams[] = [];
  const recorder = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      forms.push(new URLSearchParams(body.toString('utf8')));
      const onward = forward(
        `${origin}${incoming.url ?? '/'}`,
        { method: incoming.method, headers: incoming.headers },
        (response) => {
          answer.writeHead(response.statusCode ?? 500, response.headers);
          response.pipe(answer);
        },
      );
      onward.on('error', () => answer.destroy());
      onward.end(body);
    });
  });
  recorder.listen(0, '127.0.0.1');
  await once(recorder, 'listening');
  const { port } = recorder.address() as AddressInfo;
  return {
    origin,
    recordedOrigin: `http://127.0.0.1:${port}`,
    takeForms: () => forms.splice(0),
    stop: async () => {
      recorder.closeAllConnections();
      recorder.close();
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The address that it prints once it listens. */
async function announced(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error('moto has no output');
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr })) {
    lines.push(line);
    const origin = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(line)?.[1];
    if (origin) {
      child.stderr.resume();
      return origin;
    }
  }
  throw new Error(`moto ended: ${lines.join('\n')}`);
}

/** The real AWS CLI: `python -m awscli`. */
export function awsCli(): { file: string; args: string[] } {
  if ('missing' in moto) throw new Error(moto.missing);
  return { file: moto.python, args: ['-m', 'awscli'] };
}
