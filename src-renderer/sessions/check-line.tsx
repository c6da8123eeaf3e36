import { createUniqueId, Show } from 'solid-js';
import '../components/field.css';
import './new-session-sheet.css';

/** A box to tick, with what it means. */
export function CheckLine(props: {
  label: string;
  description?: string | undefined;
  checked: boolean;
  error?: string | undefined;
  onChange: (checked: boolean) => void;
}) {
  const id = createUniqueId();
  return (
    <div data-component="check-line">
      <input
        type="checkbox"
        id={id}
        checked={props.checked}
        aria-invalid={props.error ? 'true' : undefined}
        aria-describedby={`${id}-about`}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      <div>
        <label for={id}>{props.label}</label>
        <div id={`${id}-about`}>
          <Show when={props.description}>
            <small>{props.description}</small>
          </Show>
          <Show when={props.error}>
            <p data-component="field-error" role="alert">
              {props.error}
            </p>
          </Show>
        </div>
      </div>
    </div>
  );
}
