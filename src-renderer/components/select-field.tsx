import { createUniqueId, For, Show } from 'solid-js';
import './field.css';
import './select-field.css';

export interface SelectOption {
  value: string;
  label: string;
  /** Options with the same one stand together under it. */
  group?: string;
}

/** One of a list, with its label, its explanation and its error, tied together for assistive tools. */
export function SelectField(props: {
  label: string;
  value: string;
  options: readonly SelectOption[];
  onChange: (value: string) => void;
  /** Stands first, for "none of them yet" or "none at all". */
  empty?: string;
  description?: string | undefined;
  error?: string | null | undefined;
  disabled?: boolean;
  ref?: (element: HTMLSelectElement) => void;
}) {
  const id = createUniqueId();
  const groups = () => [...new Set(props.options.map(({ group }) => group))];
  const within = (group: string | undefined) => props.options.filter((option) => option.group === group);
  const described = () =>
    [props.description ? `${id}-description` : '', props.error ? `${id}-error` : '']
      .filter(Boolean)
      .join(' ');
  const list = (options: readonly SelectOption[]) => (
    <For each={options}>
      {(option) => (
        <option value={option.value} selected={option.value === props.value}>
          {option.label}
        </option>
      )}
    </For>
  );
  return (
    <div data-component="select-field">
      <label data-component="field-label" for={id}>
        {props.label}
      </label>
      <Show when={props.description}>
        <p data-component="field-description" id={`${id}-description`}>
          {props.description}
        </p>
      </Show>
      <select
        id={id}
        disabled={props.disabled}
        aria-invalid={props.error ? 'true' : undefined}
        aria-describedby={described() || undefined}
        ref={(element) => props.ref?.(element)}
        onChange={(event) => props.onChange(event.currentTarget.value)}
      >
        <Show when={props.empty !== undefined}>
          <option value="" selected={props.value === ''}>
            {props.empty}
          </option>
        </Show>
        <For each={groups()}>
          {(group) => (
            <Show when={group} fallback={list(within(undefined))}>
              <optgroup label={group}>{list(within(group))}</optgroup>
            </Show>
          )}
        </For>
      </select>
      <Show when={props.error}>
        <p data-component="field-error" role="alert" id={`${id}-error`}>
          {props.error}
        </p>
      </Show>
    </div>
  );
}
