import RefreshCw from 'lucide-solid/icons/refresh-cw';
import { createResource, createSignal, For, Match, Show, Switch } from 'solid-js';
import type { BundleView, Failure, ProviderView } from '../../src-preload/contract.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { BundleName } from '../components/bundle-name.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { InstallCommand } from '../components/install-command.tsx';
import { ProblemList } from '../components/problems.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { NewBundleDialog } from '../rail/new-bundle-dialog.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { ownBundles } from '../state/model.ts';
import './settings-page.css';

export function SettingsPage() {
  return (
    <div data-component="settings">
      <h1 id="page-title" data-component="page-title" tabIndex={-1}>
        Settings
      </h1>
      <Bundles />
      <Providers />
      <About />
    </div>
  );
}

function Bundles() {
  const app = useApp();
  const [naming, setNaming] = createSignal(false);
  return (
    <section aria-labelledby="settings-bundles">
      <div data-component="settings-head">
        <h2 data-component="section-title" id="settings-bundles">
          Identities
        </h2>
        <Button size="small" onClick={() => setNaming(true)}>
          New identity
        </Button>
      </div>
      <Show
        when={ownBundles(app.state).length > 0}
        fallback={<p data-component="settings-note">None yet. Connecting an account makes one.</p>}
      >
        <ul data-component="settings-list">
          <For each={ownBundles(app.state)}>{(bundle) => <BundleRow bundle={bundle} />}</For>
        </ul>
      </Show>
      <Show when={app.state.bundleProblems.length > 0}>
        <h3 data-component="settings-subtitle">Set aside because they could not be read</h3>
        <ProblemList problems={app.state.bundleProblems} />
      </Show>
      <Show when={naming()}>
        <NewBundleDialog onClose={() => setNaming(false)} />
      </Show>
    </section>
  );
}

function BundleRow(props: { bundle: BundleView }) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const count = () => props.bundle.accounts.length;
  const remove = async () => {
    setBusy(true);
    setFailure(await attempt(app.bridge.bundles.delete({ bundleId: props.bundle.id })));
    setBusy(false);
    if (failure()) return;
    setAsking(false);
    app.announce(`${props.bundle.name} was deleted.`);
    document.getElementById('page-title')?.focus();
  };
  return (
    <li>
      <BundleDot bundle={props.bundle} />
      <div data-component="settings-main">
        <BundleName bundle={props.bundle}>
          <span data-component="settings-name">{props.bundle.name}</span>
        </BundleName>
      </div>
      <Show
        when={count() === 0}
        fallback={<small>{count() === 1 ? '1 account' : `${count()} accounts`}</small>}
      >
        <Button
          size="small"
          look="quiet"
          aria-label={`Delete ${props.bundle.name}`}
          onClick={() => {
            setFailure(null);
            setAsking(true);
          }}
        >
          Delete
        </Button>
      </Show>
      <Show when={asking()}>
        <ConfirmDialog
          title={`Delete ${props.bundle.name}?`}
          keepLabel="Keep"
          confirmLabel="Delete"
          busy={busy()}
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void remove()}
        >
          It holds no accounts. This cannot be undone.
        </ConfirmDialog>
      </Show>
    </li>
  );
}

function Providers() {
  const app = useApp();
  const [looking, setLooking] = createSignal(false);
  const refresh = async () => {
    if (looking()) return;
    setLooking(true);
    await ask(app.bridge.providers.refresh());
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

function About() {
  const app = useApp();
  const [info] = createResource(async () => {
    const reply = await ask(app.bridge.app.info());
    return reply.ok ? reply.value : null;
  });
  return (
    <section aria-labelledby="settings-about">
      <h2 data-component="section-title" id="settings-about">
        About
      </h2>
      <Show when={info()}>
        {(known) => (
          <>
            <Show when={known().developmentRuntime}>
              <p data-component="settings-warning">Development runtime, not for real accounts.</p>
            </Show>
            <dl data-component="settings-facts">
              <dt>Lanyard</dt>
              <dd>{known().version}</dd>
              <dt>Electron</dt>
              <dd>{known().electron}</dd>
              <dt>Chromium</dt>
              <dd>{known().chromium}</dd>
              <dt>Node</dt>
              <dd>{known().node}</dd>
              <dt>System</dt>
              <dd>{known().platform}</dd>
              <dt>Data</dt>
              <dd>
                <code>{known().dataDirectory}</code>
              </dd>
            </dl>
          </>
        )}
      </Show>
    </section>
  );
}
