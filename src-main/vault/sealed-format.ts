import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { Secret } from './secret.ts';
import type { VaultEntry } from './vault.ts';

/** The two age files, armored, that a sealed file consists of. */
export interface SealedParts {
  /** The vault's own key, sealed with the passphrase. */
  key: string;
  /** The entries, sealed with the vault's key. */
  entries: string;
}

const title = 'Lanyard sealed file, version ';
const version = 1;
const begin = '-----BEGIN AGE ENCRYPTED FILE-----\n';
const end = '-----END AGE ENCRYPTED FILE-----\n';

/**
 * The file's text: a title, a checksum, and the two parts. Each part is an ordinary armored age file, so that any age
 * tool opens what Lanyard sealed. The checksum is what tells a damaged file from a wrong passphrase, which age by
 * itself cannot.
 */
export function writeSealedText({ key, entries }: SealedParts): string {
  const body = key + entries;
  return `${title}${version}\nsha256 ${checksum(body)}\n${body}`;
}

/** The parts, or what is wrong with the text in words that quote nothing of it. */
export function readSealedText(text: string): SealedParts | { fault: string } {
  const found = /^Lanyard sealed file, version (\d{1,9})\nsha256 ([0-9a-f]{64})\n/.exec(text);
  if (!found) return { fault: 'It is not a sealed file of Lanyard.' };
  if (Number(found[1]) !== version)
    return { fault: `It has version ${found[1]}, which this Lanyard cannot read.` };
  const body = text.slice(found[0].length);
  if (checksum(body) !== found[2]) return { fault: 'Its checksum is wrong: it was cut or changed.' };
  const second = body.indexOf(begin, begin.length);
  if (!body.startsWith(begin) || !body.endsWith(end) || second < 0)
    return { fault: 'A part of it is missing.' };
  return { key: body.slice(0, second), entries: body.slice(second) };
}

function checksum(body: string): string {
  return createHash('sha256').update(body).digest('hex');
}

export interface SealedEntry extends VaultEntry {
  secret: Secret;
}

const EntriesSchema = v.object({
  entries: v.array(v.object({ service: v.string(), account: v.string(), secret: v.string() })),
});

/** Entries as the text that is sealed. */
export function writeEntries(entries: Iterable<SealedEntry>): Secret {
  const rows = [...entries].map(({ service, account, secret }) => ({
    service,
    account,
    secret: secret.reveal(),
  }));
  return new Secret(JSON.stringify({ entries: rows }));
}

/** The entries of a sealed text; `null` when it is something else. */
export function readEntries(text: Secret): SealedEntry[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text.reveal());
  } catch {
    // Its message would quote the text.
    return null;
  }
  const parsed = v.safeParse(EntriesSchema, value);
  if (!parsed.success) return null;
  return parsed.output.entries.map(({ secret, ...entry }) => ({ ...entry, secret: new Secret(secret) }));
}
