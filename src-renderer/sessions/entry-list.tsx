import Plus from 'lucide-solid/icons/plus';
import X from 'lucide-solid/icons/x';
import { createUniqueId, For, Index, Show } from 'solid-js';
import '../components/field.css';
import { Button, IconButton } from '../components/button.tsx';
import './entry-list.css';
import { type RowNote, splitPasted } from './session-draft.ts';

/**
 * A list of texts with a box for each, and what is said of each below it. Enter goes on to the next box, several
 * entries that are pasted get one each, Backspace in an empty one takes it away.
 */
export function EntryList(props: {
  legend: string;
  /** Of one box, before its number. */
  entryName: string;
  description?: string;
  placeholder?: string;
  rows: readonly string[];
  notes?: ReadonlyMap<number, RowNote>;
  /** What is said of the list as a whole. */
  whole?: readonly string[];
  onChange: (rows: string[]) => void;
}) {
  const id = createUniqueId();
  let list: HTMLDivElement | undefined;
  const note = (index: number) => props.notes?.get(index);
  const focusRow = (index: number) =>
    queueMicrotask(() => list?.querySelectorAll<HTMLInputElement>('input')[index]?.focus());
  const put = (index: number, count: number, ...rows: string[]) => {
    const next = props.rows.toSpliced(index, count, ...rows);
    props.onChange(next.length === 0 ? [''] : next);
  };
  const add = (index: number) => {
    put(index, 0, '');
    focusRow(index);
  };
  const remove = (index: number) => {
    put(index, 1);
    focusRow(Math.max(0, index - 1));
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    if (event.key === 'Enter') {
      // Or the form would be sent with half a list.
      event.preventDefault();
      if (index < props.rows.length - 1) focusRow(index + 1);
      else if ((props.rows[index] ?? '').trim() !== '') add(index + 1);
    } else if (event.key === 'Backspace' && props.rows[index] === '' && props.rows.length > 1) {
      event.preventDefault();
      remove(index);
    }
  };
  const onPaste = (event: ClipboardEvent, index: number) => {
    const pasted = splitPasted(event.clipboardData?.getData('text/plain') ?? '');
    if (pasted.length < 2 || (props.rows[index] ?? '') !== '') return;
    event.preventDefault();
    put(index, 1, ...pasted);
    focusRow(index + pasted.length - 1);
  };

  return (
    <fieldset data-component="entry-list" aria-describedby={props.description ? `${id}-about` : undefined}>
      <legend>{props.legend}</legend>
      <Show when={props.description}>
        <p data-component="field-description" id={`${id}-about`}>
          {props.description}
        </p>
      </Show>
      <div
        data-component="entry-rows"
        ref={(element) => {
          list = element;
        }}
      >
        <Index each={props.rows}>
          {(row, index) => (
            <div>
              <div data-component="field-line">
                <input
                  data-component="field-input"
                  data-mono=""
                  data-invalid={note(index)?.tone === 'bad' ? '' : undefined}
                  aria-label={`${props.entryName} ${index + 1}`}
                  aria-invalid={note(index)?.tone === 'bad' ? 'true' : undefined}
                  aria-describedby={note(index) ? `${id}-${index}` : undefined}
                  value={row()}
                  placeholder={index === 0 ? props.placeholder : undefined}
                  autocomplete="off"
                  autocapitalize="off"
                  spellcheck={false}
                  onInput={(event) => put(index, 1, event.currentTarget.value)}
                  on:keydown={(event: KeyboardEvent) => onKey(event, index)}
                  onPaste={(event) => onPaste(event, index)}
                />
                <Show when={props.rows.length > 1}>
                  <IconButton
                    label={`Remove ${props.entryName.toLowerCase()} ${index + 1}`}
                    onClick={() => remove(index)}
                  >
                    <X size={14} aria-hidden="true" />
                  </IconButton>
                </Show>
              </div>
              <Show when={note(index)}>
                {(shown) => (
                  <p data-component="entry-note" data-tone={shown().tone} id={`${id}-${index}`}>
                    {shown().text}
                  </p>
                )}
              </Show>
            </div>
          )}
        </Index>
      </div>
      <For each={props.whole}>{(text) => <p data-component="field-error">{text}</p>}</For>
      <Button size="small" look="quiet" onClick={() => add(props.rows.length)}>
        <Plus size={13} aria-hidden="true" />
        {`Add ${props.entryName.toLowerCase()}`}
      </Button>
    </fieldset>
  );
}
