import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ListenerNotes } from './listener-notes.ts';

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-notes-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'run');
}

it('O-2: a note is found by its port, also by another process, and is private', () => {
  const directory = place();
  const forget = new ListenerNotes(directory).note(4711, 'a-secret');
  expect(new ListenerNotes(directory).secretOf(4711)).toBe('a-secret');
  expect(new ListenerNotes(directory).secretOf(4712)).toBeNull();
  expect(statSync(join(directory, 'callback-4711')).mode & 0o777).toBe(0o600);
  forget();
  expect(new ListenerNotes(directory).secretOf(4711)).toBeNull();
});

it('O-2: an earlier sign-in that forgets its note leaves that of the later one', () => {
  const notes = new ListenerNotes(place());
  const forget = notes.note(4711, 'earlier');
  notes.note(4711, 'later');
  forget();
  expect(notes.secretOf(4711)).toBe('later');
});
