import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import { awsRegion } from './aws-region.ts';

/** As the AWS CLI writes them to `.aws/sso/cache/<hash>.json` (2.x, with an sso-session). */
const CachedTokenSchema = v.looseObject({
  accessToken: v.string(),
  expiresAt: v.string(),
  region: v.pipe(v.string(), v.regex(awsRegion)),
  clientId: v.optional(v.string()),
  clientSecret: v.optional(v.string()),
  refreshToken: v.optional(v.string()),
});
type TokenContent = v.InferOutput<typeof CachedTokenSchema>;
export type CachedToken = TokenContent & { file: string };

/** The file of a session's token: the CLI names it by the session's name, and finds it nowhere else. */
export function tokenFile(home: string, sessionName: string): string {
  return join(cacheOf(home), `${createHash('sha1').update(sessionName).digest('hex')}.json`);
}

/** Every token that is kept under a home directory. Files of other forms are registrations of clients. */
export function cachedTokens(home: string): CachedToken[] {
  let names: string[];
  try {
    names = readdirSync(cacheOf(home)).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
  return names.flatMap((name) => {
    const file = join(cacheOf(home), name);
    const parsed = v.safeParse(CachedTokenSchema, readJson(file));
    if (!parsed.success || Number.isNaN(Date.parse(parsed.output.expiresAt))) return [];
    return [{ ...parsed.output, file }];
  });
}

/** The token that lasts longest; null when nobody is signed in. */
export function newestToken(home: string): CachedToken | null {
  const ends = ({ expiresAt }: CachedToken) => Date.parse(expiresAt);
  return cachedTokens(home).sort((a, b) => ends(b) - ends(a))[0] ?? null;
}

/** Replaces a token's file as a whole, readable for the person alone. */
export function writeToken(file: string, token: TokenContent): void {
  const next = `${file}.${process.pid}.tmp`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(next, JSON.stringify(token), { mode: 0o600, flush: true });
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
}

/** A time as the CLI writes it, without fractions of a second. @param at milliseconds since the Unix epoch, UTC */
export function cachedTime(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}

function cacheOf(home: string): string {
  return join(home, '.aws', 'sso', 'cache');
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}
