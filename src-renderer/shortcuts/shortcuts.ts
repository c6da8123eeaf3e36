import type { App } from '../state/create-app.ts';
import { shownBundle } from '../state/model.ts';

export interface Shortcut {
  id: string;
  /** As in `keys.ts`: `Mod+K`. */
  keys: string;
  /** What it does, for the list. */
  title: string;
  run: (app: App) => void;
}

/**
 * Every shortcut of the window. What stands here is bound, and listed under `?`; nothing else is either. A page adds its
 * own by a row, which does nothing where the page is not shown.
 */
export const shortcuts: readonly Shortcut[] = [
  { id: 'palette', keys: 'Mod+K', title: 'Search or run', run: (app) => app.openOverlay('palette') },
  { id: 'switch', keys: 'Mod+J', title: 'Switch identity', run: (app) => app.openOverlay('switcher') },
  { id: 'next', keys: 'Alt+ArrowDown', title: 'Next identity', run: (app) => step(app, 1) },
  { id: 'previous', keys: 'Alt+ArrowUp', title: 'Previous identity', run: (app) => step(app, -1) },
  { id: 'new', keys: 'Mod+N', title: 'New identity', run: (app) => app.openOverlay('new-identity') },
  {
    id: 'settings',
    keys: 'Mod+,',
    title: 'Settings',
    run: (app) => app.choosePage({ name: 'settings', section: 'identities' }),
  },
  { id: 'list', keys: '?', title: 'Keyboard shortcuts', run: (app) => app.openOverlay('shortcuts') },
  { id: 'list-too', keys: 'Mod+/', title: 'Keyboard shortcuts', run: (app) => app.openOverlay('shortcuts') },
];

/** @throws Error for an id that no shortcut has, which is a mistake of ours */
export function shortcut(id: string): Shortcut {
  const found = shortcuts.find((each) => each.id === id);
  if (!found) throw new Error(`no shortcut is called ${id}`);
  return found;
}

/** Shows the identity before or after the one that is shown, round at the ends. */
function step(app: App, by: 1 | -1): void {
  const { bundles } = app.state;
  const shown = shownBundle(app.state);
  if (!shown) return;
  const at = bundles.findIndex(({ id }) => id === shown.id);
  const next = bundles.at((at + by) % bundles.length);
  if (!next) return;
  app.choosePage({ name: 'identities', bundleId: next.id });
  app.announce(next.name);
}
