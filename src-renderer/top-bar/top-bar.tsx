import ChevronsUpDown from 'lucide-solid/icons/chevrons-up-down';
import Search from 'lucide-solid/icons/search';
import { Show } from 'solid-js';
import { BundleDot } from '../components/bundle-mark.tsx';
import { isMac } from '../shortcuts/bind-shortcuts.ts';
import { KeyCaps } from '../shortcuts/key-caps.tsx';
import { ariaKeys } from '../shortcuts/keys.ts';
import { shortcut } from '../shortcuts/shortcuts.ts';
import { useApp } from '../state/app-context.tsx';
import { shownBundle } from '../state/model.ts';
import './top-bar.css';

/** Whose window this is now, and the way to everything else. */
export function TopBar() {
  const app = useApp();
  return (
    <header data-component="top-bar">
      <Show when={shownBundle(app.state)}>
        {(bundle) => (
          <button
            type="button"
            data-component="switcher"
            aria-haspopup="dialog"
            aria-keyshortcuts={ariaKeys(shortcut('switch').keys, isMac)}
            aria-label={`Switch identity, now ${bundle().name}`}
            onClick={() => app.openOverlay('switcher')}
          >
            <BundleDot bundle={bundle()} />
            <span>{bundle().name}</span>
            <ChevronsUpDown size={13} aria-hidden="true" />
          </button>
        )}
      </Show>
      <button
        type="button"
        data-component="search"
        aria-haspopup="dialog"
        aria-keyshortcuts={ariaKeys(shortcut('palette').keys, isMac)}
        onClick={() => app.openOverlay('palette')}
      >
        <Search size={14} aria-hidden="true" />
        Search or run
        <KeyCaps keys={shortcut('palette').keys} />
      </button>
    </header>
  );
}
