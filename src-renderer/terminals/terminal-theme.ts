import type { ITheme } from '@xterm/xterm';

const ansi = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;
const bright = {
  black: 'brightBlack',
  red: 'brightRed',
  green: 'brightGreen',
  yellow: 'brightYellow',
  blue: 'brightBlue',
  magenta: 'brightMagenta',
  cyan: 'brightCyan',
  white: 'brightWhite',
} as const;

/** The terminal's colours out of the page's tokens, as the theme has them now. All are `#rrggbb`. */
export function terminalTheme(element: Element): ITheme {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    background: token('surface'),
    foreground: token('ink'),
    cursor: token('accent'),
    cursorAccent: token('on-accent'),
    selectionBackground: token('accent'),
    selectionForeground: token('on-accent'),
    selectionInactiveBackground: token('accent-soft'),
    scrollbarSliderBackground: token('line-strong'),
    scrollbarSliderHoverBackground: token('ink-3'),
    scrollbarSliderActiveBackground: token('ink-3'),
    ...Object.fromEntries(
      ansi.flatMap((name) => [
        [name, token(`term-${name}`)],
        [bright[name], token(`term-bright-${name}`)],
      ]),
    ),
  };
}

/** Colours of what was found. */
export function searchDecorations(element: Element) {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    matchBackground: token('warn-soft'),
    matchBorder: token('warn'),
    matchOverviewRuler: token('warn'),
    activeMatchBackground: token('accent-soft'),
    activeMatchBorder: token('accent'),
    activeMatchColorOverviewRuler: token('accent'),
  };
}

export function monospace(element: Element): string {
  return getComputedStyle(element).getPropertyValue('--mono').trim();
}
