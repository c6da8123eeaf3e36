import type { BundleSummary } from '../../src-preload/contract/bundles.ts';

/** From this many bundles on, the blank one included, a filter is quicker than looking. */
const fewest = 9;

export const worthFiltering = (count: number): boolean => count >= fewest;

/** Bundles that have every word somewhere in their name, description or accounts, in their order. Pure. */
export function filterBundles(bundles: readonly BundleSummary[], filter: string): readonly BundleSummary[] {
  const words = fold(filter)
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0) return bundles;
  return bundles.filter((bundle) => {
    const text = fold([bundle.name, bundle.description, ...bundle.people].join('\n'));
    return words.every((word) => text.includes(word));
  });
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
