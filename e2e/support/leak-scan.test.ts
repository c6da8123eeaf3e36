import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Canaries, type CanaryKind } from './canaries.ts';
import { describeLeaks, leaksIn, leaksInFiles } from './leak-scan.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lanyard-leaks-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const secrets: [CanaryKind, string][] = [
  ['authorization code', 'ac_1f9d0e7b6c5a4321'],
  ['state', 'st4te-0123456789-abc'],
  ['code verifier', 'v3rifier_0123456789abcdefghijk'],
  ['access token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.x'],
  ['refresh token', 'rt_local_0123456789'],
  ['id token', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIyIn0.y'],
  ['password', 'correct horse battery'],
  ['API key', 'sk-0123456789abcdefgh'],
];

describe('a planted leak is found, and named by file and kind', () => {
  it.each(secrets)('%s', (kind, text) => {
    const canaries = new Canaries();
    canaries.plant(kind, text);
    mkdirSync(join(root, 'logs'));
    writeFileSync(join(root, 'logs', 'lanyard.log'), `{"event":"x","url":"http://a/?x=${text}&y"}\n`);
    writeFileSync(join(root, 'clean'), 'nothing');
    const leaks = leaksInFiles(root, canaries.since(0));
    expect(describeLeaks(leaks)).toBe(`${kind} in logs/lanyard.log`);
    expect(JSON.stringify(leaks)).not.toContain(text);
  });

  it.each([
    ['percent-encoded', (text: string) => encodeURIComponent(text)],
    ['base64', (text: string) => Buffer.from(text).toString('base64')],
    ['UTF-16', (text: string) => Buffer.from(text, 'utf16le')],
  ])('%s', (_name, write) => {
    const canaries = new Canaries();
    canaries.plant('access token', 'tok/en+0123 456789');
    expect(leaksIn(write('tok/en+0123 456789'), 'here', canaries.since(0))).toHaveLength(1);
  });

  it('in the name of a file', () => {
    const canaries = new Canaries();
    canaries.plant('access token', 'token-0123456789');
    writeFileSync(join(root, 'cache-token-0123456789'), '');
    expect(describeLeaks(leaksInFiles(root, canaries.since(0)))).toBe(
      'access token in the name of cache-token-0123456789',
    );
  });

  it('of the family, though nobody registered it', () => {
    expect(leaksIn('key: sk-canary-0123456789abcdef', 'here', [])).toEqual([
      { kind: 'canary', where: 'here' },
    ]);
    expect(leaksIn('a canary-bird', 'here', [])).toEqual([]);
  });

  it('not where it belongs', () => {
    const canaries = new Canaries();
    canaries.plant('state', 'st4te-0123456789-abc');
    mkdirSync(join(root, 'accounts'));
    writeFileSync(join(root, 'accounts', 'auth.json'), 'st4te-0123456789-abc');
    expect(leaksInFiles(root, canaries.since(0), ['accounts'])).toEqual([]);
    expect(leaksIn('st4te-0123456789-abc', 'a link', canaries.since(0), ['state'])).toEqual([]);
  });
});

describe('secrets that went over the wire', () => {
  it('are noted by the names of their fields', () => {
    const canaries = new Canaries();
    canaries.note(
      { code: 'abc123abc123abc1', state: 'xyz123xyz123xyz1', grant_type: 'x123456789012345' },
      'request',
    );
    canaries.note(
      { nested: { accessToken: 'tok123tok123tok1' }, code: 'error123456789012', expires_in: 3 },
      'answer',
    );
    expect(canaries.since(0).map(({ kind }) => kind)).toEqual([
      'authorization code',
      'state',
      'access token',
    ]);
  });

  it('are added to the register, for the scan after the suite', () => {
    const register = join(root, 'register.jsonl');
    const canaries = new Canaries(register);
    canaries.plant('API key', 'sk-0123456789abcdefgh');
    expect(leaksInFiles(root, canaries.since(0), ['register.jsonl'])).toEqual([]);
    expect(leaksInFiles(root, canaries.since(0))).toHaveLength(1);
  });
});
