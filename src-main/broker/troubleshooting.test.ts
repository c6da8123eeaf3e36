import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { piecesOf, readSections } from '../../src-renderer/help/sections.ts';
import { OAuthError } from '../oauth/oauth-error.ts';
import { oauthFailure } from '../oauth/oauth-failures.ts';
import { oauthCategories } from '../oauth/progress.ts';
import type { VaultFault } from '../vault/vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { signInFailures } from './sign-in-failures.ts';

const sections = readSections(
  readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'troubleshooting.md'), 'utf8'),
);
const helpFor = (code: string) => sections.find(({ codes }) => codes.includes(code));
const faults: VaultFault['status'][] = [
  'locked',
  'denied',
  'unavailable',
  'corrupt',
  'unwritable',
  'timed-out',
];

it('O-5: every failure of a sign-in has one section of help, under an anchor that stays', () => {
  const codes = [
    ...oauthCategories.map(
      (category) => oauthFailure(new OAuthError('open-browser', category, ''), 'X').code,
    ),
    // Called with anything: only the codes are looked at.
    ...Object.values(signInFailures).map(
      (make) => (make as (...given: unknown[]) => { code: string })('x', {}, [], '').code,
    ),
    ...(['keychain', 'sealed-file'] as const).flatMap((backend) =>
      faults.map((status) => vaultError({ status, backend, detail: '' }).failure.code),
    ),
  ];
  expect(codes.length).toBeGreaterThan(45);
  expect([...new Set(codes)].filter((code) => !helpFor(code))).toEqual([]);
  const named = sections.flatMap((section) => section.codes);
  expect(named.filter((code, index) => named.indexOf(code) !== index)).toEqual([]);
  expect(helpFor('token_exchange_connect')?.anchor).toBe('the-provider-cannot-be-reached');
  expect(helpFor('local_server_unavailable')?.anchor).toBe('a-port-is-taken');
});

it('every section says what to do', () => {
  for (const { title, codes, points } of sections) {
    expect(codes.length, title).toBeGreaterThan(0);
    expect(points.length, title).toBeGreaterThan(0);
  }
});

it('a point is taken apart into words, code and emphasis', () => {
  expect(piecesOf('Use `a b` in **Settings**.')).toEqual([
    { text: 'Use ', kind: 'plain' },
    { text: 'a b', kind: 'code' },
    { text: ' in ', kind: 'plain' },
    { text: 'Settings', kind: 'strong' },
    { text: '.', kind: 'plain' },
  ]);
});
