import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureClis } from '../../scripts/install-clis.mjs';
import { SignInHouse } from '../../src-main/methods/cli/sign-in-house.fixture.ts';
import { gemini } from '../../src-main/providers/gemini.ts';
import { createGoogleHosts } from './google-hosts.ts';
import { createLocalCa } from './local-ca.ts';
import { startLocalNet } from './local-net.ts';
import { createTestPlace, projectRoot } from './test-place.ts';

const proofPollMs = 300;

let bin: string;
beforeAll(async () => {
  bin = (await ensureClis()).binDirectory;
}, 600_000);

/** The broker, with the real Gemini CLI in a network that ends on this machine, at its first prompt. */
async function open() {
  const place = await createTestPlace();
  const google = createGoogleHosts({ email: 'ada@example.test' });
  const net = await startLocalNet(await createLocalCa(place.root), google.hosts);
  onTestFinished(async () => {
    await net.close();
    await place.remove();
  });
  const path = [bin, join(projectRoot, 'node_modules', '.bin'), '/usr/bin', '/bin'];
  const house = new SignInHouse({ parent: { PATH: path.join(':'), ...net.environment } });
  const sessionId = house.connect(house.provider(gemini));
  await house.until(sessionId, ({ promptsForPaste }) => promptsForPaste);
  const refuse = async () => {
    expect(await house.broker.submitCallback(sessionId, '4/not-a-code-of-google')).toEqual({ success: true });
  };
  return { house, sessionId, google, refuse };
}

describe('gemini', () => {
  it('V-4, S-4: a refused code is no end: a new link comes, and its code signs in', async () => {
    const { house, sessionId, google, refuse } = await open();
    await refuse();
    const renewed = await house.until(sessionId, ({ renewals }) => renewals === 1);
    expect(renewed.pasteRejected).toContain('invalid_grant');
    const link = renewed.status === 'url-available' ? renewed.authUrl : '';
    await house.broker.submitCallback(sessionId, google.authorize(link).code);
    const credentials = () =>
      house.accountFiles().some((name) => name.endsWith('oauth_creds.json'))
        ? house.accountFile('.gemini/oauth_creds.json')
        : '';
    await expect.poll(credentials, { timeout: 15_000 }).toContain('refresh_token');
    await house.clock.armed(proofPollMs);
    house.clock.advance(proofPollMs);
    expect(await house.end(sessionId)).toMatchObject({ status: 'success', email: 'ada@example.test' });
  });

  it('S-15: the second refused code ends it, in words of its own', async () => {
    const { house, sessionId, refuse } = await open();
    await refuse();
    await house.until(sessionId, ({ renewals }) => renewals === 1);
    await refuse();
    expect((await house.end(sessionId)).code).toBe('code_not_accepted');
    expect(house.accountFiles()).toEqual([]);
  });
});
