import { open, postFields, press, type Visit } from '../../src-main/demo/browser.fixture.ts';

/** A person at the demo provider's pages, who reads and clicks as in a browser. */
export type DemoPersonId = 'demo-ada' | 'demo-grace';

/** Opens a sign-in link and approves; redirects are followed to the CLI's listener or the page with the code. */
export async function approve(link: string, person: DemoPersonId = 'demo-ada'): Promise<Visit> {
  return press(await open(link), 'Approve', { person });
}

export async function deny(link: string): Promise<Visit> {
  return press(await open(link), 'Deny');
}

/** Approves in a browser that cannot reach the CLI: the callback URL stands in its address bar, and nobody got it. */
export async function approveUnreached(link: string): Promise<string> {
  const page = await open(link);
  const token = /name="form" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
  const { origin } = new URL(link);
  const fields = { form: token, person: 'demo-ada', decision: 'approve' };
  const answer = await postFields(`${origin}/authorize`, fields, { origin });
  const { location } = answer.headers;
  if (answer.status !== 303 || !location) throw new Error(`no redirect: ${answer.status}`);
  return location;
}

/** Types a device code into the page that was opened for it and approves. */
export async function approveDevice(page: string, userCode: string, person: DemoPersonId): Promise<Visit> {
  return press(await open(page), 'Approve', { person, user_code: userCode });
}

/** The code on the page that a paste sign-in ends on. */
export function codeOn(page: Visit): string {
  const code = /<code class="code">([^<]+)<\/code>/.exec(page.text)?.[1];
  if (!code) throw new Error(`no code on this page: ${page.text}`);
  return code;
}
