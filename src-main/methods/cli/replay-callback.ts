import { request } from 'node:http';
import type { Delivery } from '../../broker/method.ts';
import type { Clock } from '../../clock.ts';

/** The CLI may exchange its code before it answers. */
const answerTimeoutMs = 60_000;

type Answer = { status: number; location: string | null } | { status: null; gone: boolean };

/** Addresses behind a loopback name. codex 0.169 listens on IPv4 alone, others on whatever `localhost` is to them. */
function addressesOf(url: URL): string[] {
  return url.hostname === 'localhost' ? ['127.0.0.1', '::1'] : [url.hostname.replace(/^\[|\]$/g, '')];
}

/** One GET to a loopback address. The query holds the code: neither URL nor answer is ever logged. */
function get(host: string, url: URL, clock: Clock, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve) => {
    const sent = request(
      {
        host,
        port: url.port || 80,
        path: `${url.pathname}${url.search}`,
        method: 'GET',
        headers: { host: url.host },
        signal,
        agent: false,
      },
      (response) => {
        response.resume();
        const location = response.headers.location ?? null;
        response.on('close', () => done({ status: response.statusCode ?? 0, location }));
      },
    );
    const stop = clock.after(answerTimeoutMs, () => sent.destroy());
    const done = (answer: Answer) => {
      stop();
      resolve(answer);
    };
    sent.on('error', (error: NodeJS.ErrnoException) =>
      done({ status: null, gone: error.code === 'ECONNREFUSED' }),
    );
    sent.end();
  });
}

/**
 * Plays a pasted callback to the CLI's own listener (V-1): a GET to the given loopback URL, then at most one redirect,
 * to the same origin only (codex 0.169 exits only after it).
 */
export async function replayCallback(url: URL, clock: Clock, signal: AbortSignal): Promise<Delivery> {
  let answer: Answer = { status: null, gone: true };
  let answered = '';
  for (const address of addressesOf(url)) {
    answered = address;
    answer = await get(address, url, clock, signal);
    if (answer.status !== null || !answer.gone) break;
  }
  if (answer.status === null) {
    return {
      delivered: false,
      failure: answer.gone
        ? {
            code: 'callback_listener_gone',
            title: 'The CLI no longer waits for this address: it has exited or moved on',
            hint: 'Try again to start a new sign-in.',
          }
        : {
            code: 'callback_not_answered',
            title: 'The CLI did not answer',
            hint: 'Paste the address again, or cancel and start a new sign-in.',
          },
    };
  }
  if (answer.status >= 400) {
    return {
      delivered: false,
      failure: {
        code: 'callback_refused',
        title: `The CLI refused this address (HTTP ${answer.status})`,
        hint: 'Open the link shown here and paste where that one ends.',
      },
    };
  }
  if (answer.status >= 300 && answer.location !== null && URL.canParse(answer.location, url)) {
    const next = new URL(answer.location, url);
    const sameListener =
      next.protocol === 'http:' && next.port === url.port && addressesOf(next).includes(answered);
    if (sameListener) await get(answered, next, clock, signal);
  }
  return { delivered: true };
}
