import { createHash, randomBytes } from 'node:crypto';
import { keychainService } from '../vault/keychain.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault, VaultEntry, VaultFault } from '../vault/vault.ts';
import type { TrailKey, TrailPlace } from './trail-line.ts';

/** Where the vault keeps what the trail is checked against. */
export const trailVaultEntry: VaultEntry = { service: keychainService, account: 'audit-trail' };

/** What the vault keeps: the key that signs, and how far the trail was when it was last told. */
export interface TrailHead {
  key: TrailKey;
  place: TrailPlace;
}

export type HeadRead = { status: 'ok'; head: TrailHead } | { status: 'not-found' } | VaultFault;

/** An entry that is there and is no head counts as none: what was signed before then shows as such. */
export async function readHead(vault: Pick<Vault, 'get'>): Promise<HeadRead> {
  const read = await vault.get(trailVaultEntry);
  if (read.status !== 'ok') return read;
  const head = headIn(read.secret);
  return head ? { status: 'ok', head } : { status: 'not-found' };
}

/** Puts a head into the vault. */
export async function writeHead(
  vault: Pick<Vault, 'set'>,
  { key, place }: TrailHead,
): Promise<{ status: 'ok' } | VaultFault> {
  const value = { version: 1, key: key.secret.toString('base64url'), seq: place.seq, hash: place.hash };
  return vault.set(trailVaultEntry, new Secret(JSON.stringify(value)));
}

/** A new random key. */
export function newTrailKey(): TrailKey {
  return trailKey(randomBytes(32));
}

function trailKey(secret: Buffer): TrailKey {
  return {
    secret,
    id: createHash('sha256').update('audit-trail ').update(secret).digest('hex').slice(0, 12),
  };
}

function headIn(secret: Secret): TrailHead | null {
  try {
    const value: unknown = JSON.parse(secret.reveal());
    if (typeof value !== 'object' || value === null) return null;
    const { key, seq, hash } = value as Record<string, unknown>;
    if (typeof key !== 'string' || typeof hash !== 'string' || typeof seq !== 'number') return null;
    const bytes = Buffer.from(key, 'base64url');
    const isHead = bytes.length === 32 && Number.isSafeInteger(seq) && /^[0-9a-f]{64}$/.test(hash);
    return isHead ? { key: trailKey(bytes), place: { seq, hash } } : null;
  } catch {
    return null;
  }
}
