import { createResource, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { LaunchRefused } from './launch-refused.tsx';

/** Why nothing was started as an identity that this page may know little of, and the one click that mends it. */
export function LaunchTrouble(props: { failure: Failure; bundleId: string; onConnect?: () => void }) {
  const app = useApp();
  const [read] = createResource(
    () => props.bundleId,
    async (bundleId) => {
      const reply = await ask(app.bridge.bundles.get({ bundleId }));
      return reply.ok ? reply.value : null;
    },
  );
  const bundle = () => app.state.details[props.bundleId] ?? read();
  return (
    <Show when={bundle()} fallback={<FailureNote failure={props.failure} />}>
      {(shown) => (
        <LaunchRefused
          failure={props.failure}
          bundle={shown()}
          {...(props.onConnect ? { onConnect: props.onConnect } : {})}
        />
      )}
    </Show>
  );
}
