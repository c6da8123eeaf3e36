import { describe, expect, it } from 'vitest';
import type { ActivityEntry, TrailCheck } from '../../src-preload/contract/activity.ts';
import {
  checkWords,
  detailName,
  entryTitle,
  isTrouble,
  problemWords,
  stateWords,
  waitsForKeys,
} from './activity-words.ts';

const entry = (kind: string, more: Partial<ActivityEntry> = {}): ActivityEntry => ({
  seq: 1,
  at: 0,
  kind,
  detail: [],
  signed: true,
  ...more,
});
const nameOf = (id: string) => ({ codex: 'Codex' })[id] ?? id;

describe('entries in words', () => {
  it.each([
    [entry('account.signed_in', { providerId: 'codex' }), 'Signed in to Codex'],
    [entry('account.signed_out', { providerId: 'gone' }), 'Signed out of gone'],
    [entry('launch.started', { detail: [{ name: 'program', value: 'zsh' }] }), 'Started zsh'],
    [entry('launch.started'), 'Started a program'],
    [
      entry('trail.vouched', {
        detail: [
          { name: 'from', value: '3' },
          { name: 'to', value: '3' },
        ],
      }),
      'Entry 3 signed afterwards',
    ],
    [entry('something.quite_new'), 'Something quite new'],
  ])('%j', (given, title) => {
    expect(entryTitle(given, nameOf)).toBe(title);
  });

  it('tells trouble from the rest', () => {
    expect(
      ['account.sign_in_failed', 'token.refused', 'trail.damaged'].map((kind) => isTrouble({ kind })),
    ).toEqual([true, true, true]);
    expect(isTrouble({ kind: 'account.signed_in' })).toBe(false);
  });

  it('names of details', () => {
    expect(detailName('afterMinutes')).toBe('After minutes');
    expect(detailName('sign_in-way')).toBe('Sign in way');
  });
});

const check = (more: Partial<TrailCheck>): TrailCheck => ({
  verdict: 'whole',
  entries: 1_234,
  files: 1,
  problems: [],
  problemCount: 0,
  vault: 'ok',
  ...more,
});

describe('R-10: the result of a check in words', () => {
  it('names the first bad entry and what is wrong with it', () => {
    const problems = [{ kind: 'edited' as const, seq: 17, file: 'audit-000001.jsonl', line: 17 }];
    expect(checkWords(check({ verdict: 'damaged', problems, problemCount: 1 }))).toEqual({
      tone: 'bad',
      title: 'The record was changed.',
      text: 'First bad entry: 17. Entry 17 was edited (audit-000001.jsonl, line 17).',
    });
  });

  it('says what holds, and what could not be said', () => {
    expect(checkWords(check({})).text).toContain('1,234 entries: none is missing');
    expect(checkWords(check({ verdict: 'not-compared', vault: 'locked' })).text).toContain('is unlocked');
    const problems = [{ kind: 'unsigned' as const, seq: 3, to: 4 }];
    expect(checkWords(check({ verdict: 'unsigned', problems })).text).toContain(
      'entries 3 to 4 are not signed: written while the keys were locked, or by somebody else.',
    );
    expect(checkWords(check({ entries: 0 })).title).toBe('There is nothing to check yet.');
  });

  it('every problem is a sentence with the entry in it', () => {
    for (const kind of [
      'not-an-entry',
      'edited',
      'replaced',
      'missing',
      'moved',
      'forged',
      'unsigned',
    ] as const) {
      expect(problemWords({ kind, seq: 7 })).toMatch(/[Ee]ntry 7.*\.$/);
    }
    expect(problemWords({ kind: 'missing', seq: 7, to: 9 })).toBe('Entries 7 to 9 are missing.');
  });
});

describe('how the record is written now', () => {
  const well = { signs: true, fault: null, unsigned: 0, waiting: 0, writeFault: null };
  it('says nothing while all is well, or nothing was written yet', () => {
    expect(stateWords(well)).toBeNull();
    expect(stateWords({ ...well, signs: false })).toBeNull();
  });
  it('says that entries are not signed and why', () => {
    expect(stateWords({ ...well, signs: false, fault: 'locked', unsigned: 2 })).toContain(
      'sealed file is locked',
    );
  });
  it('is put right in the settings where keys are what is missing, and only then', () => {
    expect(waitsForKeys({ ...well, signs: false, unsigned: 2 })).toBe(true);
    expect(waitsForKeys({ ...well, signs: false })).toBe(false);
    expect(waitsForKeys({ ...well, signs: false, unsigned: 2, writeFault: 'ENOSPC' })).toBe(false);
    expect(waitsForKeys(well)).toBe(false);
  });
  it('says that entries wait', () => {
    expect(stateWords({ ...well, waiting: 1, writeFault: 'ENOSPC' })).toContain(
      '1 entry could not be written yet (ENOSPC)',
    );
  });
});
