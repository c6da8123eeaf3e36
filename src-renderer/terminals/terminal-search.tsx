import ChevronDown from 'lucide-solid/icons/chevron-down';
import ChevronUp from 'lucide-solid/icons/chevron-up';
import X from 'lucide-solid/icons/x';
import { createSignal, onMount } from 'solid-js';
import { IconButton } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import type { Direction } from './terminal-screen.tsx';
import './terminal-search.css';

/** Finds text in a terminal: Enter goes on, Shift+Enter goes back, Esc ends it. */
export function TerminalSearch(props: {
  results: { count: number; index: number } | null;
  onFind: (text: string, direction: Direction, incremental: boolean) => void;
  onClose: () => void;
}) {
  const [text, setText] = createSignal('');
  let input: HTMLInputElement | undefined;
  onMount(() => setTimeout(() => input?.focus()));
  const found = () => {
    const { results } = props;
    if (text() === '' || !results) return '';
    if (results.count === 0) return 'Not found';
    return results.index < 0 ? `${results.count} found` : `${results.index + 1} of ${results.count}`;
  };
  return (
    <search data-component="terminal-search">
      <Field
        label="Find in this terminal"
        labelHidden
        placeholder="Find"
        value={text()}
        onChange={(value) => {
          setText(value);
          // The last lines are what one looks at, so it goes from the end upwards.
          props.onFind(value, 'previous', true);
        }}
        ref={(element) => {
          input = element;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') props.onFind(text(), event.shiftKey ? 'next' : 'previous', false);
          else if (event.key === 'Escape') props.onClose();
          else return;
          event.preventDefault();
        }}
      />
      <span role="status">{found()}</span>
      <IconButton label="Find further up" onClick={() => props.onFind(text(), 'previous', false)}>
        <ChevronUp size={15} aria-hidden="true" />
      </IconButton>
      <IconButton label="Find further down" onClick={() => props.onFind(text(), 'next', false)}>
        <ChevronDown size={15} aria-hidden="true" />
      </IconButton>
      <IconButton label="End the search" onClick={() => props.onClose()}>
        <X size={15} aria-hidden="true" />
      </IconButton>
    </search>
  );
}
