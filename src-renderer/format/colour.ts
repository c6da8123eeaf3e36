const linear = (channel: number) => {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};

/**
 * Which ink is readable on a bundle's colour (WCAG 2.2 relative luminance).
 *
 * @param colour `#rrggbb`; anything else is taken for dark
 */
export function inkOn(colour: string): 'light' | 'dark' {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!match) return 'light';
  const [red = 0, green = 0, blue = 0] = match.slice(1).map((part) => linear(Number.parseInt(part, 16)));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Equal contrast against white and black lies at 0.179.
  return luminance > 0.179 ? 'dark' : 'light';
}
