import { describe, expect, it } from 'vitest';
import { Redactor } from '../vault/redact.ts';
import { Secret } from '../vault/secret.ts';
import { type DiagnosticsFacts, diagnosticsReport } from './diagnostics.ts';

/** One of each kind that must not get into a report, as it may stand in a log line or an error. */
const canaries = {
  code: 'https://x.test/cb?code=canary-code-0123456789&state=canary-state-0123456789',
  verifier: 'code_verifier=canary-verifier-0123456789abcdef',
  access: '{"access_token":"canary-access-0123456789"}',
  refresh: 'refresh_token=canary-refresh-0123456789',
  idToken: 'eyJjYW5hcnkiOjF9.eyJjYW5hcnkiOjF9.canaryidtoken',
  password: 'password=canary-password-0123456789',
  apiKey: 'sk-canary-key-0123456789abcdef',
  registered: 'canary-registered-secret',
};

const facts: DiagnosticsFacts = {
  at: '2026-01-01T00:00:00.000Z',
  versions: { Lanyard: '0.1.0', System: 'linux 6.1' },
  keys: { backend: 'keychain', status: 'ready', sealedFile: 'absent', count: 2, autoLock: 'when away' },
  trail: { last: 12, signs: true, fault: null, unsigned: 0, waiting: 0, writeFault: null },
  checks: [
    {
      what: 'Keys are kept',
      at: '2026-01-01T00:00:00.000Z',
      result: 'failed',
      details: ['read-back: failed (probe_failed)'],
    },
  ],
  providers: [
    {
      id: 'codex',
      origin: 'built-in',
      program: 'found, 0.169.0',
      path: '/home/ada/.local/bin/codex',
      accounts: { valid: 2, 'needs-sign-in': 1 },
    },
    { id: 'acme', origin: 'user', program: 'missing', accounts: {} },
  ],
  problems: ['/home/ada/.config/lanyard/providers/acme.json: line 3: not JSON'],
  counts: { Identities: 3 },
  settings: { 'Locks by itself': 'when away' },
  log: [
    ...Object.values(canaries).map((text) => `{"level":"error","detail":"${text}"}`),
    '{"event":"x","who":"ada.lovelace+work@example.test","dir":"/home/ada/x"}',
    '``` ends nothing',
  ],
};

const redactor = new Redactor();
redactor.add(new Secret(canaries.registered));
const redaction = {
  redact: (text: string) => redactor.redact(text),
  homeDirectories: ['/home/ada'],
  withEmails: false,
};

describe('the diagnostics report', () => {
  it('R-10: says what a helper asks for first, in one text', () => {
    const text = diagnosticsReport(facts, redaction);
    for (const part of [
      '- Lanyard: 0.1.0',
      '- In use: keychain, ready',
      '- Keys are kept, 2026-01-01T00:00:00.000Z: failed',
      '  - read-back: failed (probe_failed)',
      '- codex: found, 0.169.0, ~/.local/bin/codex; accounts: 2 valid, 1 needs-sign-in',
      '- acme (own file): missing',
      '- ~/.config/lanyard/providers/acme.json: line 3: not JSON',
      '- Identities: 3',
    ]) {
      expect(text).toContain(part);
    }
  });

  it.each(Object.entries(canaries))('R-10: holds no secret: %s', (_kind, planted) => {
    const text = diagnosticsReport({ ...facts, problems: [planted], settings: { x: planted } }, redaction);
    expect(text).not.toMatch(/canary-\w|canaryidtoken/);
  });

  it('R-10: holds no email unless the person wants it in, and the home directory is ~', () => {
    const without = diagnosticsReport(facts, redaction);
    expect(without).not.toContain('@');
    expect(without).toContain('no email addresses');
    const withEmails = diagnosticsReport(facts, { ...redaction, withEmails: true });
    expect(withEmails).toContain('ada.lovelace+work@example.test');
    for (const text of [without, withEmails]) expect(text).not.toContain('/home/ada');
  });

  it('no line of the log ends the block that it stands in', () => {
    expect(diagnosticsReport(facts, redaction).match(/^```$/gm)).toHaveLength(2);
  });
});
