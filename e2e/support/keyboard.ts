import { expect, type Locator, type Page } from '@playwright/test';

/** Waits until a control has the focus, and asserts that a person can see so: a ring is drawn, within the window. */
export async function expectFocus(control: Locator): Promise<void> {
  await expect(control).toBeFocused();
  const seen = await control.evaluate((element) => {
    const { outlineStyle, outlineColor, boxShadow } = getComputedStyle(element);
    const ring = /0px 0px 0px [2-9]px/.test(boxShadow);
    const outline = outlineStyle !== 'none' && !/, 0\)$|transparent/.test(outlineColor);
    const box = element.getBoundingClientRect();
    return {
      ring: element.matches(':focus-visible') && (ring || outline),
      inWindow:
        box.width > 0 &&
        box.height > 0 &&
        box.left >= 0 &&
        box.top >= 0 &&
        box.right <= innerWidth &&
        box.bottom <= innerHeight,
    };
  });
  expect(seen, `the focus on ${control} is seen`).toEqual({ ring: true, inWindow: true });
}

/**
 * Presses Tab (or Shift+Tab) until the control has the focus.
 * @param atMost presses after which the control counts as out of reach
 */
export async function tabTo(control: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab', atMost = 40): Promise<void> {
  const { keyboard } = control.page();
  await control.waitFor();
  for (let presses = 0; presses < atMost; presses += 1) {
    await keyboard.press(key);
    if (await isFocused(control)) return expectFocus(control);
  }
  throw new Error(`${control} was not reached with ${atMost} x ${key}`);
}

/** Goes to a control and presses it with Enter. */
export async function pressWithEnter(control: Locator): Promise<void> {
  if (!(await isFocused(control))) await tabTo(control);
  await control.page().keyboard.press('Enter');
}

/** The accessible names or texts of what Tab stops at, one full round from here. */
export async function tabRound(
  window: Page,
  within: Locator,
  atMost = 40,
): Promise<{ stops: number; left: boolean }> {
  const first = await window.evaluateHandle(() => document.activeElement);
  for (let stops = 1; stops <= atMost; stops += 1) {
    await window.keyboard.press('Tab');
    const inside = await within.evaluate((element) => element.contains(document.activeElement));
    if (!inside) return { stops, left: true };
    if (await first.evaluate((element) => element === document.activeElement)) return { stops, left: false };
  }
  throw new Error(`no round within ${atMost} x Tab`);
}

function isFocused(control: Locator): Promise<boolean> {
  return control.evaluate((element) => element === document.activeElement);
}
