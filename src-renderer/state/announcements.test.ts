import { expect, it } from 'vitest';
import { announcementFor } from './announcements.ts';
import { failed, pending, success, withCode, withLink } from './test-data.ts';

it('reads out each change of status once', () => {
  const link = withLink('s1');
  expect(announcementFor(pending('s1'), link, 'Codex')).toBe('The sign-in page of Codex is ready.');
  expect(announcementFor(link, { ...link, phase: 'checking' }, 'Codex')).toBeNull();
});

it('says that the browser was opened when it was', () => {
  const text = announcementFor(pending('s1'), withLink('s1', { browserOpened: true }), 'Codex');
  expect(text).toBe('The sign-in page of Codex was opened in your browser.');
});

it('spells a code, and says when the CLI replaced it', () => {
  expect(announcementFor(pending('s1'), withCode('s1'), 'Codex')).toBe('Your code: W D J B, M J H T.');
  expect(announcementFor(withCode('s1'), withCode('s1', { renewals: 1 }), 'Codex')).toBe(
    'New code: W D J B, M J H T.',
  );
});

it('names who signed in, and what went wrong with the way on', () => {
  expect(announcementFor(withLink('s1'), success('s1'), 'Codex')).toBe(
    'Codex: signed in as ada@acme.example.',
  );
  const { email: _, ...nameless } = success('s1');
  expect(announcementFor(withLink('s1'), { ...nameless, login: 'ada' }, 'Copilot')).toBe(
    'Copilot: signed in as ada.',
  );
  expect(announcementFor(withLink('s1'), failed('s1'), 'Codex')).toBe(
    'Codex: The CLI stopped. Read what it said.',
  );
});
