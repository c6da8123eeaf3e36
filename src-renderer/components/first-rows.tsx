import { createEffect, createMemo, createSignal, Show } from 'solid-js';
import { Button } from './button.tsx';
import './first-rows.css';
import { inPortions } from './in-portions.ts';

const first = 30;

/** A long list of rows with menus and fields in them, which cost too much to be made before somebody wants to see them. */
export interface FirstRows<T> {
  rows: () => readonly T[];
  /** How many there are, the ones not shown included. */
  count: () => number;
  complete: () => boolean;
  /** From now on every row is shown; they come while the window has nothing better to do. */
  showAll: () => void;
}

export function firstRows<T>(items: () => readonly T[]): FirstRows<T> {
  const [all, setAll] = createSignal(false);
  const complete = () => all() || items().length <= first;
  return {
    rows: inPortions(
      createMemo(() => (complete() ? items() : items().slice(0, first))),
      first,
    ),
    count: () => items().length,
    complete,
    showAll: () => setAll(true),
  };
}

/** Stands under the first rows of a list while there are more. The focus goes on to the first row that was not there. */
export function ShowAllRows(props: { of: FirstRows<unknown>; list: () => HTMLElement | undefined }) {
  let focusNext: number | null = null;
  createEffect(() => {
    const shown = props.of.rows().length;
    if (focusNext === null || shown <= focusNext) return;
    const row = props.list()?.children[focusNext];
    focusNext = null;
    row?.querySelector<HTMLElement>('button, input, select')?.focus();
  });
  const showAll = () => {
    focusNext = props.of.rows().length;
    props.of.showAll();
  };
  return (
    <Show when={!props.of.complete()}>
      <div data-component="show-all-rows">
        <Button size="small" look="quiet" onClick={showAll}>
          {`Show all ${props.of.count().toLocaleString('en')}`}
        </Button>
      </div>
    </Show>
  );
}
