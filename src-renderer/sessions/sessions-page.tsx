import Plus from 'lucide-solid/icons/plus';
import { createEffect, createMemo, createSignal, on, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { FilterBox } from '../components/filter-box.tsx';
import { ProblemsBanner } from '../components/problems.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { CopyVariablesDialog } from './copy-variables-dialog.tsx';
import { ExtendDialog } from './extend-dialog.tsx';
import { NewSessionSheet } from './new-session-sheet.tsx';
import { RevokeDialog } from './revoke-dialog.tsx';
import { SessionDetails } from './session-details.tsx';
import { filterSessions } from './session-words.ts';
import { type RowDialog, SessionsTable } from './sessions-table.tsx';
import '../settings/settings-page.css';
import './sessions-page.css';

/** Cloud sessions: the active ones with their time, the finished ones below, and the way to a new one. */
export function SessionsPage() {
  const app = useApp();
  const { cloud } = app;
  const [filter, setFilter] = createSignal('');
  const [opening, setOpening] = createSignal(false);
  const [dialog, setDialog] = createSignal<{ kind: RowDialog; sessionId: string } | null>(null);
  const active = createMemo(() => filterSessions(cloud.active(), filter()));
  const finished = createMemo(() => filterSessions(cloud.finished(), filter()));
  const count = () => cloud.active().length + cloud.finished().length;
  let page: HTMLDivElement | undefined;

  /** The session of a row that has the focus, or had it when it went away. */
  let focusedId: string | null = null;
  const noteFocus = (event: FocusEvent) => {
    const row = event.target instanceof Element ? event.target.closest('[data-session]') : null;
    focusedId = row?.getAttribute('data-session') ?? null;
  };
  // A session that ends moves to the other table: the focus follows it.
  createEffect(
    on(
      () =>
        cloud
          .finished()
          .map(({ id }) => id)
          .join(),
      () =>
        queueMicrotask(() => {
          if (focusedId && document.activeElement === document.body) focusRow(page, focusedId);
        }),
      { defer: true },
    ),
  );
  // Whoever led here wanted this one to be seen.
  createEffect(() => {
    const sessionId = app.state.page.name === 'sessions' ? app.state.page.sessionId : undefined;
    if (sessionId === undefined || !cloud.find(sessionId)) return;
    setFilter('');
    queueMicrotask(() => {
      if (document.activeElement?.closest('[role="dialog"], [role="alertdialog"]')) return;
      focusRow(page, sessionId);
      app.choosePage({ name: 'sessions' });
    });
  });

  const shown = (kind: RowDialog) => {
    const open = dialog();
    return open?.kind === kind ? cloud.find(open.sessionId) : undefined;
  };
  const close = () => setDialog(null);
  const openDialog = (kind: RowDialog, sessionId: string) => {
    if (kind === 'extend') cloud.extend(sessionId);
    else setDialog({ kind, sessionId });
  };

  return (
    <div
      data-component="sessions"
      ref={(element) => {
        page = element;
      }}
      onFocusIn={noteFocus}
    >
      <header data-component="sessions-header">
        <h1 id="page-title" data-component="page-title" tabIndex={-1}>
          Sessions
        </h1>
        <Show when={count() > 0}>
          <FilterBox
            label="Filter sessions"
            value={filter()}
            found={active().length + finished().length}
            onChange={setFilter}
            onDown={() => page?.querySelector<HTMLElement>('[data-session] button')?.focus()}
          />
          <Button look="primary" onClick={() => setOpening(true)}>
            <Plus size={14} aria-hidden="true" />
            New session
          </Button>
        </Show>
      </header>
      <ProblemsBanner problems={[...cloud.problems()]} />
      <Show when={cloud.failure()}>
        {(failure) => (
          <div data-component="sessions-failure">
            <FailureNote failure={failure()} />
            <Button size="small" onClick={() => void cloud.refresh()}>
              Try again
            </Button>
          </div>
        )}
      </Show>
      <Show when={cloud.loaded()} fallback={<p data-component="settings-note">Looking…</p>}>
        <Show when={count() > 0} fallback={<EmptyState onNew={() => setOpening(true)} />}>
          <Show
            when={active().length + finished().length > 0}
            fallback={
              <p data-component="sessions-none">No session has this in its identity, principal or actions.</p>
            }
          >
            <Show
              when={active().length > 0}
              fallback={
                <p data-component="sessions-none">
                  {filter().trim() === '' ? 'None is active.' : 'None of the active ones has this.'}
                </p>
              }
            >
              <SessionsTable label="Active sessions" sessions={active()} onDialog={openDialog} />
            </Show>
            <Show when={finished().length > 0}>
              <Finished onDialog={openDialog} sessions={finished()} />
            </Show>
          </Show>
        </Show>
      </Show>
      <Show when={opening()}>
        <NewSessionSheet
          onClose={() => setOpening(false)}
          onOpened={(sessionId, reused) => {
            setOpening(false);
            if (reused) cloud.markReused(sessionId);
            app.showNote({
              text: reused ? 'An open session for the same was used again.' : 'The session is open.',
            });
            void cloud.refresh().then(() => app.choosePage({ name: 'sessions', sessionId }));
          }}
        />
      </Show>
      <Show when={cloud.extending()} keyed>
        {(sessionId) => <ExtendDialog sessionId={sessionId} onClose={() => cloud.extend(null)} />}
      </Show>
      <Show when={shown('revoke')?.id} keyed>
        {(sessionId) => (
          <RevokeDialog
            sessionId={sessionId}
            onClose={() => {
              close();
              setTimeout(() => focusRow(page, sessionId));
            }}
          />
        )}
      </Show>
      <Show when={shown('copy')?.id} keyed>
        {(sessionId) => <CopyVariablesDialog sessionId={sessionId} onClose={close} />}
      </Show>
      <Show when={shown('details')?.id} keyed>
        {(sessionId) => <SessionDetails sessionId={sessionId} onClose={close} />}
      </Show>
    </div>
  );
}

/** The row of a session, or the page's title when it is gone. */
function focusRow(page: HTMLElement | undefined, sessionId: string): void {
  const row = page?.querySelector<HTMLElement>(`[data-session="${CSS.escape(sessionId)}"] th`);
  const target = row ?? document.getElementById('page-title');
  target?.scrollIntoView({ block: 'nearest' });
  target?.focus();
}

function Finished(props: {
  sessions: Parameters<typeof SessionsTable>[0]['sessions'];
  onDialog: Parameters<typeof SessionsTable>[0]['onDialog'];
}) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const removeAll = async () => {
    if (busy()) return;
    setBusy(true);
    const reply = await ask(app.bridge.sessions.removeFinished());
    setBusy(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    const { removed } = reply.value;
    setAsking(false);
    app.showNote({
      text: removed === 1 ? '1 finished session was removed.' : `${removed} finished sessions were removed.`,
    });
    document.getElementById('page-title')?.focus();
  };
  return (
    <section aria-labelledby="sessions-finished">
      <div data-component="settings-head">
        <h2 data-component="section-title" id="sessions-finished">
          Finished
        </h2>
        <Button
          size="small"
          look="quiet"
          onClick={() => {
            setFailure(null);
            setAsking(true);
          }}
        >
          Remove finished…
        </Button>
      </div>
      <SessionsTable label="Finished sessions" sessions={props.sessions} onDialog={props.onDialog} finished />
      <Show when={app.cloud.more() > 0}>
        <p data-component="sessions-none">
          {app.cloud.more() === 1
            ? 'One older one is kept and not listed.'
            : `${app.cloud.more()} older ones are kept and not listed.`}
        </p>
      </Show>
      <Show when={asking()}>
        <ConfirmDialog
          title="Remove all finished sessions?"
          keepLabel="Keep"
          confirmLabel={busy() ? 'Removing…' : 'Remove'}
          busy={busy()}
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void removeAll()}
        >
          Their records are deleted, also those that are not listed. Active sessions stay.
        </ConfirmDialog>
      </Show>
    </section>
  );
}

/** No session yet: what one is, and the way to the first. */
function EmptyState(props: { onNew: () => void }) {
  return (
    <div data-component="sessions-empty">
      <p>
        A session gives a command short-lived cloud credentials of one of your identities: for the actions
        that you name, for the time that you choose. They are renewed while it lasts, and it can be ended at
        any moment.
      </p>
      <p>
        AWS, Google Cloud and Azure. Whether the cloud itself holds it to its actions is said before it is
        opened.
      </p>
      <Button look="primary" onClick={() => props.onNew()}>
        <Plus size={14} aria-hidden="true" />
        New session
      </Button>
    </div>
  );
}
