import { request } from 'node:http';

export interface FormAnswer {
  status: number;
  /** The JSON object of the answer, empty when it had none. */
  body: Record<string, unknown>;
}

const timeoutMs = 10_000;
const maxAnswerBytes = 64 * 1024;

/**
 * Posts a form to the demo service. Not `fetch`: newer Node versions can be told by the environment to send that
 * through a proxy, and the service is on this machine. Rejects when nobody answers there within ten seconds.
 */
export function postForm(url: URL, fields: Record<string, string>): Promise<FormAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method: 'POST',
        // An agent of its own, which knows no proxy.
        agent: false,
        timeout: timeoutMs,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxAnswerBytes) sent.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        response.once('error', reject);
        response.once('end', () => {
          resolve({
            status: response.statusCode ?? 0,
            body: asObject(Buffer.concat(chunks).toString('utf8')),
          });
        });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', reject);
    sent.end(new URLSearchParams(fields).toString());
  });
}

function asObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
