/** What of a keyboard event decides. */
export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}

/**
 * Whether these are the keys, written like `Mod+K`, `Alt+ArrowDown` or `?`. `Mod` is the Command key on a Mac and Ctrl
 * elsewhere. For a sign, such as `?`, Shift is part of the sign.
 */
export function isPressed(keys: string, event: Pressed, mac: boolean): boolean {
  const { modifiers, key } = parse(keys);
  const mod = modifiers.has('Mod');
  const wanted = { ctrl: mod && !mac, meta: mod && mac, alt: modifiers.has('Alt') };
  if (event.ctrlKey !== wanted.ctrl || event.metaKey !== wanted.meta || event.altKey !== wanted.alt)
    return false;
  if (isNamed(key) && event.shiftKey !== modifiers.has('Shift')) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}

/** Without Ctrl, Command or Alt: it would be typed into a box (WCAG 2.1.4). */
export function isSingle(keys: string): boolean {
  const { modifiers, key } = parse(keys);
  return !modifiers.has('Mod') && !modifiers.has('Alt') && [...key].length === 1;
}

const macNames: Record<string, string> = { Mod: '⌘', Alt: '⌥', Shift: '⇧' };
const names: Record<string, string> = { Mod: 'Ctrl', ArrowDown: '↓', ArrowUp: '↑' };

/** What stands on the keys, one after the other. */
export function keyNames(keys: string, mac: boolean): string[] {
  const { modifiers, key } = parse(keys);
  return [...modifiers, key].map((name) => (mac ? macNames[name] : undefined) ?? names[name] ?? name);
}

const spoken: Record<string, string> = {
  ArrowDown: 'Down arrow',
  ArrowUp: 'Up arrow',
  '?': 'Question mark',
  ',': 'Comma',
  '/': 'Slash',
};

/** The same for reading out. */
export function spokenKeys(keys: string, mac: boolean): string {
  const { modifiers, key } = parse(keys);
  return [...modifiers, key]
    .map((name) => (name === 'Mod' ? (mac ? 'Command' : 'Control') : (spoken[name] ?? name)))
    .join(' ');
}

/** As `aria-keyshortcuts` wants it. */
export function ariaKeys(keys: string, mac: boolean): string {
  return keys.replace('Mod', mac ? 'Meta' : 'Control');
}

function parse(keys: string): { modifiers: Set<string>; key: string } {
  const parts = keys.split('+');
  return { modifiers: new Set(parts.slice(0, -1)), key: parts.at(-1) ?? '' };
}

/** A letter, a digit, or a key with a name; not a sign that may need Shift. */
const isNamed = (key: string) => [...key].length > 1 || /[\p{L}\p{N}]/u.test(key);
