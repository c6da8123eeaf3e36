import RefreshCw from 'lucide-solid/icons/refresh-cw';
import { createSignal, For, Match, Show, Switch } from 'solid-js';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import { Button } from '../components/button.tsx';
import { InstallCommand } from '../components/install-command.tsx';
import { ProblemList } from '../components/problems.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';

export function ProvidersSection() {
  const app = useApp();
  const [looking, setLooking] = createSignal(false);
  const refresh = async () => {
    if (looking()) return;
    setLooking(true);
    await ask(app.bridge.providers.refresh({ askVersions: true }));
    setLooking(false);
    app.announce('Looked for the programs again.');
  };
  return (
    <section aria-labelledby="settings-providers">
      <div data-component="settings-head">
        <h2 data-component="section-title" id="settings-providers">
          Providers
        </h2>
        <Button size="small" onClick={() => void refresh()}>
          <RefreshCw size={13} aria-hidden="true" />
          Look again
        </Button>
      </div>
      <ul data-component="settings-list">
        <For each={app.state.providers}>{(provider) => <ProviderRow provider={provider} />}</For>
      </ul>
      <Show when={app.state.providerProblems.length > 0}>
        <h3 data-component="settings-subtitle">Your own provider files that could not be read</h3>
        <ProblemList problems={app.state.providerProblems} />
      </Show>
    </section>
  );
}

function ProviderRow(props: { provider: ProviderView }) {
  const found = () => (props.provider.program.state === 'found' ? props.provider.program : undefined);
  const missing = () => (props.provider.program.state === 'missing' ? props.provider.program : undefined);
  return (
    <li>
      <ProviderMark mark={props.provider.mark} small />
      <div data-component="settings-main">
        <span data-component="settings-name">
          {props.provider.name}
          <Show when={props.provider.origin === 'user'}>
            <small>your own</small>
          </Show>
        </span>
        <Switch fallback={<small>Looking for it…</small>}>
          <Match when={found()}>{(program) => <code>{program().path}</code>}</Match>
          <Match when={props.provider.program.state === 'not-needed'}>
            <small>An API key, no program needed</small>
          </Match>
          <Match when={missing()}>
            {(program) => (
              <>
                <small>Not installed</small>
                <Show when={program().installCommand}>
                  {(command) => (
                    <InstallCommand
                      providerId={props.provider.id}
                      providerName={props.provider.name}
                      command={command()}
                    />
                  )}
                </Show>
              </>
            )}
          </Match>
        </Switch>
      </div>
      <small>{triedText(props.provider.verified)}</small>
    </li>
  );
}

function triedText(verified: string): string {
  if (verified === 'unverified') return 'Not tried';
  return verified === 'built in' ? 'Built in' : `Tried with ${verified}`;
}
