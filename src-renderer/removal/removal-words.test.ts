import { describe, expect, it } from 'vitest';
import { accountName, allWentWell, listed, plannedText, stepText } from './removal-words.ts';

const failure = { code: 'logout_failed', title: 'Codex did not sign out', hint: 'End it on the website.' };

describe('words of taking an account away', () => {
  it.each([
    [['logout', 'directory'], 'is signed out at Codex and its files are removed from this computer'],
    [['directory'], 'its files are removed from this computer'],
    [['pointer'], 'is taken off the list, and the login on this machine stays as it is'],
  ] as const)('I-11: %j would mean that it %s', (steps, text) => {
    expect(plannedText('Codex', { steps: [...steps] })).toBe(text);
  });

  it.each([
    [{ what: 'logout', outcome: 'done' }, 'Signed out at Codex.'],
    [{ what: 'logout', outcome: 'not-there' }, 'Codex has no sign-out of its own.'],
    [{ what: 'logout', outcome: 'failed', failure }, 'Codex did not sign out. End it on the website.'],
    [{ what: 'directory', outcome: 'done' }, 'Files removed from this computer.'],
    [{ what: 'keychain', outcome: 'not-there' }, 'The key was gone already.'],
    [
      { what: 'keychain', outcome: 'later', failure: { ...failure, title: 'The keychain is locked.' } },
      'The keychain is locked. Lanyard deletes the key as soon as it can.',
    ],
    [
      { what: 'pointer', outcome: 'done' },
      'Taken off the list. The login on this machine was left as it is.',
    ],
  ] as const)('I-11: %j reads %j', (step, text) => expect(stepText('Codex', step)).toBe(text));

  it('I-11: one step that did not work is not all well', () => {
    const account = { accountId: 'a', providerId: 'codex', label: 'ada' };
    const report = (outcome: 'done' | 'not-there' | 'failed' | 'later') => ({
      removed: [
        { ...account, steps: [] },
        { ...account, steps: [{ what: 'directory' as const, outcome }] },
      ],
      kept: [],
    });
    expect(
      (['done', 'not-there', 'failed', 'later'] as const).map((each) => allWentWell(report(each))),
    ).toEqual([true, true, false, false]);
  });

  it('names an account once', () => {
    expect([accountName('Codex', 'ada'), accountName('Codex', 'Codex'), accountName('Codex', '')]).toEqual([
      'Codex, ada',
      'Codex',
      'Codex',
    ]);
  });

  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b', 'c'], 'a, b and c'],
  ])('lists %j', (parts, text) => expect(listed(parts)).toBe(text));
});
