import { X509Certificate } from 'node:crypto';
import { LanyardError } from '../failures.ts';

/** A certificate that was added, as a person reads it. Times are ms since the Unix epoch, UTC. */
export interface AuthorityFacts {
  name: string;
  expiresAt: number;
  /** SHA-256, as other programs show it: `AB:CD:…`. */
  fingerprint: string;
}

/** More than a company has; a whole system's store is about 150. */
const mostCertificates = 300;
const pemBlock =
  /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g;

/**
 * Reads a file of certificate authorities: PEM with any number of them, or one in DER.
 * @returns each once, in the order of the file
 * @throws LanyardError `not_certificates`, `has_private_key`, `not_an_authority`
 */
export function readAuthorities(content: Uint8Array): X509Certificate[] {
  const text = Buffer.from(content).toString('latin1');
  // A key does not belong into a file that every program is told to read.
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw hasPrivateKey();
  const blocks = text.match(pemBlock) ?? [content];
  if (blocks.length > mostCertificates) throw notCertificates(`more than ${mostCertificates} certificates`);
  const found = new Map<string, X509Certificate>();
  for (const [index, block] of blocks.entries()) {
    const certificate = parse(block);
    if (!certificate) {
      throw notCertificates(
        typeof block === 'string'
          ? `certificate ${index + 1} cannot be read`
          : 'there is no certificate in it',
      );
    }
    if (!certificate.ca) throw notAnAuthority(nameOf(certificate));
    found.set(certificate.fingerprint256, certificate);
  }
  return [...found.values()];
}

/** All certificates in a text, whatever they are for; what cannot be read is left out. */
export function certificatesIn(text: string): string[] {
  return (text.match(pemBlock) ?? []).filter((block) => parse(block) !== null);
}

/** Certificates as one PEM text, each once. */
export function bundleOf(certificates: readonly string[]): string {
  const known = new Set<string>();
  const kept = certificates.filter((pem) => {
    const body = pem.replace(/\s+/g, '');
    if (known.has(body)) return false;
    known.add(body);
    return true;
  });
  return kept.map((pem) => `${pem.trim()}\n`).join('');
}

export function factsOf(certificate: X509Certificate): AuthorityFacts {
  return {
    name: nameOf(certificate),
    expiresAt: Date.parse(certificate.validTo),
    fingerprint: certificate.fingerprint256,
  };
}

/** The common name, else the unit or organisation. Control and direction marks could pass for something else. */
function nameOf({ subject }: X509Certificate): string {
  const parts = new Map(
    (subject ?? '').split('\n').map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
  const name = parts.get('CN') ?? parts.get('OU') ?? parts.get('O') ?? '';
  return (
    name
      .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
      .trim()
      .slice(0, 120) || 'Without a name'
  );
}

function parse(block: string | Uint8Array): X509Certificate | null {
  try {
    return new X509Certificate(block);
  } catch {
    return null;
  }
}

function notCertificates(detail: string): LanyardError {
  return new LanyardError({
    code: 'not_certificates',
    title: 'This file does not hold certificates that can be used',
    hint: 'Choose the PEM file (.pem, .crt, .cer) that your company gives out. Nothing was changed.',
    detail,
  });
}

function hasPrivateKey(): LanyardError {
  return new LanyardError({
    code: 'has_private_key',
    title: 'There is a private key in this file',
    hint: 'Choose a file with the certificate alone. Nothing was changed.',
  });
}

function notAnAuthority(name: string): LanyardError {
  return new LanyardError({
    code: 'not_an_authority',
    title: `"${name}" is the certificate of a server, not of an authority`,
    hint: 'Choose the certificate of the authority that signed it, often called root. Nothing was changed.',
  });
}
