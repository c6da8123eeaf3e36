import RefreshCw from 'lucide-solid/icons/refresh-cw';
import { createMemo, createSignal, For, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { ProblemList } from '../components/problems.tsx';
import { matches } from '../programs/program-words.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { IssuerDialog } from './issuer-dialog.tsx';
import { ProviderRow } from './provider-row.tsx';
import './providers-section.css';

export function ProvidersSection() {
  const app = useApp();
  const [looking, setLooking] = createSignal(false);
  const [typed, setTyped] = createSignal('');
  const [adding, setAdding] = createSignal(false);
  const shown = createMemo(() => app.state.providers.filter((provider) => matches(provider, typed())));
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
        <div data-component="providers-tools">
          <Field
            label="Filter providers"
            labelHidden
            placeholder="Filter"
            value={typed()}
            onChange={setTyped}
          />
          <Button size="small" onClick={() => setAdding(true)}>
            Add an issuer
          </Button>
          <Button size="small" onClick={() => void refresh()}>
            <RefreshCw size={13} aria-hidden="true" />
            Look again
          </Button>
        </div>
      </div>
      <Show
        when={shown().length > 0}
        fallback={<p data-component="settings-note">No provider is called that.</p>}
      >
        <ul data-component="settings-list" aria-label="Providers">
          <For each={shown()}>{(provider) => <ProviderRow provider={provider} />}</For>
        </ul>
      </Show>
      <Show when={app.state.providerProblems.length > 0}>
        <h3 data-component="settings-subtitle">Your own provider files that could not be read</h3>
        <ProblemList problems={app.state.providerProblems} />
      </Show>
      <Show when={adding()}>
        <IssuerDialog onClose={() => setAdding(false)} />
      </Show>
    </section>
  );
}
