import * as Dialog from '@kobalte/core/dialog';
import X from 'lucide-solid/icons/x';
import { createEffect, createResource, createSignal, createUniqueId, For, on, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button, IconButton } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { Field } from '../components/field.tsx';
import { LaunchTrouble } from '../launch/launch-trouble.tsx';
import { openTerminal } from '../launch/open-terminal.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { ownBundles, shownBundle } from '../state/model.ts';
import './run-dialog.css';
import type { RunRequest } from './terminals-state.ts';

/** Starts a shell or a command as an identity: in a tab, or in the terminal that the person uses otherwise. */
export function RunDialog(props: { request: RunRequest; onClose: () => void }) {
  const app = useApp();
  const { request } = props;
  const keepId = createUniqueId();
  const selectId = createUniqueId();
  const start = request.bundleId ?? shownBundle(app.state)?.id ?? app.state.defaultBundleId ?? '';
  const [bundleId, setBundleId] = createSignal(
    ownBundles(app.state).some(({ id }) => id === start) ? start : (ownBundles(app.state)[0]?.id ?? ''),
  );
  const [command, setCommand] = createSignal(request.command ?? '');
  const [keep, setKeep] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [kept, { refetch }] = createResource(bundleId, async (id) => {
    const reply = await ask(app.bridge.terminals.commands({ bundleId: id }));
    return reply.ok ? reply.value.commands : [];
  });
  const opener = document.activeElement;
  let input: HTMLInputElement | undefined;
  let started = false;
  const bundle = () => app.state.bundles.find(({ id }) => id === bundleId());
  createEffect(on([bundleId, command], () => setFailure(null), { defer: true }));

  const act = async (work: () => Promise<Failure | null>) => {
    if (busy()) return;
    setBusy(true);
    const stood = await work();
    setBusy(false);
    setFailure(stood);
    if (stood) return;
    started = true;
    props.onClose();
  };
  const run = (line: string) => act(() => app.terminals.start(bundleId(), line.trim(), keep()));
  const forget = async (line: string) => {
    const stood = await attempt(app.bridge.terminals.forgetCommand({ bundleId: bundleId(), command: line }));
    setFailure(stood);
    await refetch();
    if (!stood) app.announce('Removed.');
    input?.focus();
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            data-width="run"
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              input?.focus();
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              // The terminal takes it.
              if (!started && opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
          >
            <Dialog.Title data-component="dialog-title">
              {request.bundleId === null ? 'Run as…' : `Run as ${bundle()?.name ?? ''}`}
            </Dialog.Title>
            <form
              data-component="dialog-form"
              novalidate
              onSubmit={(event) => {
                event.preventDefault();
                void run(command());
              }}
            >
              <Show when={request.bundleId === null}>
                <div data-component="field">
                  <label data-component="field-label" for={selectId}>
                    Identity
                  </label>
                  <select
                    id={selectId}
                    data-component="field-input"
                    value={bundleId()}
                    onChange={(event) => setBundleId(event.currentTarget.value)}
                  >
                    <For each={ownBundles(app.state)}>
                      {({ id, name }) => <option value={id}>{name}</option>}
                    </For>
                  </select>
                </div>
              </Show>
              <Field
                label="Command"
                description="One line for your own shell. Leave it empty for the shell itself."
                mono
                value={command()}
                onChange={setCommand}
                ref={(element) => {
                  input = element;
                }}
              />
              <Show when={command().trim() !== ''}>
                <div data-component="keep-command">
                  <input
                    type="checkbox"
                    id={keepId}
                    checked={keep()}
                    onChange={(event) => setKeep(event.currentTarget.checked)}
                  />
                  <label for={keepId}>Keep this command for next time</label>
                </div>
              </Show>
              <Show when={(kept.latest ?? []).length > 0}>
                <ul data-component="kept-commands" aria-label="Kept commands">
                  <For each={kept.latest}>
                    {(line) => (
                      <li>
                        <button type="button" aria-label={`Run ${line}`} onClick={() => void run(line)}>
                          <code>{line}</code>
                        </button>
                        <IconButton label={`Remove ${line}`} onClick={() => void forget(line)}>
                          <X size={13} aria-hidden="true" />
                        </IconButton>
                      </li>
                    )}
                  </For>
                </ul>
              </Show>
              <Show when={failure()}>
                {(shown) => (
                  <LaunchTrouble failure={shown()} bundleId={bundleId()} onConnect={() => props.onClose()} />
                )}
              </Show>
              <div data-component="confirm-actions">
                <Button onClick={() => props.onClose()}>Cancel</Button>
                <Show when={command().trim() === ''}>
                  <Button onClick={() => void act(() => openTerminal(app, bundleId()))}>
                    Open in my terminal
                  </Button>
                </Show>
                {/* Not disabled while it starts: it has the focus. */}
                <Button look="primary" type="submit" aria-disabled={busy() ? 'true' : undefined}>
                  {command().trim() === '' ? 'Terminal here' : 'Run here'}
                </Button>
              </div>
            </form>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
