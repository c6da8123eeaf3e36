import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditEvent } from './audit.ts';

/** One entry of the audit trail, as its line has it. */
export interface TrailEntry extends AuditEvent {
  /** From 1, without gaps. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  /** Names as they were then: what ids stand for may be gone later. */
  bundleName?: string;
  accountName?: string;
  /** Hash of the entry before; 64 zeros for the first. */
  prev: string;
  /** Which key signs it; absent where none was to be had. */
  key?: string;
}

export interface TrailLine {
  entry: TrailEntry;
  /** As the line states it, hex. */
  hash: string;
  /** As the line states it, hex; `null` for an unsigned line. */
  mac: string | null;
  /** Whether the hash is that of the line's content. */
  isIntact: boolean;
}

/** What signs entries: a random key that is kept in the vault. */
export interface TrailKey {
  /** Tells keys apart and says nothing about them. */
  id: string;
  secret: Buffer;
}

/** A place in the chain. */
export interface TrailPlace {
  seq: number;
  hash: string;
}

/** Before the first entry. */
export const chainStart: TrailPlace = { seq: 0, hash: '0'.repeat(64) };

/** Bytes. No line of ours is longer: every field is cut before. */
export const longestLine = 16_384;

const ending = /,"hash":"([0-9a-f]{64})"(?:,"mac":"([0-9a-f]{64})")?\}$/;

/**
 * The line of an entry, without its line break. Its hash (SHA-256) is over everything before the field `hash`, so over
 * the hash of the entry before as well; its signature (HMAC-SHA-256) is over the hash.
 * @param key `null` leaves the line unsigned
 */
export function writeLine(
  entry: Omit<TrailEntry, 'key'>,
  key: TrailKey | null,
): { text: string; hash: string } {
  const { seq, at, kind, bundleId, bundleName, providerId, accountId, accountName, sessionId, detail, prev } =
    entry;
  const signer = key ? { key: key.id } : {};
  // The order is fixed so that lines read alike; the hash is over the bytes, whatever their order.
  const fields = {
    ...{ seq, at, kind, bundleId, bundleName, providerId, accountId, accountName, sessionId, detail },
    ...signer,
    prev,
  };
  const body = JSON.stringify(fields).slice(0, -1);
  const hash = sha256(body);
  const mac = key ? `,"mac":"${sign(hash, key)}"` : '';
  return { text: `${body},"hash":"${hash}"${mac}}`, hash };
}

/** @returns `null` for what is not an entry's line */
export function readLine(text: string): TrailLine | null {
  const end = ending.exec(text);
  if (!end?.[1]) return null;
  const entry = entryIn(text);
  if (!entry) return null;
  return { entry, hash: end[1], mac: end[2] ?? null, isIntact: sha256(text.slice(0, end.index)) === end[1] };
}

/** Whether a line carries the signature of this key. */
export function isSignedBy(line: TrailLine, key: TrailKey): boolean {
  if (line.mac === null || line.entry.key !== key.id) return false;
  return timingSafeEqual(Buffer.from(line.mac, 'hex'), Buffer.from(sign(line.hash, key), 'hex'));
}

function sign(hash: string, key: TrailKey): string {
  return createHmac('sha256', key.secret).update(hash).digest('hex');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

const optionalTexts = [
  'bundleId',
  'bundleName',
  'providerId',
  'accountId',
  'accountName',
  'sessionId',
  'key',
];

function entryIn(text: string): TrailEntry | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Record<string, unknown>;
  const { seq, at, kind, prev, detail } = fields;
  const isEntry =
    isSeq(seq) &&
    typeof at === 'string' &&
    typeof kind === 'string' &&
    typeof prev === 'string' &&
    optionalTexts.every((name) => fields[name] === undefined || typeof fields[name] === 'string') &&
    (detail === undefined || isDetail(detail));
  if (!isEntry) return null;
  const { hash: _hash, mac: _mac, ...entry } = fields;
  return entry as unknown as TrailEntry;
}

/** Bounded, so that counting on from a made-up one stays exact. */
function isSeq(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0 && Number(value) < 1e12;
}

function isDetail(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((each) => ['string', 'number', 'boolean'].includes(typeof each));
}
