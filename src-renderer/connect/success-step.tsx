import Check from 'lucide-solid/icons/check';
import SquareTerminal from 'lucide-solid/icons/square-terminal';
import { Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { BundleName } from '../components/bundle-name.tsx';
import { Button } from '../components/button.tsx';
import { openTerminal } from '../launch/open-terminal.ts';
import { useApp } from '../state/app-context.tsx';
import { useConnect } from './connect-context.tsx';
import './success-step.css';

/** Who signed in, and where it is kept. */
export function SuccessStep(props: { session: Extract<SessionSnapshot, { status: 'success' }> }) {
  const app = useApp();
  const view = useConnect();
  /** Absent for the blank identity, where nothing is kept. */
  const bundle = () => app.state.bundles.find(({ id, blank }) => id === props.session.bundleId && !blank);
  const who = () => props.session.email ?? props.session.login;
  const belongsTo = () =>
    [props.session.organisation, props.session.plan].filter((part) => part !== undefined).join(', ');
  return (
    <div data-component="success-step">
      <span data-component="success-mark" aria-hidden="true">
        <Check size={26} />
      </span>
      <h3>{who() ? `Signed in as ${who()}` : 'Signed in'}</h3>
      <Show when={belongsTo()}>
        <p data-component="note">{belongsTo()}</p>
      </Show>
      <Show when={bundle()}>
        {(kept) => (
          <>
            <div data-component="success-bundle">
              <span>Kept in</span>
              <BundleName bundle={kept()}>
                <strong>{kept().name}</strong>
              </BundleName>
            </div>
            <p data-component="note">Your own {view.providerName()} login is untouched.</p>
            <Button
              onClick={() => void openTerminal(app, kept().id).then((failure) => view.setProblem(failure))}
            >
              <SquareTerminal size={15} aria-hidden="true" />
              Run a terminal as {kept().name}
            </Button>
          </>
        )}
      </Show>
    </div>
  );
}
