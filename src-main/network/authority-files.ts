import type { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { bundleOf, certificatesIn, readAuthorities } from './authorities.ts';
import type { AuthorityFiles } from './network-environment.ts';

/** Where systems keep their authorities as a file (Debian, Fedora, SUSE, Alpine, macOS); the first one that is there. */
const systemFiles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** What the person may have told programs already, one way or the other. */
const namedByVariables = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'AWS_CA_BUNDLE',
];

/** Certificate authorities that the person added, in a folder of ours: what was chosen, and the files that children read. */
export class AuthorityStore {
  readonly #directory: string;
  readonly #environment: NodeJS.ProcessEnv;

  /** @param directory absolute; made when it is needed. @param environment as Lanyard was started with */
  constructor(directory: string, environment: NodeJS.ProcessEnv) {
    this.#directory = directory;
    this.#environment = environment;
  }

  /** Those that were added. @throws LanyardError when the file is damaged, as `readAuthorities` */
  read(): X509Certificate[] {
    const content = readIfThere(this.#path('chosen.pem'));
    return content === null ? [] : readAuthorities(Buffer.from(content));
  }

  /** Replaces all of them. @throws the system's error */
  replace(certificates: readonly X509Certificate[]): void {
    this.#write('chosen.pem', bundleOf(certificates.map(String)));
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * Writes what children are told to read: the system's change with its updates, so this is done at every start.
   * @throws the system's error
   */
  filesFor(certificates: readonly X509Certificate[]): AuthorityFiles {
    const own = certificates.map(String);
    const extra = certificatesOf(this.#environment.NODE_EXTRA_CA_CERTS);
    return {
      added: this.#write('added.pem', bundleOf([...own, ...extra])),
      all: this.#write('all.pem', bundleOf([...own, ...this.#named(), ...ofSystem()])),
    };
  }

  #named(): string[] {
    return namedByVariables.flatMap((name) => certificatesOf(this.#environment[name]));
  }

  #write(name: string, text: string): string {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const path = this.#path(name);
    const next = `${path}.${process.pid}.tmp`;
    // For whoever runs programs as this person: public, but nobody else's to change.
    writeFileSync(next, text, { mode: 0o600, flush: true });
    renameSync(next, path);
    return path;
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

function certificatesOf(path: string | undefined): string[] {
  return path ? certificatesIn(readIfThere(path) ?? '') : [];
}

/** Node's own list where the system's cannot be had: without any, a program would trust nobody else. */
function ofSystem(): string[] {
  const inFile = systemFiles.map((path) => certificatesOf(path)).find((found) => found.length > 0) ?? [];
  const inStore = 'getCACertificates' in tls ? tls.getCACertificates('system') : [];
  const found = [...inFile, ...inStore];
  return found.length > 0 ? found : [...tls.rootCertificates];
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    // Not there, or not ours to read: programs would fare no better with it.
    return null;
  }
}
