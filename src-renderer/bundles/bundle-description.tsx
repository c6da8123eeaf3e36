import { createSignal, Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import { Field } from '../components/field.tsx';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './bundle-description.css';

/** What a bundle is for, and while `editing` a box to change it: Enter or leaving the box saves, Esc takes it back. */
export function BundleDescription(props: {
  bundle: Pick<BundleSummary, 'id' | 'name' | 'description'>;
  editing: boolean;
  /** `returnFocus` where nothing else has taken it. */
  onStop: (returnFocus: boolean) => void;
}) {
  return (
    <Show
      when={props.editing}
      fallback={
        <Show when={props.bundle.description}>
          <p data-component="bundle-description">{props.bundle.description}</p>
        </Show>
      }
    >
      <DescriptionBox bundle={props.bundle} onStop={props.onStop} />
    </Show>
  );
}

function DescriptionBox(props: {
  bundle: Pick<BundleSummary, 'id' | 'name' | 'description'>;
  onStop: (returnFocus: boolean) => void;
}) {
  const app = useApp();
  const [draft, setDraft] = createSignal(props.bundle.description);
  const [error, setError] = createSignal<string | null>(null);
  let saving = false;
  const save = async (returnFocus: boolean) => {
    const description = draft().trim();
    if (saving) return;
    if (description === props.bundle.description) {
      props.onStop(returnFocus);
      return;
    }
    saving = true;
    const failure = await attempt(app.bridge.bundles.describe({ bundleId: props.bundle.id, description }));
    saving = false;
    if (failure) {
      setError(sentences(failure));
      return;
    }
    app.announce(description === '' ? 'Description removed.' : 'Description saved.');
    props.onStop(returnFocus);
  };
  return (
    <div data-component="bundle-description-edit">
      <Field
        label={`Description of ${props.bundle.name}`}
        labelHidden
        placeholder="What it is for"
        value={draft()}
        error={error()}
        onChange={(value) => {
          setDraft(value);
          setError(null);
        }}
        ref={(element) => queueMicrotask(() => element.focus())}
        onBlur={() => void save(false)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') {
            event.preventDefault();
            void save(true);
          } else if (event.key === 'Escape') {
            event.stopPropagation();
            // Leaving the box would save.
            saving = true;
            props.onStop(true);
          }
        }}
      />
    </div>
  );
}
