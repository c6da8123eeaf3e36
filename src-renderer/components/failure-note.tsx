import { Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import './failure-note.css';

/** What went wrong, why, and what to do, in the place where it went wrong. */
export function FailureNote(props: { failure: Failure; id?: string }) {
  return (
    <div data-component="failure-note" role="alert" id={props.id}>
      <p>
        <strong>{props.failure.title}</strong>
      </p>
      <Show when={props.failure.detail}>
        <p>{props.failure.detail}</p>
      </Show>
      <p>{props.failure.hint}</p>
    </div>
  );
}
