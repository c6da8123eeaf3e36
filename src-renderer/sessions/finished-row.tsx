import Info from 'lucide-solid/icons/info';
import X from 'lucide-solid/icons/x';
import { createSignal, Show } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { IconButton } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { clockTime } from './countdown.ts';
import { AllowedCell, StatusCell, Used, WhoCell } from './session-cells.tsx';
import { principalName } from './session-words.ts';
import type { RowDialog } from './sessions-table.tsx';

/** A session that has ended, with what became of its credentials where it was revoked. */
export function FinishedRow(props: { session: CloudSessionView; onDialog: (kind: RowDialog) => void }) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const name = () => `${principalName(props.session.principal)} (${props.session.shortId})`;

  const remove = async () => {
    const refused = await attempt(app.bridge.sessions.remove({ sessionId: props.session.id }));
    setFailure(refused);
    if (refused) return;
    setAsking(false);
    app.announce(`${name()} was removed.`);
    document.getElementById('page-title')?.focus();
  };

  return (
    <tbody data-session={props.session.id}>
      <tr>
        <WhoCell session={props.session} />
        <AllowedCell session={props.session} />
        <td>
          <small>{clockTime(props.session.createdAt, Date.now())}</small>
          <Used session={props.session} />
        </td>
        <StatusCell session={props.session} />
        <td>
          <div data-component="session-actions">
            <IconButton label={`Details of ${name()}`} onClick={() => props.onDialog('details')}>
              <Info size={15} aria-hidden="true" />
            </IconButton>
            <IconButton
              label={`Remove ${name()}`}
              onClick={() => {
                setFailure(null);
                setAsking(true);
              }}
            >
              <X size={15} aria-hidden="true" />
            </IconButton>
          </div>
          <Show when={asking()}>
            <ConfirmDialog
              title={`Remove ${name()}?`}
              keepLabel="Keep"
              confirmLabel="Remove"
              failure={failure()}
              onKeep={() => setAsking(false)}
              onConfirm={() => void remove()}
            >
              Its record is deleted.
            </ConfirmDialog>
          </Show>
        </td>
      </tr>
      <Show when={props.session.revocation}>
        <tr data-component="session-more">
          <td colSpan={5}>{props.session.revocation}</td>
        </tr>
      </Show>
    </tbody>
  );
}
