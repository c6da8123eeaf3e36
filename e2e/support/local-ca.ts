import { mkdir, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
// @peculiar/x509 needs this polyfill loaded before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const dayMs = 24 * 60 * 60 * 1000;

export interface ServerCredential {
  key: string;
  cert: string;
}

/** A certificate authority that lives as long as one test run; only child processes told about `caFile` trust it. */
export interface LocalCa {
  /** PEM file with the CA's certificate, and nothing else. */
  caFile: string;
  /** The same as text. */
  certificate: string;
  /** Certificate and key for a host name or IP address, made once per host. */
  leafFor(host: string): Promise<ServerCredential>;
  /** One whose time was over yesterday. */
  expiredLeafFor(host: string): Promise<ServerCredential>;
}

async function makeKeys() {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity() {
  const now = Date.now();
  return { notBefore: new Date(now - dayMs), notAfter: new Date(now + 2 * dayMs) };
}

async function privateKeyPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Makes a CA and writes its certificate to `<directory>/ca.pem`; the private keys never leave memory. */
export async function createLocalCa(directory: string): Promise<LocalCa> {
  const caKeys = await makeKeys();
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Lanyard throw-away test CA',
    ...validity(),
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  });

  async function makeLeaf(host: string, dates = validity()): Promise<ServerCredential> {
    const keys = await makeKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      subject: `CN=${host.slice(0, 60)}`,
      issuer: ca.subject,
      ...dates,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([{ type: isIP(host) ? 'ip' : 'dns', value: host }]),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
      ],
    });
    return { key: await privateKeyPem(keys.privateKey), cert: leaf.toString('pem') };
  }

  const certificate = ca.toString('pem');
  await mkdir(directory, { recursive: true });
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, `${certificate}\n`);

  const leaves = new Map<string, Promise<ServerCredential>>();
  return {
    caFile,
    certificate,
    expiredLeafFor: (host) => {
      const { notBefore } = validity();
      return makeLeaf(host, { notBefore: new Date(notBefore.getTime() - dayMs), notAfter: notBefore });
    },
    leafFor(host) {
      const known = leaves.get(host) ?? makeLeaf(host);
      leaves.set(host, known);
      return known;
    },
  };
}
