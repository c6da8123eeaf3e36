import { lstatSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../src-main/clock.ts';
import type { Account } from '../src-main/identities/model.ts';
import { judgePerson } from '../src-main/identities/same-person.ts';
import { Keychain } from '../src-main/vault/keychain.ts';
import { contractCases } from './cases.ts';
import type { ContractCase, Says } from './contract-case.ts';
import type { ContractRun } from './contract-table.ts';
import { ContractHouse } from './support/house.ts';
import { useOwnKeychain } from './support/own-keychain.ts';
import { OwnLogin } from './support/own-login.ts';
import { act, wordsFor } from './support/people.ts';
import { findPrograms, foundProgramsVariable } from './support/programs.ts';

declare module 'vitest' {
  interface TaskMeta {
    /** What a case leaves for the report, in the runner's JSON. */
    contract?: ContractRun;
  }
}

const thorough = Boolean(process.env[foundProgramsVariable]);
const programs = await findPrograms();
for (const [name, { version, reason }] of Object.entries(programs)) {
  console.info(version ? `${name} ${version}` : `${name}: not run: ${reason}`);
}

const here = contractCases.filter(({ program }) => program in programs);

/**
 * A real, unmodified CLI signs in to the end through the broker, against servers on this machine, and out again. They run
 * one after the other: some CLIs wait on a port of their own.
 */
describe.each([...Map.groupBy(here, ({ provider }) => provider)])('%s', (_, cases) => {
  for (const contract of cases) {
    const program = programs[contract.program];
    if (!program || (contract.thorough && !thorough)) continue;
    it(`${contract.flow}: the person ${wordsFor(contract)}`, async (context) => {
      const { provider, flow, transport } = contract;
      const reason = program.reason ?? contract.unfit?.(program.version) ?? null;
      context.task.meta.contract = {
        provider,
        flow,
        transport,
        person: wordsFor(contract),
        program: program.version ? `${contract.program} ${program.version}` : contract.program,
        reason,
      };
      if (reason !== null) context.skip(reason);
      if (typeof contract.credential !== 'string') await useOwnKeychain(context);
      await keepsTo(contract, program.directories ?? []);
    });
  }
});

async function keepsTo(contract: ContractCase, programDirectories: string[]): Promise<void> {
  const service = contract.service();
  const house = await ContractHouse.open({
    hosts: service.hosts,
    programDirectories,
    ...(contract.environment ? { environment: contract.environment } : {}),
    ...(contract.providerFile ? { providerFiles: [contract.providerFile] } : {}),
  });
  const own = await OwnLogin.plant(house.place.home, contract.ownLogin);
  const provider = house.provider(contract.providerFile?.id ?? contract.provider);
  const flow = provider.flows.find(({ id }) => id === contract.flow);

  const { sessionId } = house.broker.start({
    providerId: provider.id,
    flowId: contract.flow,
    ...(contract.parameters ? { parameters: contract.parameters } : {}),
  });
  onTestFinished(async ({ task }) => {
    if (task.result?.state === 'fail') console.info(house.report(sessionId));
    await house.close();
  });
  const { link, person } = contract;
  await act(person, {
    house,
    sessionId,
    link,
    ...(service.devices ? { devices: service.devices } : {}),
  });
  const account = await house.signedIn(sessionId);

  expect(flow?.transport).toBe(contract.transport);
  expect(house.transports).toEqual(flow?.by === undefined ? [contract.transport] : []);
  expect(account.context).toEqual(contract.identity);
  expect(house.processes()).toEqual([]);
  if (typeof contract.credential === 'string') expectInOwnDirectory(house, account, contract.credential);
  else await expectInKeychain(house, account);
  const printed = house.lines(sessionId).join('\n');
  expect(house.secrets.handedOut.filter((secret) => printed.includes(secret))).toEqual([]);
  await expectOwnLoginUntouched(contract, own);

  const { status } = contract;
  const says = async (wanted: Says) =>
    expect(await house.run(account, status?.args ?? [])).toEqual({
      exitCode: wanted.exitCode,
      text: expect.stringMatching(wanted.text),
    });
  if (status) await says(status.signedIn);
  if (typeof contract.credential === 'string') await expectQuietLook(house, account, contract.credential);
  const before = house.net.seen.length;
  const { removed } = await house.signOut(account, async () => {
    if (!status?.signedOut) return;
    await says(status.signedOut);
    expect(await house.look(account)).toMatchObject({ status: 'needs-sign-in' });
  });
  expect(removed.flatMap(({ steps }) => steps.filter(({ failure }) => failure))).toEqual([]);
  if (contract.revokes) {
    expect(house.net.seen.slice(before)).toContainEqual(expect.objectContaining({ path: contract.revokes }));
  }
  expect(house.identities.list().bundles.flatMap(({ accounts }) => accounts)).toEqual([]);
  expect(lstatSync(join(house.accountsRoot, account.id), { throwIfNoEntry: false })).toBeUndefined();
  expect(house.secrets.filesWith(house.place.root)).toEqual([]);
  expect(await inKeychain(account)).toBeNull();
  await expectOwnLoginUntouched(contract, own);
}

/** The secret is in the account's own directory and nowhere else: no log, no temporary file, not the home directory. */
function expectInOwnDirectory(house: ContractHouse, { id, secretRef }: Account, credential: string): void {
  if (secretRef.kind !== 'oauth-config-dir') throw new Error('the account has no directory');
  const { dir } = secretRef;
  expect(relative(house.accountsRoot, dir)).toBe(join(id, '1'));
  expect(lstatSync(dir).mode & 0o777).toBe(0o700);
  const ours = `${relative(house.place.root, dir)}/`;
  const holders = house.secrets.filesWith(house.place.root);
  expect(holders.find((path) => path.startsWith(`${ours}${credential}`))).toBeDefined();
  expect(holders.filter((path) => !path.startsWith(ours))).toEqual([]);
}

/** The secret is in our entry in the keychain, and in no file. */
async function expectInKeychain(house: ContractHouse, account: Account): Promise<void> {
  expect(house.secrets.handedOut).toContain(await inKeychain(account));
  expect(house.secrets.filesWith(house.place.root)).toEqual([]);
  expect(lstatSync(join(house.accountsRoot, account.id), { throwIfNoEntry: false })).toBeUndefined();
}

async function inKeychain({ secretRef }: Account): Promise<string | null> {
  if (secretRef.kind !== 'keychain') return null;
  const read = await new Keychain(systemClock).get(secretRef);
  if (read.status === 'ok') return read.secret.reveal();
  if (read.status === 'not-found') return null;
  throw new Error(`the keychain says ${read.status}`);
}

/** I-12, I-16: a look finds the person, and neither renews nor changes the login. */
async function expectQuietLook(house: ContractHouse, account: Account, path: string): Promise<void> {
  const { secretRef } = account;
  const credential = join(secretRef.kind === 'oauth-config-dir' ? secretRef.dir : '', path);
  const read = () =>
    lstatSync(credential, { throwIfNoEntry: false })?.isFile() ? readFileSync(credential) : null;
  const login = read();
  const before = house.net.seen.length;
  const finding = await house.look(account);
  expect(finding).toMatchObject({ status: 'valid' });
  expect(judgePerson(account, finding.identity ?? {})).not.toBe('different');
  const asked = house.net.seen.slice(before).map(({ path }) => path);
  expect(asked.filter((path) => /token|oauth/.test(path ?? ''))).toEqual([]);
  expect(read()).toEqual(login);
}

async function expectOwnLoginUntouched({ litter }: ContractCase, own: OwnLogin): Promise<void> {
  const { touched, added } = await own.changes();
  expect(touched).toEqual([]);
  expect(added.filter((path) => !litter?.test(path))).toEqual([]);
}
