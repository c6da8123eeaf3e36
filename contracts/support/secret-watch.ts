import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Exchange, HostHandler } from '../../e2e/support/local-host.ts';

const namesOfSecrets = /token|key|secret/i;
/** Names such as `token_type` have values that are no secrets, and that stand everywhere. */
const notSecret = /token_type|tokenType|scope|registration/i;
const shortestSecret = 12;
/** Bytes. What is larger is a program: copilot unpacks itself into the person's cache. */
const largestSearched = 4_000_000;

/** What the servers of a test handed out, so that it can be looked for afterwards. */
export class SecretWatch {
  readonly #handedOut = new Set<string>();

  get handedOut(): readonly string[] {
    return [...this.#handedOut];
  }

  /** The same hosts, with every token and key in their answers noted. */
  over(hosts: Record<string, HostHandler>): Record<string, HostHandler> {
    return Object.fromEntries(Object.entries(hosts).map(([name, handler]) => [name, this.#noting(handler)]));
  }

  /**
   * Where these secrets stand below a directory, names of files included.
   * @returns paths relative to it, sorted
   */
  filesWith(directory: string): string[] {
    const needles = this.handedOut;
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => {
        if (needles.some((needle) => entry.name.includes(needle))) return true;
        if (!entry.isFile()) return false;
        const path = join(entry.parentPath, entry.name);
        if (statSync(path).size > largestSearched) return false;
        const content = readFileSync(path);
        return needles.some((needle) => content.includes(needle));
      })
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
      .sort();
  }

  #noting(handler: HostHandler): HostHandler {
    return (exchange: Exchange) =>
      handler({
        ...exchange,
        json: (status, body, headers) => {
          this.#note(body);
          exchange.json(status, body, headers);
        },
        formEncoded: (body) => {
          this.#note(body);
          exchange.formEncoded(body);
        },
      });
  }

  #note(body: unknown): void {
    if (typeof body !== 'object' || body === null) return;
    for (const [name, value] of Object.entries(body)) {
      if (typeof value === 'object') this.#note(value);
      else if (typeof value === 'string' && value.length >= shortestSecret) {
        if (namesOfSecrets.test(name) && !notSecret.test(name)) this.#handedOut.add(value);
      }
    }
  }
}
