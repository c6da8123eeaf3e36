import { createSignal, For, onMount, Show } from 'solid-js';
import type { OtherHolder, RunningView } from '../../src-preload/contract/running.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { formatSpan } from '../format/time.ts';
import { LaunchTrouble } from '../launch/launch-trouble.tsx';
import { useApp } from '../state/app-context.tsx';
import { createClock } from '../state/clock.ts';
import './running-list.css';
import { hasOldLogin, loginText, originText } from './terminal-words.ts';

interface Ending {
  id: string;
  name: string;
}

/** everything that was started as an identity, whose login it has, and what no longer fits. */
export function RunningList() {
  const app = useApp();
  const { terminals } = app;
  const [ending, setEnding] = createSignal<Ending | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  onMount(() => terminals.refresh());
  const end = async ({ id, name }: Ending) => {
    setBusy(true);
    const stood = await terminals.end(id);
    setBusy(false);
    setFailure(stood);
    if (stood) return;
    setEnding(null);
    app.announce(`${name} was ended.`);
    // What was pressed is gone with its line.
    document.getElementById('page-title')?.focus();
  };
  const close = () => {
    setFailure(null);
    setEnding(null);
  };
  return (
    <div data-component="running-page">
      <Show
        when={terminals.programs().length > 0}
        fallback={
          <p data-component="running-empty">
            Nothing runs as an identity now. "Run as…" starts a shell or a command with the accounts of one;
            terminals that you open from an identity are listed here, too.
          </p>
        }
      >
        <ul data-component="running-list" aria-label="Running programs">
          <For each={terminals.programs()}>
            {(program) => <Program program={program} onEnd={(name) => setEnding({ id: program.id, name })} />}
          </For>
        </ul>
      </Show>
      <Show when={terminals.others().length > 0}>
        <Others others={terminals.others()} onEnd={setEnding} />
      </Show>
      <Show when={ending()}>
        {(shown) => (
          <ConfirmDialog
            title={`End ${shown().name}?`}
            keepLabel="Keep it running"
            confirmLabel="End it"
            busy={busy()}
            failure={failure()}
            onConfirm={() => void end(shown())}
            onKeep={close}
          >
            It is asked to end, with everything that it started; what has not ended after a second is stopped.
            What it has not saved is lost.
          </ConfirmDialog>
        )}
      </Show>
    </div>
  );
}

function Program(props: { program: RunningView; onEnd: (name: string) => void }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const now = createClock(() => true, 20_000);
  const old = () => hasOldLogin(props.program);
  const bundle = () => ({ colour: props.program.colour, name: props.program.bundleName, blank: false });
  const isTab = () => props.program.origin === 'tab';
  const facts = () =>
    [
      props.program.bundleGone ? 'a deleted identity' : null,
      originText(props.program.origin),
      `for ${formatSpan(now() - props.program.since)}`,
      `process ${props.program.pid}`,
    ]
      .filter((fact) => fact !== null)
      .join(', ');
  const nameOf = (providerId: string) =>
    app.state.providers.find(({ id }) => id === providerId)?.name ?? providerId;
  return (
    <li data-component="running-item" data-tone={old() ? 'bad' : undefined}>
      <div>
        <p data-component="running-name">
          <BundleDot bundle={bundle()} />
          <strong>{props.program.bundleName}</strong>
          <code>{props.program.command}</code>
        </p>
        <p>{facts()}</p>
        <ul data-component="running-logins">
          <For each={props.program.logins}>
            {(login) => (
              <li data-tone={login.state === 'same' ? undefined : 'bad'}>
                {loginText(login, nameOf(login.providerId))}
              </li>
            )}
          </For>
        </ul>
        <Show when={failure()}>
          {(shown) => <LaunchTrouble failure={shown()} bundleId={props.program.bundleId} />}
        </Show>
      </div>
      <div data-component="running-actions">
        <Show when={isTab()}>
          <Button
            size="small"
            aria-label={`Show ${props.program.command}`}
            onClick={() => {
              app.terminals.focusLater(props.program.id);
              app.terminals.show(props.program.id);
            }}
          >
            Show
          </Button>
        </Show>
        <Show when={isTab() && old() && !props.program.bundleGone}>
          <Button
            size="small"
            look="primary"
            aria-label={`Restart ${props.program.command} with the new login`}
            onClick={() => void app.terminals.restart(props.program.id).then(setFailure)}
          >
            Restart
          </Button>
        </Show>
        <Button
          size="small"
          look="danger"
          aria-label={`End ${props.program.command}`}
          onClick={() => props.onEnd(props.program.command)}
        >
          End
        </Button>
      </div>
    </li>
  );
}

function Others(props: { others: OtherHolder[]; onEnd: (ending: Ending) => void }) {
  return (
    <>
      <h2 data-component="section-title">Other programs with an old login</h2>
      <p data-component="running-empty">
        They were not started here, and have the directory of a login that was replaced or signed out.
      </p>
      <ul data-component="running-list" aria-label="Other programs with an old login">
        <For each={props.others}>
          {({ id, name, pid }) => (
            <li data-component="running-item" data-tone="bad">
              <p data-component="running-name">
                <code>{name}</code>
                {`process ${pid}`}
              </p>
              <div data-component="running-actions">
                <Button
                  size="small"
                  look="danger"
                  aria-label={`End ${name}, process ${pid}`}
                  onClick={() => props.onEnd({ id, name })}
                >
                  End
                </Button>
              </div>
            </li>
          )}
        </For>
      </ul>
    </>
  );
}
