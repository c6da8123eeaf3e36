import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { systemClock } from './clock.ts';
import { claimHouse } from './command/house-claim.ts';
import { inTerminalWords } from './command/terminal-words.ts';
import { dataDirectoryOf } from './data-directory.ts';
import { runDemoCli } from './demo/demo-cli.ts';
import { LanyardError } from './failures.ts';
import { composeHouse, type House } from './house/house.ts';
import { demoSwitch, vaultProbeSwitch } from './house/modes.ts';
import { probeVaults } from './house/vault-house.ts';
import { Log } from './journal/log.ts';
import { NodeTransport } from './network/node-transport.ts';
import { problemLine } from './providers/problem-line.ts';
import { passphraseFrom } from './serve/passphrase.ts';
import { answerProbe } from './vault/probe.ts';
import { Redactor } from './vault/redact.ts';
import { Secret } from './vault/secret.ts';

/**
 * `lanyard serve`: the house as it is, on plain Node, for hosts without a display. The build puts this script and
 * what it loads into `dist/serve/`; the command starts it with the Node of the machine.
 */
const [mode, ...rest] = process.argv.slice(2);
const { stdin, stdout, stderr, env } = process;

if (mode === demoSwitch) process.exitCode = await runDemoCli(rest, { stdin, stdout, stderr, env });
else if (mode === vaultProbeSwitch) await probe();
else {
  try {
    await serve(process.argv.slice(2));
  } catch (error) {
    const failure = error instanceof LanyardError ? error.failure : null;
    say(failure ? `${failure.title}\n${failure.hint}` : `Lanyard could not start: ${String(error)}`);
    process.exit(1);
  }
}

function say(line: string): void {
  stderr.write(`lanyard: ${line}\n`);
}

async function serve(args: string[]): Promise<void> {
  const fromStdin = options(args)['passphrase-stdin'] ?? false;
  const data = dataDirectoryOf(env, process.platform, homedir());
  const giveBack = await claimHouse(data, systemClock);
  const redactor = new Redactor();
  const log = new Log({
    directory: join(data, 'logs'),
    clock: systemClock,
    redact: (text) => redactor.redact(text),
  });
  const version = ownVersion();
  const house = await composeHouse({
    data,
    resources: join(import.meta.dirname, '..', '..', 'resources'),
    clock: systemClock,
    log,
    redactor,
    environment: { ...env },
    homeDirectory: homedir(),
    platform: process.platform,
    transport: new NodeTransport(env),
    awsActions: join(import.meta.dirname, 'aws-actions.json'),
    openBrowser: async () => false,
    ownProgram: (own) => ({ file: process.execPath, args: [join(import.meta.dirname, 'serve.js'), own] }),
    host: { kind: 'serve', version, program: commandProgram(), quit: () => void stop() },
    emit: () => {},
    onSession: () => {},
  });

  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= house
      .stop()
      .finally(giveBack)
      .then(
        () => process.exit(0),
        () => process.exit(1),
      );
    return stopping;
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void stop());

  log.info('serve.started', { version, node: process.versions.node });
  await openVault(house, fromStdin);
  await house.start();
  for (const problem of house.providers.problems())
    say(`A provider file is left out. ${problemLine(problem)}`);
  say(`serving, process ${process.pid}. To end it: lanyard serve --stop`);
}

/** Keys need a keychain, or a sealed file that is open; everything else works without. */
async function openVault({ vault, identities }: House, fromStdin: boolean): Promise<void> {
  const { backend, status, sealedFile } = await vault.state();
  if (status === 'ready' && !(fromStdin && backend === 'keychain' && sealedFile !== 'unlocked')) return;
  if (backend === 'keychain' && identities.vaultEntries().used.length > 0) {
    say(
      'The keychain, in which keys are kept, does not answer. lanyard unlock makes a sealed file in its place.',
    );
    return;
  }
  const passphrase = await passphraseFrom(fromStdin ? 'input' : 'terminal', sealedFile === 'absent');
  if (passphrase === null) {
    say(
      sealedFile === 'absent'
        ? 'There is no keychain and no sealed file here, so no keys. To make one: lanyard unlock'
        : 'The sealed file, in which keys are kept, is closed, so there are no keys. To open it: lanyard unlock',
    );
    return;
  }
  try {
    if (backend === 'sealed-file' && sealedFile !== 'absent') await vault.unlock(new Secret(passphrase));
    else
      await vault.choose({ backend: 'sealed-file', passphrase: new Secret(passphrase), leaveBehind: true });
  } catch (error) {
    throw withoutWindows(error);
  }
}

/** It ends here: nobody can type again. */
function withoutWindows(error: unknown): unknown {
  if (!(error instanceof LanyardError)) return error;
  const { failure } = error;
  if (failure.code !== 'wrong_passphrase')
    return new LanyardError(inTerminalWords(failure), { cause: error });
  const hint = 'Lanyard was not started. Run lanyard serve again, with the passphrase of this file.';
  return new LanyardError({ ...failure, hint });
}

function options(args: string[]) {
  try {
    return parseArgs({ args, options: { 'passphrase-stdin': { type: 'boolean' } } }).values;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

/** The command that ships beside us, which is also what asks the kernel who calls. */
function commandProgram(): string | null {
  const name = process.platform === 'win32' ? 'lanyard.exe' : 'lanyard';
  const places = [
    join(import.meta.dirname, '..', 'command', name),
    join(import.meta.dirname, '..', '..', '..', 'bin', name),
  ];
  return places.find((path) => existsSync(path)) ?? null;
}

function ownVersion(): string {
  const text = readFileSync(join(import.meta.dirname, 'package.json'), 'utf8');
  return v.parse(v.object({ version: v.string() }), JSON.parse(text)).version;
}

async function probe(): Promise<void> {
  const [line] = await once(createInterface({ input: stdin }), 'line');
  stdout.write(await answerProbe(new Secret(String(line)), probeVaults), () => process.exit(0));
}
