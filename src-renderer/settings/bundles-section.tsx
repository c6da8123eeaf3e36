import { createSignal, For, Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { BundleName } from '../components/bundle-name.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { ProblemList } from '../components/problems.tsx';
import { NewBundleDialog } from '../rail/new-bundle-dialog.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { ownBundles } from '../state/model.ts';

export function BundlesSection() {
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

function BundleRow(props: { bundle: BundleSummary }) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const count = () => props.bundle.accountCount;
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
