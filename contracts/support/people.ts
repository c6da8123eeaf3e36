import { expect } from 'vitest';
import { followRedirects } from '../../e2e/support/browser-opener/follow-redirects.ts';
import type { DeviceGrants } from '../../e2e/support/device-grants.ts';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { ContractHouse } from './house.ts';

/** What a person does between the link and the end, with the words of the report. */
const people = {
  'follows-link': 'follows the link',
  'pastes-address': 'pastes the address',
  'pastes-code': 'pastes the code',
  'enters-code': 'enters the code',
} as const;

export type Person = keyof typeof people;

/** What the person of a case does, for titles and the report. */
export function wordsFor({ person, where }: { person: Person; where?: string }): string {
  return where === undefined ? people[person] : `${people[person]} ${where}`;
}

export interface Visit {
  house: ContractHouse;
  sessionId: string;
  /** The device codes of the service, where it has some. */
  devices?: DeviceGrants;
  /** Where the person is sent; for a device code the page where it is entered. */
  link: RegExp;
}

/** Does what the person does, and looks at what they are shown on the way. */
export function act(person: Person, visit: Visit): Promise<void> {
  return acts[person](visit);
}

const acts: Record<Person, (visit: Visit) => Promise<void>> = {
  'follows-link': async ({ house, sessionId, link }) => {
    expect(await shownLink(house, sessionId)).toMatch(link);
    const opened = await either(house, sessionId, house.opened.next());
    expect(opened).toMatch(link);
    await followRedirects(opened, house.net);
  },

  'pastes-address': async ({ house, sessionId, link }) => {
    expect(await shownLink(house, sessionId)).toMatch(link);
    const opened = await either(house, sessionId, house.opened.next());
    const page = await followRedirects(opened, house.net, { stopAtLoopback: true });
    // As an address bar shows it.
    const address = page.url.replace('//127.0.0.1:', '//localhost:');
    expect(await house.broker.submitCallback(sessionId, address)).toEqual({ success: true });
  },

  'pastes-code': async ({ house, sessionId, link }) => {
    await house.until(sessionId, (snapshot) => snapshot.promptsForPaste);
    const shown = await shownLink(house, sessionId);
    expect(shown).toMatch(link);
    const { body } = await followRedirects(shown, house.net);
    const code = /<p>(\S+)<\/p>/.exec(body)?.[1] ?? '';
    expect(await house.broker.submitCallback(sessionId, code)).toEqual({ success: true });
  },

  'enters-code': async ({ house, sessionId, link, devices }) => {
    if (!devices) throw new Error('this service has no device codes');
    const device = await either(house, sessionId, devices.next());
    const shown = await house.until(sessionId, ({ status }) => status === 'code-emitted');
    if (shown.status !== 'code-emitted') throw new Error('no code was shown');
    expect(shown.deviceCode).toBe(device.userCode);
    expect(shown.verificationUrl).toMatch(link);
    expect(await either(house, sessionId, device.polls.next())).toBe('pending');
    device.approve();
  },
};

async function shownLink(house: ContractHouse, sessionId: string): Promise<string> {
  await house.until(sessionId, hasLink);
  const now = house.broker.poll(sessionId);
  return hasLink(now) ? now.authUrl : '';
}

function hasLink(
  snapshot: SessionSnapshot,
): snapshot is Extract<SessionSnapshot, { status: 'url-available' }> {
  return snapshot.status === 'url-available';
}

/** What happens on the outside, or why the sign-in is over before it could. */
function either<T>(house: ContractHouse, sessionId: string, event: Promise<T>): Promise<T> {
  return Promise.race([event, house.until(sessionId, () => false).then(() => event)]);
}
