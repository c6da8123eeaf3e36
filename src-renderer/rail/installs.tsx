import X from 'lucide-solid/icons/x';
import { createMemo, For, Show } from 'solid-js';
import { IconButton } from '../components/button.tsx';
import { useApp } from '../state/app-context.tsx';
import { installsElsewhere } from '../state/model.ts';
import './sign-ins.css';

/** Installations that go on without their place on the screen, and those that ended so. One click leads to each. */
export function Installs() {
  const app = useApp();
  const ids = createMemo(() => installsElsewhere(app.state).map(({ providerId }) => providerId));
  return (
    <Show when={ids().length > 0}>
      <ul data-component="sign-ins" aria-label="Installations">
        <For each={ids()}>{(providerId) => <InstallItem providerId={providerId} />}</For>
      </ul>
    </Show>
  );
}

function InstallItem(props: { providerId: string }) {
  const app = useApp();
  const install = () => app.state.installs[props.providerId];
  const name = () => app.state.providers.find(({ id }) => id === props.providerId)?.name ?? props.providerId;
  const title = () => {
    switch (install()?.status) {
      case 'succeeded':
        return `Installed ${name()}`;
      case 'failed':
      case 'cancelled':
        return `${name()} was not installed`;
      default:
        return `Installing ${name()}`;
    }
  };
  const line = () => {
    const now = install();
    if (!now) return '';
    if (now.status === 'running')
      return `${Math.max(0, Math.floor((app.now() - now.startedAt) / 1000))} s so far`;
    return now.failure?.title ?? now.version ?? '';
  };
  const status = () => (install()?.status === 'succeeded' ? 'success' : install()?.status);
  return (
    <li data-component="sign-in" data-status={status()}>
      <button
        type="button"
        onClick={() =>
          app.choosePage({ name: 'settings', section: 'providers', providerId: props.providerId })
        }
      >
        <strong>{title()}</strong> <span>{line()}</span>
      </button>
      <Show when={install()?.status !== 'running'}>
        <IconButton
          label={`Dismiss: ${title()}`}
          onClick={() => void app.bridge.providers.dismissInstall({ providerId: props.providerId })}
        >
          <X size={13} aria-hidden="true" />
        </IconButton>
      </Show>
    </li>
  );
}
