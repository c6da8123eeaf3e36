import { X509Certificate } from 'node:crypto';
// @peculiar/x509 needs this polyfill loaded before it.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { beforeAll, expect, it } from 'vitest';
import { isVouchedFor } from './added-authorities.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const now = Date.UTC(2026, 5, 1);
const day = 24 * 60 * 60_000;
const usual = { notBefore: new Date(now - 30 * day), notAfter: new Date(now + 30 * day) };
const over = { notBefore: new Date(now - 30 * day), notAfter: new Date(now - day) };

interface Made {
  certificate: x509.X509Certificate;
  keys: { publicKey: CryptoKey; privateKey: CryptoKey };
}

interface Kind {
  name: string;
  by?: Made;
  validity?: typeof usual;
  ca?: boolean;
  pathLength?: number;
  hosts?: string[];
  address?: string;
  usage?: x509.ExtendedKeyUsage;
  /** Of the issuer's, where it is not. */
  signedWith?: Made;
  constrained?: boolean;
  weak?: boolean;
}

async function make(kind: Kind): Promise<Made> {
  const rsa = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-1',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  };
  const keys = await crypto.subtle.generateKey(kind.weak ? rsa : algorithm, true, ['sign', 'verify']);
  const names: x509.JsonGeneralNames = [
    ...(kind.hosts ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(kind.address ? [{ type: 'ip' as const, value: kind.address }] : []),
  ];
  const signer = kind.signedWith ?? kind.by;
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${kind.name}`,
    issuer: kind.by?.certificate.subject ?? `CN=${kind.name}`,
    ...(kind.validity ?? usual),
    publicKey: keys.publicKey,
    signingKey: (signer?.keys ?? keys).privateKey,
    // An RSA key is made for one hash, and signs with that.
    signingAlgorithm: (signer?.keys ?? keys).privateKey.algorithm.name === rsa.name ? rsa : algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(kind.ca ?? false, kind.pathLength, true),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ...(kind.usage ? [new x509.ExtendedKeyUsageExtension([kind.usage])] : []),
      // permittedSubtrees: dNSName "corp.test"
      ...(kind.constrained
        ? [new x509.Extension('2.5.29.30', true, hex('300fa00d300b8209636f72702e74657374'))]
        : []),
    ],
  });
  return { certificate, keys };
}

const hex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex')).buffer;
const plain = ({ certificate }: Made) => new X509Certificate(certificate.toString('pem'));
const vouched = (chain: Made[], authorities: Made[], host = 'idp.corp.test') =>
  isVouchedFor(chain.map(plain), authorities.map(plain), host, now);

let root: Made;
let middle: Made;
const hosts = ['idp.corp.test'];
beforeAll(async () => {
  root = await make({ name: 'Root', ca: true });
  middle = await make({ name: 'Middle', by: root, ca: true, pathLength: 0 });
});

it('T-6: an added authority vouches for what it signed, also with one in between', async () => {
  const direct = await make({ name: 'leaf', by: root, hosts });
  const below = await make({ name: 'leaf', by: middle, hosts, usage: x509.ExtendedKeyUsage.serverAuth });
  expect(vouched([direct], [root])).toBe(true);
  expect(vouched([below, middle], [root])).toBe(true);
  expect(vouched([below], [middle])).toBe(true);
  expect(vouched([await make({ name: 'leaf', by: root, address: '10.0.0.1' })], [root], '10.0.0.1')).toBe(
    true,
  );
});

it('T-6: nobody else does', async () => {
  const stranger = await make({ name: 'Root', ca: true });
  const leaf = await make({ name: 'leaf', by: root, hosts });
  expect(vouched([leaf], [])).toBe(false);
  expect(vouched([leaf], [stranger])).toBe(false);
  expect(vouched([], [root])).toBe(false);
  // What the server sends along makes nothing trusted.
  expect(vouched([leaf, root], [stranger])).toBe(false);
  expect(vouched([await make({ name: 'leaf', by: middle, hosts })], [root])).toBe(false);
});

it.each<[string, Partial<Kind>]>([
  ['another name', { hosts: ['other.corp.test'] }],
  ['no name but in the subject', { name: 'idp.corp.test', hosts: [] }],
  ['an end in the past', { hosts, validity: over }],
  ['another purpose', { hosts, usage: x509.ExtendedKeyUsage.clientAuth }],
])('T-6: a certificate with %s stays refused', async (_name, kind) => {
  expect(vouched([await make({ name: 'leaf', by: root, ...kind })], [root])).toBe(false);
});

it('T-6: a signature of somebody else under the right name stays refused', async () => {
  const stranger = await make({ name: 'Root', ca: true });
  expect(vouched([await make({ name: 'leaf', by: root, signedWith: stranger, hosts })], [root])).toBe(false);
});

it.each<[string, Partial<Kind>]>([
  ['is none', { ca: false }],
  ['has expired', { validity: over }],
  ['is bound to some names, which is not checked here', { constrained: true }],
])('T-6: an authority in between that %s breaks the chain', async (_name, kind) => {
  const between = await make({ name: 'Between', by: root, ca: true, ...kind });
  const leaf = await make({ name: 'leaf', by: between, hosts });
  expect(vouched([leaf, between], [root])).toBe(false);
});

it('T-6: an authority that may have none below it has none', async () => {
  const lower = await make({ name: 'Lower', by: middle, ca: true });
  const leaf = await make({ name: 'leaf', by: lower, hosts });
  expect(vouched([leaf, lower, middle], [root])).toBe(false);
  // Trusted itself, it needs nobody above.
  expect(vouched([leaf, lower, middle], [lower])).toBe(true);
});

it('T-6: an added authority that has expired vouches for nobody, nor does anybody with SHA-1', async () => {
  const expired = await make({ name: 'Expired', ca: true, validity: over });
  expect(vouched([await make({ name: 'leaf', by: expired, hosts })], [expired])).toBe(false);
  const weak = await make({ name: 'Weak', ca: true, weak: true });
  expect(vouched([await make({ name: 'leaf', by: weak, hosts })], [weak])).toBe(false);
});
