import { Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';

/** The rail's way to the cloud sessions, with how many are active. */
export function CloudSessionsItem() {
  const app = useApp();
  const count = () => app.cloud.active().length;
  return (
    <li>
      <button
        type="button"
        data-component="rail-item"
        aria-current={app.state.page.name === 'sessions' ? 'page' : undefined}
        onClick={() => app.choosePage({ name: 'sessions' })}
      >
        Sessions
        <Show when={count() > 0}>
          <span data-component="rail-badge">
            {count()}
            <span data-component="visually-hidden"> active</span>
          </span>
        </Show>
      </button>
    </li>
  );
}
