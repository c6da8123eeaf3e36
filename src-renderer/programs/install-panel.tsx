import X from 'lucide-solid/icons/x';
import { createEffect, createSignal, Match, on, Show, Switch } from 'solid-js';
import type { Install } from '../../src-preload/contract/programs.ts';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button, IconButton } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { InstallCommand } from '../components/install-command.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './install-panel.css';

/**
 * Installs a provider's program, or brings Lanyard's copy up to date: the button, what npm says while it runs, and how it
 * ended. Where Lanyard cannot install it, the command to copy.
 */
export function InstallPanel(props: {
  provider: ProviderView;
  /** What the button is for. */
  action: 'Install' | 'Update';
  /** The command by hand; absent where none is known. */
  command: string | undefined;
  installable: boolean;
  look?: 'primary' | 'plain';
}) {
  const app = useApp();
  const [refused, setRefused] = createSignal<Failure | null>(null);
  const [element, setElement] = createSignal<HTMLElement>();
  const install = () => app.state.installs[props.provider.id];
  const start = async () => {
    setRefused(await attempt(app.bridge.providers.install({ providerId: props.provider.id })));
  };
  const failed = () => {
    const ended = install();
    return ended?.status === 'failed' ? ended.failure : undefined;
  };
  // The button that had the focus is gone with each change: the next one takes it.
  createEffect(
    on(
      () => install()?.status,
      () => {
        const panel = element();
        const active = document.activeElement;
        // A dialog takes the focus that nothing else has.
        const adrift = active === null || (active !== panel && active.contains(panel ?? null));
        if (adrift) panel?.querySelector<HTMLElement>('button')?.focus();
      },
      { defer: true },
    ),
  );
  return (
    <div data-component="install-panel" ref={setElement}>
      <Switch
        fallback={
          <>
            <Show when={failed()}>{(failure) => <FailureNote failure={failure()} />}</Show>
            <Show when={failed() && install()}>{(ended) => <Output install={ended()} />}</Show>
            <Show when={refused()}>{(failure) => <FailureNote failure={failure()} />}</Show>
            <Show when={props.installable}>
              <div data-component="install-start">
                <Button
                  look={props.look ?? 'plain'}
                  data-step-focus={props.look === 'primary' ? '' : undefined}
                  onClick={() => void start()}
                >
                  {failed() ? `${props.action} again` : props.action}
                  <span data-component="visually-hidden"> ({props.provider.name})</span>
                </Button>
                <small>
                  npm puts it into a folder of Lanyard's own: no administrator, and nothing else on this
                  computer changes.
                </small>
              </div>
            </Show>
            <Show when={props.command}>
              {(command) => (
                <div data-component="install-by-hand">
                  <small>{props.installable ? 'Or by yourself, in a terminal:' : 'In a terminal:'}</small>
                  <InstallCommand
                    providerId={props.provider.id}
                    providerName={props.provider.name}
                    command={command()}
                  />
                </div>
              )}
            </Show>
          </>
        }
      >
        <Match when={install()?.status === 'running' && install()}>
          {(running) => <Running install={running()} name={props.provider.name} />}
        </Match>
        <Match when={install()?.status === 'succeeded' && install()}>
          {(done) => (
            <div data-component="install-done">
              <span>
                {props.provider.name} {done().version} was installed.
              </span>
              <IconButton
                label={`Dismiss: ${props.provider.name} was installed`}
                onClick={() => {
                  void app.bridge.providers.dismissInstall({ providerId: props.provider.id });
                  document.getElementById(`details-of-${props.provider.id}`)?.focus();
                }}
              >
                <X size={13} aria-hidden="true" />
              </IconButton>
            </div>
          )}
        </Match>
      </Switch>
    </div>
  );
}

function Running(props: { install: Install; name: string }) {
  const app = useApp();
  const [cancelling, setCancelling] = createSignal(false);
  const seconds = () => Math.max(0, Math.floor((app.now() - props.install.startedAt) / 1000));
  const cancel = async () => {
    setCancelling(true);
    await attempt(app.bridge.providers.cancelInstall({ providerId: props.install.providerId }));
  };
  return (
    <>
      <div data-component="install-running">
        <progress aria-label={`Installing ${props.name}`} />
        <span>
          {cancelling() ? 'Cancelling' : 'Installing'} {props.name}, {seconds()} s so far
        </span>
        <Button
          size="small"
          disabled={cancelling()}
          aria-label={`Cancel the installation of ${props.name}`}
          onClick={() => void cancel()}
        >
          Cancel
        </Button>
      </div>
      <code data-component="install-running-command">{props.install.command}</code>
      <Output install={props.install} />
    </>
  );
}

/** What npm said. Follows it while it stands at the end. */
function Output(props: { install: Install }) {
  let box: HTMLElement | undefined;
  createEffect(
    on(
      () => props.install.lines,
      () => {
        if (box) box.scrollTop = box.scrollHeight;
      },
    ),
  );
  const text = () => [
    ...(props.install.dropped > 0 ? [`… ${props.install.dropped} lines left out …`] : []),
    ...props.install.lines,
  ];
  return (
    <section
      data-component="install-output"
      aria-label="What npm says"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable from the keyboard
      tabIndex={0}
      ref={(element) => {
        box = element;
      }}
    >
      <pre>{text().length === 0 ? 'Nothing yet.' : text().join('\n')}</pre>
    </section>
  );
}
