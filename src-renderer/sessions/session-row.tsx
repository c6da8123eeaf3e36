import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import Ban from 'lucide-solid/icons/ban';
import ClockPlus from 'lucide-solid/icons/clock-plus';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import SquareTerminal from 'lucide-solid/icons/square-terminal';
import { createSignal, Show } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import '../connect/other-ways.css';
import { IconButton } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { clockTime, nearness, shareLeft, timeLeft } from './countdown.ts';
import { AllowedCell, StatusCell, Used, WhoCell } from './session-cells.tsx';
import { principalName } from './session-words.ts';
import type { RowDialog } from './sessions-table.tsx';
import { TimeRing } from './time-ring.tsx';

/** An active session: how long it still lasts, and what can be done with it. */
export function SessionRow(props: { session: CloudSessionView; onDialog: (kind: RowDialog) => void }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const name = () => `${principalName(props.session.principal)} (${props.session.shortId})`;
  const now = () => app.cloud.now();

  const openTerminal = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const refused = await attempt(app.bridge.sessions.run({ sessionId: props.session.id }));
    setBusy(false);
    setFailure(refused);
    if (!refused) app.announce('Terminal opened.');
  };
  const open = (kind: RowDialog) => {
    setFailure(null);
    props.onDialog(kind);
  };

  return (
    <tbody data-session={props.session.id}>
      <tr>
        <WhoCell session={props.session} />
        <AllowedCell session={props.session} />
        <td>
          {/* Not a live region: only the warnings before the end are read out. */}
          <span data-component="session-time" data-nearness={nearness(props.session, now())}>
            <TimeRing share={shareLeft(props.session, now())} nearness={nearness(props.session, now())} />
            {formatTimeLeft(timeLeft(props.session, now()))}
          </span>
          <small>{`until ${clockTime(props.session.endsAt, now())}`}</small>
          <Used session={props.session} />
        </td>
        <StatusCell session={props.session} />
        <td>
          <div data-component="session-actions">
            <Show when={props.session.held}>
              <IconButton
                label={`Open a terminal under ${name()}`}
                aria-disabled={busy() ? 'true' : undefined}
                onClick={() => void openTerminal()}
              >
                <SquareTerminal size={15} aria-hidden="true" />
              </IconButton>
              <IconButton label={`Extend ${name()}`} onClick={() => open('extend')}>
                <ClockPlus size={15} aria-hidden="true" />
              </IconButton>
              <IconButton label={`Revoke ${name()}`} onClick={() => open('revoke')}>
                <Ban size={15} aria-hidden="true" />
              </IconButton>
            </Show>
            <DropdownMenu.Root gutter={4} placement="bottom-end" modal={false}>
              <DropdownMenu.Trigger
                data-component="icon-button"
                aria-label={`More for ${name()}`}
                title={`More for ${name()}`}
              >
                <Ellipsis size={15} aria-hidden="true" />
              </DropdownMenu.Trigger>
              {/* Within the page, or it would belong to no part of it. */}
              <DropdownMenu.Portal mount={document.getElementById('main') ?? document.body}>
                <DropdownMenu.Content data-component="menu">
                  <Show when={props.session.held}>
                    <DropdownMenu.Item data-component="menu-item" onSelect={() => open('copy')}>
                      Copy variables…
                    </DropdownMenu.Item>
                  </Show>
                  <DropdownMenu.Item data-component="menu-item" onSelect={() => open('details')}>
                    Details
                  </DropdownMenu.Item>
                </DropdownMenu.Content>
              </DropdownMenu.Portal>
            </DropdownMenu.Root>
          </div>
        </td>
      </tr>
      <Show when={failure()}>
        {(shown) => (
          <tr data-component="session-more">
            <td colSpan={5}>
              <FailureNote failure={shown()} />
            </td>
          </tr>
        )}
      </Show>
    </tbody>
  );
}
