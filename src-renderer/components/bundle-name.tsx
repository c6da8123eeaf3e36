import Pencil from 'lucide-solid/icons/pencil';
import { createSignal, type JSX, Show } from 'solid-js';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { IconButton } from './button.tsx';
import './bundle-name.css';
import { Field } from './field.tsx';

/** A bundle's name that can be changed where it stands: Enter or leaving the box saves, Esc takes it back. */
export function BundleName(props: {
  bundle: Pick<BundleView, 'id' | 'name'>;
  /** How the name is drawn when it is not being changed. */
  children: JSX.Element;
}) {
  const app = useApp();
  const [draft, setDraft] = createSignal<string | null>(null);
  const [error, setError] = createSignal<string | null>(null);
  let pencil: HTMLButtonElement | undefined;
  let saving = false;

  const stop = (returnFocus: boolean) => {
    setDraft(null);
    setError(null);
    if (returnFocus) queueMicrotask(() => pencil?.focus());
  };

  const save = async (returnFocus: boolean) => {
    const name = draft()?.trim();
    if (name === undefined || saving) return;
    if (name === props.bundle.name) {
      stop(returnFocus);
      return;
    }
    if (name === '') {
      setError('A name is needed.');
      return;
    }
    saving = true;
    const failure = await attempt(app.bridge.bundles.rename({ bundleId: props.bundle.id, name }));
    saving = false;
    if (failure) {
      setError(failure.title);
      return;
    }
    app.announce(`Renamed to ${name}.`);
    stop(returnFocus);
  };

  return (
    <span data-component="bundle-name">
      {/* Hidden from sight only: a page without its heading has no name. */}
      <span data-component={draft() === null ? 'bundle-name-text' : 'visually-hidden'}>{props.children}</span>
      <Show
        when={draft() !== null}
        fallback={
          <IconButton
            label={`Rename ${props.bundle.name}`}
            ref={(element) => {
              pencil = element;
            }}
            onClick={() => setDraft(props.bundle.name)}
          >
            <Pencil size={13} aria-hidden="true" />
          </IconButton>
        }
      >
        <span data-component="bundle-name-edit">
          <Field
            label="Name"
            labelHidden
            value={draft() ?? ''}
            error={error()}
            onChange={(value) => {
              setDraft(value);
              setError(null);
            }}
            ref={(element) => queueMicrotask(() => element.select())}
            onBlur={() => void save(false)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') {
                // Or the same Enter presses the pencil, which has the focus next.
                event.preventDefault();
                void save(true);
              } else if (event.key === 'Escape') {
                // The dialog around it, if any, must not close.
                event.stopPropagation();
                stop(true);
              }
            }}
          />
        </span>
      </Show>
    </span>
  );
}
