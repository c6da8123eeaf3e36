import { execFile } from 'node:child_process';
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { leastDefinition, leastFlow } from '../../src-main/providers/definition.fixture.ts';
import type { ProviderDefinition } from '../../src-main/providers/definition.ts';

/** The scripts in `fault-clis/`, each a CLI that goes wrong in one way; `missing` is a program that does not exist. */
export const faults = [
  'exits-1',
  'exits-0-signed-out',
  'hangs',
  'foreign-link',
  'floods',
  'ignores-sigterm',
  'prints-link-late',
  'missing',
] as const;
export type Fault = (typeof faults)[number];

export const faultScripts = join(import.meta.dirname, 'fault-clis');

/** The code that `prints-link-late` takes. */
export const faultCode = 'fault-code';

export interface FaultOptions {
  transport?: 'pipe' | 'pty';
  /** Path of a {@link Gate}: `floods` and `prints-link-late` wait for it. */
  gate?: string;
  /** Where `ignores-sigterm` writes its pids, one per line: the script, a grandchild, a grandchild outside its group. */
  pidFile?: string;
  /** Cap on a sign-in in seconds. */
  timeoutSeconds?: number;
}

export function faultProviderId(fault: Fault): string {
  return `fault-${fault}`;
}

/** The definition of a provider whose CLI is one of the fault scripts, by absolute path. */
export function faultProvider(fault: Fault, options: FaultOptions = {}): ProviderDefinition {
  const takesCode = fault === 'prints-link-late';
  return {
    ...leastDefinition(faultProviderId(fault), `Fault ${fault}`),
    program: {
      names: [join(faultScripts, fault)],
      args: [],
      installCommand: fault === 'missing' ? 'npm install --global fault-cli' : null,
    },
    configDir: { variable: 'FAULT_HOME', seed: [] },
    environment: {
      set: {
        ...(options.gate ? { FAULT_GATE: options.gate } : {}),
        ...(options.pidFile ? { FAULT_PID_FILE: options.pidFile } : {}),
      },
      unset: [],
    },
    allowedHosts: ['login.fault.test'],
    flows: [
      leastFlow({
        label: 'Sign in with the browser',
        transport: options.transport ?? 'pipe',
        paste: takesCode
          ? { kind: 'code', accepts: '[a-z-]+', example: faultCode, enterSeparately: false, join: 'code' }
          : { kind: 'none' },
        patterns: {
          ...(takesCode ? { prompt: 'Paste code here > $' } : {}),
          success: 'Logged in as \\S+@\\S+',
          failures: [],
        },
      }),
    ],
    proof: { kind: 'status-command', args: ['status'], text: 'Logged in as' },
    ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds }),
  };
}

/** The same CLI for a provider that lists no hosts: what it prints is a link that nobody has checked (L-2). */
export function unlistedProvider(): ProviderDefinition {
  const provider = faultProvider('foreign-link');
  return { ...provider, id: 'fault-unlisted', name: 'Fault unlisted', allowedHosts: [] };
}

/** Writes definition files to `<dataDirectory>/providers/`, where the app reads them when it starts. */
export async function writeProviders(
  dataDirectory: string,
  definitions: ProviderDefinition[],
): Promise<void> {
  const directory = join(dataDirectory, 'providers');
  await mkdir(directory, { recursive: true });
  for (const definition of definitions) {
    await writeFile(join(directory, `${definition.id}.json`), `${JSON.stringify(definition, null, 2)}\n`);
  }
}

/** A door at which a fault script waits until the test opens it. */
export interface Gate {
  path: string;
  /** Lets one waiting script through, or the next one that comes. */
  open(): Promise<void>;
  close(): Promise<void>;
}

/** @param path where the named pipe is made; its directory must exist */
export async function createGate(path: string): Promise<Gate> {
  await promisify(execFile)('mkfifo', [path]);
  // Opened for both directions: that never blocks on Linux, and what is written waits for the reader.
  const pipe = await open(path, 'r+');
  return {
    path,
    open: async () => {
      await pipe.write('open\n');
    },
    close: () => pipe.close(),
  };
}
