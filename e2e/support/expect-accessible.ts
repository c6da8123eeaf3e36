import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { projectRoot } from './test-place.ts';

const themes = ['light', 'dark'] as const;
export const screenshots = join(projectRoot, 'test-results', 'screenshots');

/** axe over what is on screen, in both themes, with a picture of each. No rule is left out. */
export function expectAccessible(window: Page, name: string): Promise<void> {
  return expectPageAccessible(window, name, (theme) =>
    expect(window.locator('html')).toHaveAttribute('data-theme', theme),
  );
}

/**
 * The same for a page that is not a window of the app.
 * @param isShown waits until the page is in a theme
 */
export async function expectPageAccessible(
  window: Page,
  name: string,
  isShown: (theme: 'light' | 'dark') => Promise<void>,
): Promise<void> {
  for (const colorScheme of themes) {
    await window.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await isShown(colorScheme);
    await window.screenshot({ path: join(screenshots, `${name}-${colorScheme}.png`) });
    // Legacy mode: the other one opens a second page, which Electron does not do.
    const { violations, passes } = await new AxeBuilder({ page: window }).setLegacyMode().analyze();
    // A run that looked at nothing would find nothing either.
    expect(passes.map(({ id }) => id)).toContain('color-contrast');
    const found = violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, any }) => [html, any[0]?.message]),
    }));
    expect.soft(found, `${name}, ${colorScheme}`).toEqual([]);
  }
}
