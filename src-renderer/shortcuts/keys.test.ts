import { expect, it } from 'vitest';
import { isPressed, isSingle, keyNames, type Pressed, spokenKeys } from './keys.ts';

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

it.each<[string, Pressed, boolean, boolean]>([
  ['Mod+K', press('k', { ctrlKey: true }), false, true],
  ['Mod+K', press('K', { ctrlKey: true }), false, true],
  ['Mod+K', press('k', { metaKey: true }), false, false],
  ['Mod+K', press('k', { metaKey: true }), true, true],
  ['Mod+K', press('k', { ctrlKey: true }), true, false],
  ['Mod+K', press('k', { ctrlKey: true, shiftKey: true }), false, false],
  // AltGr is Ctrl and Alt on Windows.
  ['Mod+K', press('k', { ctrlKey: true, altKey: true }), false, false],
  ['Mod+K', press('k'), false, false],
  ['?', press('?', { shiftKey: true }), false, true],
  ['?', press('?'), false, true],
  ['?', press('?', { ctrlKey: true }), false, false],
  ['Mod+,', press(',', { ctrlKey: true }), false, true],
  ['Mod+/', press('/', { ctrlKey: true, shiftKey: true }), false, true],
  ['Alt+ArrowDown', press('ArrowDown', { altKey: true }), false, true],
  ['Alt+ArrowDown', press('ArrowDown'), false, false],
])('R-9: %s and %j (mac: %s): %s', (keys, event, mac, expected) => {
  expect(isPressed(keys, event, mac)).toBe(expected);
});

it('R-9: a key by itself is known as one (WCAG 2.1.4)', () => {
  expect(['?', 'G', 'Mod+K', 'Alt+X', 'Escape'].map(isSingle)).toEqual([true, true, false, false, false]);
});

it('R-9: keys are named as they stand on the keyboard, and as they are read out', () => {
  expect(keyNames('Mod+Shift+K', false)).toEqual(['Ctrl', 'Shift', 'K']);
  expect(keyNames('Mod+Shift+K', true)).toEqual(['⌘', '⇧', 'K']);
  expect(spokenKeys('Mod+,', false)).toBe('Control Comma');
  expect(spokenKeys('Alt+ArrowUp', true)).toBe('Alt Up arrow');
});
