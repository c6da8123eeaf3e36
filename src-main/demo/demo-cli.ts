import { createHash, randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../clock.ts';
import { type Callback, CallbackListener } from './callback-listener.ts';
import { type DemoCredentials, readCredentials, removeCredentials, writeCredentials } from './credentials.ts';
import { html } from './html.ts';
import { postForm } from './http-client.ts';
import {
  authorizationCodePattern,
  codePageRedirectUri,
  demoClientId,
  deviceCodeLifetimeSeconds,
  pollIntervalSeconds,
} from './protocol.ts';

/** Everything the demo CLI touches besides its own files and loopback. */
export interface DemoCliIo {
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  /** Reads `DEMO_HOME` (where the login is kept), `DEMO_SERVICE` (origin of the service) and `HOME`. */
  env: Record<string, string | undefined>;
  /** Opens the sign-in link; absent where whoever runs the CLI does that. */
  openBrowser?: (url: string) => void;
  clock?: Clock;
}

/** A sign-in that ends without one. The text is what the person reads. */
class LoginFailed extends Error {}

/** Keeps what a flow got: before anybody is told that it worked. */
type Save = (credentials: DemoCredentials) => Promise<DemoCredentials>;
type LoginFlow = (service: URL, io: DemoCliIo, save: Save) => Promise<DemoCredentials>;

/** How long a browser may take before the CLI stops listening. */
const browserTimeoutMs = 600_000;

const usage = `Usage: demo <command>

  login            sign in through the browser
  login --device   sign in with a code on any device
  login --paste    sign in by pasting a code here
  status           say who is signed in, as JSON; exit code 1 when nobody is
  logout           sign out
`;

/**
 * The demo provider's CLI: it behaves as real ones do, against {@link DemoService}. Plain Node without Electron.
 * @param args the arguments after the program, such as `['login', '--device']`
 * @returns the exit code, once everything it printed was handed over: 0 done, 1 failed or signed out, 2 wrong usage
 */
export async function runDemoCli(args: readonly string[], io: DemoCliIo): Promise<number> {
  // A reader that went away is no reason to crash; it shows as output that nobody reads.
  io.stdout.on('error', () => {});
  io.stderr.on('error', () => {});
  const home = io.env.DEMO_HOME || join(io.env.HOME || io.env.USERPROFILE || homedir(), '.demo-provider');
  switch (args.join(' ')) {
    case 'login':
      return login(home, io, browserLogin);
    case 'login --device':
      return login(home, io, deviceLogin);
    case 'login --paste':
      return login(home, io, pasteLogin);
    case 'status':
      return status(home, io);
    case 'logout':
      return logout(home, io);
    default:
      await print(io.stderr, usage);
      return 2;
  }
}

async function login(home: string, io: DemoCliIo, flow: LoginFlow): Promise<number> {
  const save: Save = async (credentials) => {
    await writeCredentials(home, credentials);
    return credentials;
  };
  try {
    const credentials = await flow(serviceOrigin(io), io, save);
    await print(io.stdout, `Logged in as ${credentials.email}\n`);
    return 0;
  } catch (error) {
    const reason = error instanceof LoginFailed ? error.message : 'the login could not be saved.';
    await print(io.stderr, `Login failed: ${reason}\n`);
    return 1;
  }
}

async function status(home: string, io: DemoCliIo): Promise<number> {
  const credentials = await readCredentials(home);
  if (!credentials) {
    await print(io.stdout, '{"loggedIn":false}\n');
    return 1;
  }
  const { accessToken: _, ...known } = credentials;
  await print(io.stdout, `${JSON.stringify({ loggedIn: true, ...known }, null, 2)}\n`);
  return 0;
}

async function logout(home: string, io: DemoCliIo): Promise<number> {
  const credentials = await readCredentials(home);
  await removeCredentials(home);
  if (credentials) {
    // The service forgets its tokens with every start of the app, so not reaching it leaves nothing behind.
    await post(io, '/revoke', { token: credentials.accessToken }).catch(() => {});
  }
  await print(io.stdout, credentials ? 'Logged out.\n' : 'Nobody was logged in.\n');
  return 0;
}

const browserLogin: LoginFlow = async (service, io, save) => {
  const state = randomBytes(24).toString('base64url');
  const verifier = randomBytes(32).toString('base64url');
  const listener = await CallbackListener.open(state);
  try {
    const link = authorizeLink(service, listener.redirectUri, state, verifier);
    await print(
      io.stdout,
      `To sign in, open this link in your browser:\n\n  ${link}\n\nWaiting for the browser...\n`,
    );
    io.openBrowser?.(link);
    const callback = await withinTime(io, listener.callback);
    try {
      const credentials = await save(await redeem(io, callback.parameters, listener.redirectUri, verifier));
      await callback.respond({
        status: 200,
        title: 'Signed in',
        content: html`<p>You are signed in as <strong>${credentials.email}</strong>. You can close this tab and go back to the app.</p>`,
      });
      return credentials;
    } catch (error) {
      await showFailure(callback, error);
      throw error;
    }
  } finally {
    await listener.close();
  }
};

async function showFailure(callback: Callback, error: unknown): Promise<void> {
  const reason = error instanceof LoginFailed ? error.message : 'something went wrong.';
  await callback.respond({
    status: 400,
    title: 'Not signed in',
    content: html`<p>The sign-in failed: ${reason}</p><p>You can close this tab and go back to the app.</p>`,
  });
}

async function redeem(
  io: DemoCliIo,
  parameters: URLSearchParams,
  redirectUri: string,
  verifier: string,
): Promise<DemoCredentials> {
  const error = parameters.get('error');
  if (error === 'access_denied') throw new LoginFailed('access_denied: you denied the sign-in.');
  if (error !== null) throw new LoginFailed('the provider refused the request.');
  return exchange(io, parameters.get('code') ?? '', redirectUri, verifier);
}

const deviceLogin: LoginFlow = async (_service, io, save) => {
  const { status: started, body } = await post(io, '/device_authorization', {});
  const { device_code: deviceCode, user_code: userCode, verification_uri: verificationUri } = body;
  if (
    started !== 200 ||
    typeof deviceCode !== 'string' ||
    typeof userCode !== 'string' ||
    typeof verificationUri !== 'string'
  ) {
    throw new LoginFailed('the demo service gave no code.');
  }
  const minutes = deviceCodeLifetimeSeconds / 60;
  await print(
    io.stdout,
    `To sign in, open ${verificationUri}\nand enter the code: ${userCode}\n(expires in ${minutes} minutes)\n`,
  );
  let intervalMs = pollIntervalSeconds * 1000;
  for (;;) {
    await pause(io, intervalMs);
    const { status: polled, body: answer } = await post(io, '/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: deviceCode,
    });
    if (polled === 200) return save(toCredentials(answer));
    switch (answer.error) {
      case 'authorization_pending':
        break;
      case 'slow_down':
        intervalMs += 5000;
        break;
      case 'access_denied':
        throw new LoginFailed('access_denied: you denied the sign-in.');
      case 'expired_token':
        throw new LoginFailed('expired_token: the code expired.');
      default:
        throw new LoginFailed('the demo service refused the code.');
    }
  }
};

const pasteLogin: LoginFlow = async (service, io, save) => {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(24).toString('base64url');
  const link = authorizeLink(service, codePageRedirectUri, state, verifier);
  await print(io.stdout, `To sign in, open this link on any device:\n\n  ${link}\n\n`);
  io.openBrowser?.(link);
  return save(await exchange(io, await askForCode(io), codePageRedirectUri, verifier));
};

async function askForCode(io: DemoCliIo): Promise<string> {
  const prompt = () => print(io.stdout, 'Paste the code here > ');
  await prompt();
  const lines = createInterface({ input: io.stdin, terminal: false });
  try {
    for await (const line of lines) {
      const code = line.trim();
      if (new RegExp(`^${authorizationCodePattern}$`).test(code)) {
        await print(io.stdout, '\n');
        return code;
      }
      await print(
        io.stderr,
        'That is not a code: it begins with demo_ and has 32 more characters. Try again.\n',
      );
      await prompt();
    }
  } finally {
    lines.close();
  }
  throw new LoginFailed('the input ended before there was a code.');
}

function authorizeLink(service: URL, redirectUri: string, state: string, verifier: string): string {
  const link = new URL('/authorize', service);
  link.search = new URLSearchParams({
    response_type: 'code',
    client_id: demoClientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  return link.href;
}

async function exchange(
  io: DemoCliIo,
  code: string,
  redirectUri: string,
  verifier: string,
): Promise<DemoCredentials> {
  const { status: answered, body } = await post(io, '/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  if (answered === 200) return toCredentials(body);
  throw new LoginFailed('invalid_grant: the code is wrong, was used already, or has expired.');
}

function toCredentials(body: Record<string, unknown>): DemoCredentials {
  const field = (name: string): string => {
    const value = body[name];
    if (typeof value === 'string') return value;
    throw new LoginFailed('the demo service gave an answer that makes no sense.');
  };
  return {
    accessToken: field('access_token'),
    email: field('email'),
    accountId: field('sub'),
    organisationId: field('organisation_id'),
    organisation: field('organisation'),
    plan: field('plan'),
  };
}

async function post(io: DemoCliIo, path: string, fields: Record<string, string>) {
  const url = new URL(path, serviceOrigin(io));
  try {
    return await postForm(url, { client_id: demoClientId, ...fields });
  } catch {
    throw new LoginFailed('the demo service does not answer. Is the app running?');
  }
}

/** The service is never anywhere but on this machine, so a token goes nowhere else either. */
function serviceOrigin(io: DemoCliIo): URL {
  const given = io.env.DEMO_SERVICE ?? '';
  if (/^http:\/\/127\.0\.0\.1:\d{1,5}$/.test(given) && URL.canParse(given)) return new URL(given);
  throw new LoginFailed(
    'DEMO_SERVICE must be the origin of the demo service, such as http://127.0.0.1:1234.',
  );
}

function pause(io: DemoCliIo, ms: number): Promise<void> {
  return new Promise((resolve) => {
    (io.clock ?? systemClock).after(ms, resolve);
  });
}

async function withinTime<T>(io: DemoCliIo, awaited: Promise<T>): Promise<T> {
  let stop = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    stop = (io.clock ?? systemClock).after(browserTimeoutMs, () =>
      reject(new LoginFailed('nobody came back from the browser within ten minutes.')),
    );
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    stop();
  }
}

/** Resolves when the text was handed over: whoever ends the process next would lose it otherwise. */
function print(stream: Writable, text: string): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}
