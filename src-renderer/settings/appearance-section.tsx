import { createSignal, createUniqueId, For, Show } from 'solid-js';
import type { DesktopSettings, Theme } from '../../src-preload/contract/desktop.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './appearance-section.css';

const themes: { theme: Theme; label: string }[] = [
  { theme: 'system', label: 'As the system' },
  { theme: 'light', label: 'Light' },
  { theme: 'dark', label: 'Dark' },
];

type Switch = Exclude<keyof DesktopSettings, 'theme'>;

const switches: { id: Switch; label: string; about: string }[] = [
  {
    id: 'notifications',
    label: 'Notifications',
    about: 'When a sign-in is done, an account needs you, or a cloud session is about to end.',
  },
  {
    id: 'keepInTray',
    label: 'Keep running in the tray',
    about: 'Closing the window does not quit Lanyard. Quit is in the tray.',
  },
  {
    id: 'startAtLogin',
    label: 'Start at login',
    about: 'Without a window, in the tray. Your system lists it among its startup programs.',
  },
  {
    id: 'singleKeys',
    label: 'Shortcuts of a single key',
    about: 'Such as ? for the list of shortcuts.',
  },
];

/** How Lanyard looks, and how it behaves on the desktop. */
export function AppearanceSection() {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const choose = async (choice: Partial<DesktopSettings>) =>
    setFailure(await attempt(app.bridge.desktop.choose(choice)));
  return (
    <>
      <section aria-labelledby="settings-theme">
        <h2 data-component="section-title" id="settings-theme">
          Theme
        </h2>
        <div data-component="theme-choice" role="radiogroup" aria-labelledby="settings-theme">
          <For each={themes}>
            {({ theme, label }) => (
              <label>
                <input
                  type="radio"
                  name="theme"
                  checked={app.settings().theme === theme}
                  onChange={() => void choose({ theme })}
                />
                {label}
              </label>
            )}
          </For>
        </div>
      </section>
      <section aria-labelledby="settings-desktop">
        <h2 data-component="section-title" id="settings-desktop">
          On the desktop
        </h2>
        <ul data-component="settings-list">
          <For each={switches}>
            {(each) => (
              <SwitchRow
                label={each.label}
                about={each.about}
                on={app.settings()[each.id]}
                onChange={(on) => choose({ [each.id]: on })}
              />
            )}
          </For>
        </ul>
        <Show when={failure()}>
          {(shown) => (
            <div data-component="appearance-failure">
              <FailureNote failure={shown()} />
            </div>
          )}
        </Show>
      </section>
    </>
  );
}

function SwitchRow(props: {
  label: string;
  about: string;
  on: boolean;
  onChange: (on: boolean) => Promise<unknown>;
}) {
  const id = createUniqueId();
  const change = async (input: HTMLInputElement) => {
    await props.onChange(input.checked);
    // What was refused is as it was.
    input.checked = props.on;
  };
  return (
    <li data-component="switch-row">
      <label data-component="settings-main" for={id}>
        <span data-component="settings-name">{props.label}</span>
        <small id={`${id}-about`}>{props.about}</small>
      </label>
      <input
        id={id}
        type="checkbox"
        aria-describedby={`${id}-about`}
        aria-label={props.label}
        checked={props.on}
        onChange={(event) => void change(event.currentTarget)}
      />
    </li>
  );
}
