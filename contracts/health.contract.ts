import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createClaudeHosts } from '../e2e/support/claude-hosts.ts';
import type { HostHandler } from '../e2e/support/local-host.ts';
import { createOpenAiIssuer, openAiHosts } from '../e2e/support/openai-issuer.ts';
import type { Account } from '../src-main/identities/model.ts';
import { ContractHouse } from './support/house.ts';
import { act } from './support/people.ts';
import { findPrograms } from './support/programs.ts';

const programs = await findPrograms();

async function open(program: 'codex' | 'claude', hosts: Record<string, HostHandler>) {
  const found = programs[program];
  if (!found?.directories) throw new Error(`${program}: ${found?.reason ?? 'not looked for'}`);
  const house = await ContractHouse.open({
    hosts,
    programDirectories: found.directories,
  });
  onTestFinished(() => house.close());
  return house;
}

const directoryOf = ({ secretRef }: Account) => (secretRef.kind === 'oauth-config-dir' ? secretRef.dir : '');

it('I-6, I-16: codex: the old login works until the new one is confirmed, and whatever becomes of the reconnect', async () => {
  const issuer = createOpenAiIssuer({
    person: { email: 'ada@example.test', userId: 'ada', accountId: 'o1' },
  });
  const house = await open('codex', openAiHosts(issuer));
  /** Starts a sign-in by device code and waits until the person is shown the code. */
  const start = async (bundleId?: string) => {
    const { sessionId } = house.broker.start({
      providerId: 'codex',
      flowId: 'device',
      ...(bundleId ? { intoBundleId: bundleId } : {}),
    });
    const device = await issuer.devices.next();
    await house.until(sessionId, ({ status }) => status === 'code-emitted');
    return { sessionId, device };
  };
  const saysYes = { exitCode: 0, text: expect.stringContaining('Logged in using ChatGPT') };

  const first = await start();
  first.device.approve();
  const account = await house.signedIn(first.sessionId);
  const [bundle] = house.identities.bundlesOf(account.id);
  const oldLogin = readFileSync(join(directoryOf(account), 'auth.json'), 'utf8');
  const expectOldLogin = async () => {
    expect(house.identities.account(account.id)).toEqual(account);
    expect(readFileSync(join(directoryOf(account), 'auth.json'), 'utf8')).toBe(oldLogin);
    expect(await house.run(account, ['login', 'status'])).toEqual(saysYes);
  };

  // While it runs, and after it was given up.
  const cancelled = await start(bundle?.id);
  await expectOldLogin();
  expect(house.broker.cancel(cancelled.sessionId)).toEqual({ success: true });
  await house.broker.settled();
  await expectOldLogin();

  const denied = await start(bundle?.id);
  denied.device.deny();
  await house.until(denied.sessionId, ({ status }) => status === 'failed');
  await house.broker.settled();
  await expectOldLogin();

  // Of one email, in another organisation.
  issuer.person = { ...issuer.person, userId: 'ada', accountId: 'o2' };
  const other = await start(bundle?.id);
  other.device.approve();
  const refused = await house.until(other.sessionId, ({ status }) => status === 'failed');
  expect(refused).toMatchObject({
    failure: {
      code: 'unexpected_person',
      title: 'This is ada@example.test (o2), not ada@example.test (o1).',
    },
  });
  await house.broker.settled();
  await expectOldLogin();

  // The same person, under a new email.
  issuer.person = { ...issuer.person, email: 'lovelace@example.test', accountId: 'o1' };
  const again = await start(bundle?.id);
  again.device.approve();
  const renewed = await house.signedIn(again.sessionId);
  expect(renewed).toMatchObject({ id: account.id, displayName: 'lovelace@example.test' });
  expect(directoryOf(renewed)).not.toBe(directoryOf(account));
  expect(existsSync(directoryOf(account))).toBe(false);
  expect(await house.run(renewed, ['login', 'status'])).toEqual(saysYes);
  expect(await house.look(renewed)).toMatchObject({ status: 'valid', identity: { organisationId: 'o1' } });
});

it('I-12: claude: an expired login is not renewed by looking at it, whose status says yes', async () => {
  const hosts = createClaudeHosts({ person: { email: 'ada@example.test' } });
  const house = await open('claude', hosts.hosts);
  const { sessionId } = house.broker.start({ providerId: 'claude' });
  await act('follows-link', { house, sessionId, link: /^https:\/\/claude\.com\// });
  const account = await house.signedIn(sessionId);
  const file = join(directoryOf(account), '.credentials.json');
  const login = JSON.parse(readFileSync(file, 'utf8'));
  const plant = (changes: object) =>
    writeFileSync(file, JSON.stringify({ claudeAiOauth: { ...login.claudeAiOauth, ...changes } }));
  const past = Date.now() - 3_600_000;

  const before = house.net.seen.length;
  plant({ expiresAt: past });
  const expired = readFileSync(file, 'utf8');
  expect(await house.look(account)).toMatchObject({
    status: 'expired-refreshable',
    identity: { email: 'ada@example.test' },
  });
  plant({ expiresAt: past, refreshToken: '' });
  expect(await house.look(account)).toMatchObject({ status: 'needs-sign-in' });
  plant({ expiresAt: past });
  expect(readFileSync(file, 'utf8')).toBe(expired);
  expect(house.net.seen.slice(before)).toEqual([]);

  // Why the look reads the file: asked itself, it says yes to an expired login, and may begin to renew it.
  expect(await house.run(account, ['auth', 'status'])).toEqual({
    exitCode: 0,
    text: expect.stringContaining('"loggedIn": true'),
  });
});
