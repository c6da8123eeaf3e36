import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Longest way from a server's certificate to an authority. */
const longest = 8;
const serverAuth = '1.3.6.1.5.5.7.3.1';
const anyUsage = '2.5.29.37.0';

/** Object identifiers as they stand in a certificate (DER). */
const oid = {
  basicConstraints: Buffer.from('0603551d13', 'hex'),
  nameConstraints: Buffer.from('0603551d1e', 'hex'),
  weakSignatures: ['06092a864886f70d010104', '06092a864886f70d010105', '06072a8648ce3d0401'].map((hex) =>
    Buffer.from(hex, 'hex'),
  ),
};

/**
 * Whether authorities that the person added vouch for a server that the system's do not: a second look at what Chromium
 * refused for an unknown authority alone, and no less strict (RFC 5280 section 6.1). What this cannot judge, which is
 * name constraints, it refuses.
 *
 * @param chain what the server sent, its own certificate first
 * @param now ms since the Unix epoch, UTC
 */
export function isVouchedFor(
  chain: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
  host: string,
  now: number,
): boolean {
  const [leaf, ...sent] = chain;
  if (!leaf || !isSound(leaf, now) || isWeaklySigned(leaf) || !isForServer(leaf) || !isNamed(leaf, host))
    return false;
  const issuers = sent.filter((each) => mayIssue(each, now) && !isWeaklySigned(each));
  // How they are signed themselves does not matter: they are trusted as they are.
  const anchors = authorities.filter((each) => mayIssue(each, now));

  /** @param below how many authorities stand between this one and the server */
  const leadsUp = (certificate: X509Certificate, below: number): boolean => {
    if (below > longest) return false;
    if (anchors.some((anchor) => isIssuedBy(certificate, anchor) && allowsBelow(anchor, below))) return true;
    return issuers.some(
      (issuer) =>
        issuer.fingerprint256 !== certificate.fingerprint256 &&
        isIssuedBy(certificate, issuer) &&
        allowsBelow(issuer, below) &&
        leadsUp(issuer, below + 1),
    );
  };
  return leadsUp(leaf, 0);
}

/** Certificates in PEM; those that cannot be read are left out. */
export function parseAll(pems: readonly string[]): X509Certificate[] {
  return pems.flatMap((pem) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      return [];
    }
  });
}

function isSound(certificate: X509Certificate, now: number): boolean {
  const { validFrom, validTo, publicKey } = certificate;
  if (!(Date.parse(validFrom) <= now && now <= Date.parse(validTo))) return false;
  const bits = publicKey.asymmetricKeyDetails?.modulusLength;
  return bits === undefined || bits >= 2048;
}

function isWeaklySigned({ raw }: X509Certificate): boolean {
  return oid.weakSignatures.some((weak) => raw.includes(weak));
}

function mayIssue(certificate: X509Certificate, now: number): boolean {
  return certificate.ca && isSound(certificate, now) && !certificate.raw.includes(oid.nameConstraints);
}

/** `checkIssued` looks at names, key identifiers and key usage; the signature is a question of its own. */
function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isForServer({ keyUsage }: X509Certificate): boolean {
  // Node calls the extended key usage so; nothing there means anything.
  return !keyUsage || keyUsage.includes(serverAuth) || keyUsage.includes(anyUsage);
}

function isNamed(leaf: X509Certificate, host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  // A name in the subject alone has not counted for years (RFC 9525 section 6.3).
  return isIP(bare) === 0
    ? leaf.checkHost(bare, { subject: 'never' }) !== undefined
    : leaf.checkIP(bare) !== undefined;
}

/** `pathLenConstraint` (RFC 5280 section 4.2.1.9): how many authorities may stand below this one. */
function allowsBelow({ raw }: X509Certificate, below: number): boolean {
  const at = raw.indexOf(oid.basicConstraints);
  if (at === -1) return false;
  let next = at + oid.basicConstraints.length;
  // critical
  if (raw[next] === 0x01) next += 3;
  // OCTET STRING around SEQUENCE around BOOLEAN
  if (raw[next] !== 0x04 || raw[next + 2] !== 0x30) return false;
  const end = next + 4 + (raw[next + 3] ?? 0);
  next += 4;
  if (raw[next] === 0x01) next += 3;
  if (next >= end) return true;
  return raw[next] === 0x02 && raw[next + 1] === 1 && below <= (raw[next + 2] ?? 0);
}
