import { createUniqueId, For, Show } from 'solid-js';
import './segments.css';

/** A choice of a few things that are all on the screen: radio buttons that look like a row of buttons. */
export function Segments(props: {
  legend: string;
  legendHidden?: boolean;
  value: string;
  options: readonly { value: string; label: string; note?: string; disabled?: boolean }[];
  onChange: (value: string) => void;
  /** One below the other, with the notes at the end of the lines. */
  stacked?: boolean;
}) {
  const name = createUniqueId();
  return (
    <fieldset data-component="segments" data-stacked={props.stacked ? '' : undefined}>
      <legend data-component={props.legendHidden ? 'visually-hidden' : undefined}>{props.legend}</legend>
      <div>
        <For each={props.options}>
          {(option) => (
            <label>
              <input
                type="radio"
                name={name}
                value={option.value}
                checked={props.value === option.value}
                disabled={option.disabled}
                onChange={() => props.onChange(option.value)}
              />
              {option.label}
              <Show when={option.note}>
                <small>{option.note}</small>
              </Show>
            </label>
          )}
        </For>
      </div>
    </fieldset>
  );
}
