import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { awsActions } from '../../scripts/aws-actions.mjs';
import { type Clock, systemClock } from '../clock.ts';
import { DirectoryScopes } from '../command/directory-scopes.ts';
import { AccountDirectories } from '../identities/account-directories.ts';
import { Identities } from '../identities/identities.ts';
import { IdentityStore } from '../identities/store.ts';
import type { Audit, AuditEvent } from '../journal/audit.ts';
import { Log } from '../journal/log.ts';
import { KeyHomes } from '../launch/key-homes.ts';
import { LaunchPreparation } from '../launch/launch-preparation.ts';
import { killTree, processStartTime } from '../process/kill-tree.ts';
import { PipedCommandRunner } from '../process/run-command.ts';
import { spawnPiped } from '../process/spawn-piped.ts';
import { openJsonFile } from '../programs/json-file.ts';
import { builtInProviders } from '../providers/built-in.ts';
import { demoProvider } from '../providers/demo.ts';
import { ProviderRegistry } from '../providers/registry.ts';
import { MemoryVault } from '../vault/memory-vault.fixture.ts';
import { Redactor } from '../vault/redact.ts';
import { Secret } from '../vault/secret.ts';
import { type CloudEndpoints, composeCloud } from './cloud-house.ts';

export interface CloudWorld {
  /** A data directory; a second house over the same one is the app after a restart. */
  data: string;
  endpoints?: CloudEndpoints;
  clock?: Clock;
  /** As the app was started with. */
  environment?: NodeJS.ProcessEnv;
  vault?: MemoryVault;
  homeDirectory?: string;
}

/** Cloud sessions with the parts of the house that they stand on, on a disk, without windows. */
export async function openCloudHouse(world: CloudWorld) {
  const { data, endpoints = {}, clock = systemClock, environment = process.env } = world;
  const vault = world.vault ?? new MemoryVault('keychain');
  const homeDirectory = world.homeDirectory ?? join(data, 'home');
  mkdirSync(homeDirectory, { recursive: true });
  const log = new Log({ directory: join(data, 'logs'), clock, redact: (text) => text });
  const providers = new ProviderRegistry(
    builtInProviders(demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1')),
    join(data, 'providers'),
  );
  const file = openJsonFile(join(data, 'identities.json'));
  const identities = new Identities({
    store: new IdentityStore(
      { read: () => file.read() ?? undefined, write: (value) => file.write(value) },
      'x',
    ),
    directories: new AccountDirectories(join(data, 'accounts')),
    vault,
    clock,
    newId: randomUUID,
    providerName: (id) => id,
    logout: async () => 'none',
    hasLogout: () => false,
    processStartTime,
    onChanged: () => {},
  });
  const kill = (pid: number) => killTree(pid, { clock });
  const programs = {
    locate: async ({ program }: { program: { names: string[] } }) =>
      program.names.map((name) => join(data, 'bin', name)).find((path) => existsSync(path)) ?? null,
    searchPath: async () => environment.PATH ?? '',
    searchPathFor: async () => environment.PATH ?? '',
  };
  const events: AuditEvent[] = [];
  const audit: Audit = { record: (event) => void events.push(event) };
  const warnings: unknown[] = [];
  const awsActionsFile = join(data, 'aws-actions.json');
  if (!existsSync(awsActionsFile)) writeFileSync(awsActionsFile, JSON.stringify(await awsActions()));
  const preparation: LaunchPreparation = new LaunchPreparation({
    identities,
    providers,
    programs: programs as never,
    parentEnvironment: environment,
    network: { variablesFor: () => ({ set: {}, secrets: {} }) },
    beforeLaunch: async () => {},
    platform: process.platform,
    vault,
    keyHomes: new KeyHomes(join(data, 'key-homes')),
    audit,
    sessionVariables: async (bundleId, id, parent) => cloud.variables(bundleId, id, parent),
  });
  const cloud = await composeCloud({
    data,
    clock,
    log,
    redactor: new Redactor(),
    homeDirectory,
    environment,
    awsActions: awsActionsFile,
    endpoints,
    fetch,
    identities,
    providers,
    vault,
    keeper: { currentBearer: () => Promise.reject(new Error('no issuer here')) } as never,
    cli: {
      programs: programs as never,
      parentEnvironment: environment,
      homeDirectory,
      platform: process.platform,
      commands: new PipedCommandRunner(spawnPiped, kill, clock),
    },
    preparation,
    audit,
    onChanged: () => {},
    onWarning: (warning) => void warnings.push(warning),
  });
  return {
    ...cloud,
    identities,
    providers,
    vault,
    preparation,
    events,
    kinds: () => events.map(({ kind }) => kind),
    warnings,
    /** As it is on disk. */
    sessionOf: (id: string) => cloud.store.get(id),
    homeDirectory,
    stop: async () => {
      await cloud.stop();
      log.close();
    },
  };
}

export type OpenCloudHouse = Awaited<ReturnType<typeof openCloudHouse>>;

/** An account of a user's long-lived key. */
export async function addAwsKey(house: OpenCloudHouse, key = 'AKIAIOSFODNN7EXAMPLE:secret-of-the-key') {
  const secret = { service: 'Lanyard', account: randomUUID() };
  await house.vault.set(secret, new Secret(key));
  return house.identities.saveApiKey({
    providerId: 'aws-key',
    bundleId: null,
    displayName: 'Key of Ada',
    secret,
    status: 'valid',
  });
}

/**
 * A house with an AWS key in the identity "Work", as the `lanyard` command's parts take it.
 * @param sts where STS is
 */
export async function awsKeyOfWork(sts: string) {
  const data = mkdtempSync(join(tmpdir(), 'lanyard-aws-key-'));
  const house = await openCloudHouse({ data, endpoints: { sts } });
  const { bundleId } = await addAwsKey(house);
  house.identities.renameBundle(bundleId, 'Work');
  return {
    data,
    house,
    bundleId,
    parts: {
      identities: house.identities,
      directories: new DirectoryScopes({ read: () => null, write: () => {} }),
      desk: async () => house.desk,
    },
    /** To be called when the test is over. */
    end: async () => {
      await house.stop();
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The AWS CLI's own sign-in at IAM Identity Center, as it leaves it in an account's directory. */
export async function addSsoSignIn(house: OpenCloudHouse, token: { accessToken: string; expiresAt: number }) {
  const parameters = {
    startUrl: 'https://acme.awsapps.com/start',
    ssoRegion: 'eu-central-1',
    accountId: '222222222222',
    roleName: 'ReadOnly',
  };
  const target = house.identities.open('aws', true, null, randomUUID(), { flowId: 'device', parameters });
  if (target.directory === null) throw new Error('an account has a directory');
  const cache = writeSsoCache(target.directory, token);
  const saved = await target.save({ email: 'ada@acme.test' });
  if (!saved.accountId) throw new Error('it was not saved');
  return { bundleId: saved.bundleId, accountId: saved.accountId, cache };
}

/** @returns the file's path */
export function writeSsoCache(
  home: string,
  { accessToken, expiresAt }: { accessToken: string; expiresAt: number },
): string {
  const directory = join(home, '.aws', 'sso', 'cache');
  mkdirSync(directory, { recursive: true });
  // A client's registration lies beside the token, in a form of its own.
  writeFileSync(
    join(directory, 'aaaa.json'),
    JSON.stringify({ clientId: 'c', clientSecret: 's', expiresAt: 'x' }),
  );
  const file = join(directory, 'bbbb.json');
  writeFileSync(
    file,
    JSON.stringify({
      startUrl: 'https://acme.awsapps.com/start',
      region: 'eu-central-1',
      accessToken,
      expiresAt: new Date(expiresAt).toISOString(),
      clientId: 'client',
      clientSecret: 'client-secret',
      registrationExpiresAt: '2030-01-01T00:00:00Z',
      refreshToken: 'refresh-1',
    }),
  );
  return file;
}
