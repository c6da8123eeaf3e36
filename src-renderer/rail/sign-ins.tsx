import X from 'lucide-solid/icons/x';
import { createMemo, For, Show } from 'solid-js';
import { IconButton } from '../components/button.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { runningSessions, shownSessionId } from '../state/model.ts';
import './sign-ins.css';

/** Sign-ins that go on without their modal, and those that ended so and were not looked at. One click returns to each. */
export function SignIns() {
  const app = useApp();
  const running = createMemo(() =>
    runningSessions(app.state)
      .map((snapshot) => snapshot.sessionId)
      .filter((sessionId) => sessionId !== shownSessionId(app.state)),
  );
  const ids = createMemo(() => [...app.state.endedUnseen, ...running()]);
  return (
    <Show when={ids().length > 0}>
      <ul data-component="sign-ins" aria-label="Sign-ins">
        <For each={ids()}>{(sessionId) => <SignIn sessionId={sessionId} />}</For>
      </ul>
    </Show>
  );
}

function SignIn(props: { sessionId: string }) {
  const app = useApp();
  const snapshot = () => app.state.sessions[props.sessionId]?.snapshot;
  const provider = () =>
    app.state.providers.find(({ id }) => id === snapshot()?.providerId)?.name ?? snapshot()?.providerId;
  const bundle = () =>
    app.state.bundles.find(({ id }) => id === snapshot()?.bundleId)?.name ?? 'a new identity';
  const ended = () => app.state.endedUnseen.includes(props.sessionId);
  const title = () => {
    if (!ended()) return `Connecting ${provider()}`;
    return snapshot()?.status === 'success' ? `Connected ${provider()}` : `${provider()} was not connected`;
  };
  const line = () => {
    const now = snapshot();
    if (!now) return '';
    if (now.status === 'failed') return now.failure.title;
    if (ended()) return `to ${bundle()}`;
    return `to ${bundle()}, ${formatTimeLeft(now.deadlineAt - app.now())} left`;
  };
  return (
    <li data-component="sign-in" data-status={ended() ? snapshot()?.status : 'running'}>
      <button type="button" onClick={() => void app.show(props.sessionId)}>
        <strong>{title()}</strong> <span>{line()}</span>
      </button>
      <Show when={ended()}>
        <IconButton label={`Dismiss: ${title()}`} onClick={() => app.dismiss(props.sessionId)}>
          <X size={13} aria-hidden="true" />
        </IconButton>
      </Show>
    </li>
  );
}
