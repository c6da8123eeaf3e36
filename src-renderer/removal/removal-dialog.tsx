// The parts by themselves, see components/confirm-dialog.tsx.
import * as AlertDialog from '@kobalte/core/alert-dialog';
import Check from 'lucide-solid/icons/check';
import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { createResource, createSignal, For, Show } from 'solid-js';
import type { RemovalPlan, RemovalReport } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { principalName } from '../sessions/session-words.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import './removal-dialog.css';
import type { RemovalRequest } from './removal-requests.ts';
import { accountName, keptForToolsText, listed, plannedText, stepText, wentWell } from './removal-words.ts';

/**
 * I-11: says what would go and what uses it, takes it away when told so, and stays to say what became of it where that is
 * worth reading. Focus starts on the way out, Esc takes it.
 */
export function RemovalDialog(props: { request: RemovalRequest; onClose: () => void }) {
  const { request } = props;
  const app = useApp();
  const [plan] = createResource(async () => ask(request.plan()));
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [report, setReport] = createSignal<RemovalReport | null>(null);
  let keep: HTMLButtonElement | undefined;

  const name = (providerId: string) =>
    app.state.providers.find(({ id }) => id === providerId)?.name ?? providerId;
  const planned = () => {
    const reply = plan();
    return reply?.ok ? reply.value : undefined;
  };
  const trouble = () => {
    const reply = plan();
    return failure() ?? (reply && !reply.ok ? reply.failure : null);
  };

  const remove = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const reply = await ask(request.remove());
    setBusy(false);
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else finish(reply.value.report);
  };
  const finish = (done: RemovalReport) => {
    setReport(done);
    if (request.isWorthReading(done)) {
      app.announce(request.doneTitle);
      return;
    }
    app.showNote({ text: request.note(done) });
    props.onClose();
  };
  const leave = () => {
    if (!busy()) props.onClose();
  };

  return (
    <AlertDialog.Root open preventScroll={false} onOpenChange={(open) => !open && leave()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <AlertDialog.Content
            data-component="confirm-dialog"
            data-wide=""
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              setTimeout(() => keep?.focus());
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              // What was pressed may be gone with what it was about.
              if (!report() && request.opener?.isConnected) request.opener.focus();
              else document.getElementById('page-title')?.focus();
            }}
          >
            <AlertDialog.Title data-component="dialog-title">
              {report() ? request.doneTitle : request.title}
            </AlertDialog.Title>
            <AlertDialog.Description as="div" data-component="confirm-text">
              <Show
                when={report()}
                fallback={
                  <Show when={planned()} fallback={<p>Looking at what uses it…</p>}>
                    {(shown) => <Plan plan={shown()} emptyText={request.emptyText} name={name} />}
                  </Show>
                }
              >
                {(shown) => <Report report={shown()} name={name} />}
              </Show>
            </AlertDialog.Description>
            <Show when={trouble()}>{(shown) => <FailureNote failure={shown()} />}</Show>
            <div data-component="confirm-actions">
              <Show
                when={report()}
                fallback={
                  <>
                    <Button
                      ref={(element) => {
                        keep = element;
                      }}
                      disabled={busy()}
                      onClick={leave}
                    >
                      {request.keepLabel}
                    </Button>
                    {/* Not disabled while it runs: it has the focus. */}
                    <Button
                      look="danger"
                      aria-disabled={busy() ? 'true' : undefined}
                      onClick={() => void remove()}
                    >
                      {busy() ? request.busyLabel : request.confirmLabel}
                    </Button>
                  </>
                }
              >
                <Button
                  look="primary"
                  ref={(element) => queueMicrotask(() => element.focus())}
                  onClick={leave}
                >
                  Done
                </Button>
              </Show>
            </div>
          </AlertDialog.Content>
        </div>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Plan(props: { plan: RemovalPlan; emptyText: string; name: (providerId: string) => string }) {
  const nothing = () => props.plan.removed.length + props.plan.kept.length === 0;
  return (
    // Reached by Tab, because it scrolls when there is much in it.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section data-component="removal-list" aria-label="What happens" tabIndex={0}>
      <Show when={nothing()}>
        <p>{props.emptyText}</p>
      </Show>
      <Show when={props.plan.removed.length > 0}>
        <h3>Goes</h3>
        <ul>
          <For each={props.plan.removed}>
            {(account) => (
              <li>
                <strong>{accountName(props.name(account.providerId), account.label)}</strong>
                <span>
                  {` ${plannedText(props.name(account.providerId), account)}.`}
                  <Show when={account.usedBy.length > 1}>{` ${listed(account.usedBy)} lose it.`}</Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.plan.kept.length > 0}>
        <h3>Stays</h3>
        <ul>
          <For each={props.plan.kept}>
            {(account) => (
              <li>
                <strong>{accountName(props.name(account.providerId), account.label)}</strong>
                {`, because ${listed(account.keptBy)} ${account.keptBy.length === 1 ? 'uses' : 'use'} it.`}
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={props.plan.keptForTools > 0}>
        <p>{keptForToolsText(props.plan.keptForTools)}</p>
      </Show>
      <Users plan={props.plan} name={props.name} />
    </section>
  );
}

/** What uses the accounts now. */
function Users(props: { plan: RemovalPlan; name: (providerId: string) => string }) {
  const { signIns, cloudSessions, processes } = props.plan;
  const uses = signIns.length + cloudSessions.length + processes.list.length;
  const shown = () => uses > 0 || (!processes.known && props.plan.removed.length > 0);
  return (
    <Show when={shown()}>
      <h3>Runs now</h3>
      <ul>
        <For each={signIns}>
          {({ providerId }) => <li>{`The sign-in to ${props.name(providerId)} is ended.`}</li>}
        </For>
        <For each={cloudSessions}>
          {({ principal, running }) => (
            <li>
              {'The cloud session '}
              <strong>{principalName(principal)}</strong>
              {` is revoked${running === 0 ? '' : `, and what runs under it (${running}) is ended`}.`}
            </li>
          )}
        </For>
        <For each={processes.list}>
          {({ pid, name }) => (
            <li>
              <strong>{name}</strong>
              {` (process ${pid}) was started with it and goes on, without its login.`}
            </li>
          )}
        </For>
        <Show when={!processes.known}>
          <li>Which programs run with it is not known on this system.</li>
        </Show>
      </ul>
    </Show>
  );
}

function Report(props: { report: RemovalReport; name: (providerId: string) => string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section data-component="removal-list" aria-label="What happened" tabIndex={0}>
      <For each={props.report.removed}>
        {(account) => (
          <>
            <h3>{accountName(props.name(account.providerId), account.label)}</h3>
            <ul>
              <For each={account.steps}>
                {(step) => (
                  <li data-component="removal-step" data-tone={wentWell(step) ? 'ok' : 'warn'}>
                    <Show when={wentWell(step)} fallback={<TriangleAlert size={14} aria-hidden="true" />}>
                      <Check size={14} aria-hidden="true" />
                    </Show>
                    <span>
                      <Show when={!wentWell(step)}>
                        <span data-component="visually-hidden">Did not work: </span>
                      </Show>
                      {stepText(props.name(account.providerId), step)}
                    </span>
                  </li>
                )}
              </For>
            </ul>
          </>
        )}
      </For>
      <For each={props.report.kept}>
        {(account) => (
          <p>
            {`${accountName(props.name(account.providerId), account.label)} stays with ${listed(account.keptBy)}.`}
          </p>
        )}
      </For>
    </section>
  );
}
