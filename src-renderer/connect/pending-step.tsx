import LoaderCircle from 'lucide-solid/icons/loader-circle';
import { Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { useApp } from '../state/app-context.tsx';
import { useConnect } from './connect-context.tsx';
import { OtherWays } from './other-ways.tsx';
import { PasteBox } from './paste-box.tsx';
import './pending-step.css';
import { phaseText } from './phase.ts';

/** Elapsed time is shown from here on, in milliseconds: before, it only makes a quick start look slow. */
const elapsedShownAfter = 3000;

/** The CLI is being started. `session` is absent until main has answered. */
export function PendingStep(props: { session: Extract<SessionSnapshot, { status: 'pending' }> | undefined }) {
  const app = useApp();
  const view = useConnect();
  const elapsed = () => (props.session ? app.now() - props.session.startedAt : 0);
  return (
    <>
      <div data-component="pending-step">
        <LoaderCircle size={28} aria-hidden="true" />
        <p>
          {phaseText(props.session?.phase, props.session?.progress) ??
            `Starting ${view.providerName()}'s sign-in…`}
        </p>
        <Show when={props.session?.command}>
          <code>{props.session?.command}</code>
        </Show>
        <p data-component="pending-elapsed">
          <Show when={elapsed() >= elapsedShownAfter}>{Math.floor(elapsed() / 1000)} s so far</Show>
        </p>
      </div>
      <Show when={props.session?.promptsForPaste && props.session}>
        {(session) => <PasteBox session={session()} />}
      </Show>
      <Show when={props.session}>
        <OtherWays />
      </Show>
    </>
  );
}
