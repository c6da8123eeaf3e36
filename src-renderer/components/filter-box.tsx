import { createEffect, on } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { Field } from './field.tsx';

/** A box that narrows a list down while one types; Esc empties it, the down arrow goes on to the list. */
export function FilterBox(props: {
  label: string;
  value: string;
  /** How many rows are left, which is read out. */
  found: number;
  onChange: (value: string) => void;
  onDown: () => void;
}) {
  const app = useApp();
  createEffect(
    on(
      () => [props.value, props.found] as const,
      ([value, found]) => {
        if (value.trim() !== '') app.announce(found === 1 ? '1 found' : `${found} found`);
      },
      { defer: true },
    ),
  );
  return (
    <Field
      label={props.label}
      labelHidden
      placeholder="Filter"
      value={props.value}
      onChange={props.onChange}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && props.value !== '') {
          event.stopPropagation();
          props.onChange('');
        } else if (event.key === 'ArrowDown') {
          event.preventDefault();
          props.onDown();
        }
      }}
    />
  );
}
