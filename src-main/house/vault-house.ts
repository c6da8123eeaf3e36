import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import type { Audit } from '../journal/audit.ts';
import { trailVaultEntry } from '../journal/trail-seal.ts';
import { composeEnvironment } from '../process/environment.ts';
import { isAlive, processStartTime } from '../process/kill-tree.ts';
import type { CommandRunner } from '../process/run-command.ts';
import { ChosenVault, type EntriesInUse } from '../vault/chosen-vault.ts';
import { Keychain } from '../vault/keychain.ts';
import { WorkerSeal } from '../vault/passphrase-seal.ts';
import {
  type ProbeAnswer,
  type ProbeRequest,
  type ProbeVaults,
  probeInput,
  readProbeAnswer,
} from '../vault/probe.ts';
import { SealedDisk } from '../vault/sealed-disk.ts';
import { SealedFile } from '../vault/sealed-file.ts';
import { type SelfTestStep, testVault } from '../vault/self-test.ts';
import { SplitEntries, windowsLimit } from '../vault/split-entries.ts';
import type { Vault, VaultEntry } from '../vault/vault.ts';
import { openVaultSettingsFile } from './vault-settings-file.ts';

export interface VaultHouseParts {
  /** How to start the self-test's second process. */
  probe: { file: string; args: string[] };
  /** The data directory. */
  data: string;
  clock: Clock;
  parentEnvironment: NodeJS.ProcessEnv;
  commands: CommandRunner;
  /** What moves along when another backend is chosen. */
  entries: () => EntriesInUse;
  onChanged: () => void;
  record: Audit['record'];
}

export interface VaultHouse {
  vault: ChosenVault;
  selfTest: () => Promise<SelfTestStep[]>;
}

/** Starting a second process of the app, cold, on a slow machine. */
const probeDeadlineMs = 30_000;

/** The vault with its backends, made by hand, and its self-test. */
export function composeVault(parts: VaultHouseParts): VaultHouse {
  const { data, clock, parentEnvironment, commands } = parts;
  const path = join(data, 'vault.age');
  const sealedFile = sealedFileAt(path, clock);
  const vault = new ChosenVault({
    keychain: systemKeychain(clock),
    sealedFile,
    settings: openVaultSettingsFile(data),
    entries: parts.entries,
    clock,
    onChanged: parts.onChanged,
    audit: { record: parts.record },
    isOurs: ({ account }) => account === trailVaultEntry.account,
  });

  const probe = async (entry: VaultEntry): Promise<ProbeAnswer | null> => {
    const request = probeRequest(vault, sealedFile, path, entry);
    if (!request) return null;
    const { env } = composeEnvironment({
      parent: parentEnvironment,
      searchPath: parentEnvironment.PATH ?? '',
      set: {},
      unset: [],
      platform: process.platform,
    });
    const command = { ...parts.probe, env, cwd: data };
    try {
      const { stdout } = await commands.run(command, probeDeadlineMs, undefined, probeInput(request));
      return readProbeAnswer(stdout);
    } catch {
      // It could not be started: no answer either way.
      return null;
    }
  };
  return { vault, selfTest: () => testVault(vault, probe) };
}

/** `null` when the sealed file was locked meanwhile. */
function probeRequest(
  vault: ChosenVault,
  sealedFile: SealedFile,
  path: string,
  entry: VaultEntry,
): ProbeRequest | null {
  if (vault.backend === 'keychain') return { backend: 'keychain', ...entry };
  const key = sealedFile.key;
  return key && { backend: 'sealed-file', ...entry, path, key: key.reveal() };
}

/** What the self-test's second process reads from. */
export const probeVaults: ProbeVaults = {
  keychain: systemKeychain(systemClock),
  sealedFile: async (path, key) => {
    const file = sealedFileAt(path, systemClock);
    const opened = await file.unlockWithKey(key);
    return opened.status === 'ok' ? file : opened;
  },
};

function systemKeychain(clock: Clock): Vault {
  const keychain = new Keychain(clock);
  return process.platform === 'win32' ? new SplitEntries(keychain, windowsLimit) : keychain;
}

function sealedFileAt(path: string, clock: Clock): SealedFile {
  return new SealedFile({
    disk: new SealedDisk(path, {
      clock,
      newId: randomUUID,
      self: async () => ({ pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' }),
      isRunning: isAlive,
    }),
    // The build puts it beside the main script.
    seal: new WorkerSeal({ script: join(import.meta.dirname, 'passphrase-worker.js'), clock }),
    clock,
  });
}
