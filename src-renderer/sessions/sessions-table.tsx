import { For } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import { FinishedRow } from './finished-row.tsx';
import { SessionRow } from './session-row.tsx';
import './sessions-table.css';

/** Dialogs that a row opens. */
export type RowDialog = 'extend' | 'revoke' | 'copy' | 'details';

export function SessionsTable(props: {
  label: string;
  sessions: readonly CloudSessionView[];
  finished?: boolean;
  onDialog: (kind: RowDialog, sessionId: string) => void;
}) {
  return (
    <table data-component="sessions-table" aria-label={props.label}>
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col">Allowed</th>
          <th scope="col">{props.finished ? 'Started, used' : 'Time left, used'}</th>
          <th scope="col">Status</th>
          <th scope="col">
            <span data-component="visually-hidden">What can be done</span>
          </th>
        </tr>
      </thead>
      <For each={props.sessions}>
        {(session) =>
          props.finished ? (
            <FinishedRow session={session} onDialog={(kind) => props.onDialog(kind, session.id)} />
          ) : (
            <SessionRow session={session} onDialog={(kind) => props.onDialog(kind, session.id)} />
          )
        }
      </For>
    </table>
  );
}
