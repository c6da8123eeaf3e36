import { bundlePalette } from '../../src-preload/contract/bundles.ts';
import { LanyardError } from '../failures.ts';
import { isPlainText, plainText } from '../plain-text.ts';

/** Colours of bundles, given in turn. */
export const bundleColours: readonly string[] = bundlePalette.map(({ colour }) => colour);

/** The name the blank identity goes by; no bundle can take it. */
export const blankName = 'No credentials';

const longest = 80;
const longestDescription = 200;
/** Without one of these there is nothing to be seen, or pointed at. */
const visible = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/**
 * The name of a bundle or an account as it is kept: trimmed, composed (NFC).
 * @throws LanyardError `invalid_name`
 */
export function cleanName(name: string): string {
  const clean = name.normalize('NFC').trim();
  if (clean.length > longest || !visible.test(clean) || !isPlainText(clean) || !clean.isWellFormed()) {
    throw new LanyardError({
      code: 'invalid_name',
      title: 'This name cannot be used.',
      hint: `Use 1 to ${longest} ordinary characters.`,
    });
  }
  return clean;
}

/**
 * A bundle's description as it is kept: one line, trimmed, composed (NFC); may be empty.
 * @throws LanyardError `invalid_description`
 */
export function cleanDescription(description: string): string {
  const clean = description.normalize('NFC').trim();
  if (clean.length > longestDescription || !isPlainText(clean)) {
    throw new LanyardError({
      code: 'invalid_description',
      title: 'This description cannot be used.',
      hint: `Use one line of at most ${longestDescription} ordinary characters.`,
    });
  }
  return clean;
}

/**
 * A bundle's colour as it is kept: `#rrggbb` in lower case.
 * @throws LanyardError `invalid_colour`
 */
export function cleanColour(colour: string): string {
  const clean = colour.trim().toLowerCase();
  if (/^#[0-9a-f]{6}$/.test(clean)) return clean;
  throw new LanyardError({
    code: 'invalid_colour',
    title: 'This is not a colour.',
    hint: 'Choose one of the list, or write one as # and six digits or letters up to f, such as #0b6e6e.',
  });
}

/** A text that a provider calls somebody by, which must not look like another one (I-16). */
export function plainLabel(text: string): string {
  const shown = plainText(text.normalize('NFC').trim().toWellFormed());
  return visible.test(shown.replaceAll('\ufffd', '')) ? shown : '';
}

/** Whether two names are the same to a person. */
export function sameName(a: string, b: string): boolean {
  return fold(a) === fold(b);
}

function fold(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

/** The first usable one of `wishes`, with a number after it when it is taken: "Work", "Work 2", "Work 3". */
export function freeName(wishes: (string | undefined)[], taken: string[]): string {
  const base = wishes.map(usable).find((name) => name !== null) ?? 'New identity';
  const folded = new Set([...taken, blankName].map(fold));
  return numbered(base, 1, folded);
}

/** The name of a copy: "Work 2" of "Work", "Work 3" of "Work 2", and so on past those that are taken. */
export function copyName(name: string, taken: string[]): string {
  const [, base = name, number = '1'] = /^(.*\S) ([1-9]\d{0,3})$/u.exec(name) ?? [];
  return numbered(base, Number(number) + 1, new Set([...taken, blankName].map(fold)));
}

function numbered(base: string, from: number, taken: ReadonlySet<string>): string {
  for (let count = from; ; count += 1) {
    const suffix = count === 1 ? '' : ` ${count}`;
    const name = shortened(base, longest - suffix.length) + suffix;
    if (!taken.has(fold(name))) return name;
  }
}

/** The first characters, whole ones, up to a length. */
function shortened(name: string, length: number): string {
  let short = '';
  for (const character of name) {
    if (short.length + character.length > length) break;
    short += character;
  }
  return short.trimEnd();
}

function usable(name: string | undefined): string | null {
  try {
    return name === undefined ? null : cleanName(name);
  } catch {
    return null;
  }
}

/** The colour used least, the first of them in palette order. */
export function nextColour(used: string[]): string {
  const count = (colour: string) => used.filter((other) => other === colour).length;
  return bundleColours.reduce((best, colour) => (count(colour) < count(best) ? colour : best));
}
