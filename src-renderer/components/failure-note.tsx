import { Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Disclosure } from './disclosure.tsx';
import './failure-note.css';

/**
 * What went wrong, why, and what to do, in the place where it went wrong. With `foldDetail` the why is opened when
 * somebody wants it: words of a system that help few.
 */
export function FailureNote(props: { failure: Failure; id?: string; foldDetail?: boolean }) {
  return (
    <div data-component="failure-note" role="alert" id={props.id}>
      <p>
        <strong>{props.failure.title}</strong>
      </p>
      <Show when={!props.foldDetail && props.failure.detail}>
        <p>{props.failure.detail}</p>
      </Show>
      <p>{props.failure.hint}</p>
      <Show when={props.foldDetail && props.failure.detail}>
        {(detail) => <Disclosure label="Details">{detail()}</Disclosure>}
      </Show>
    </div>
  );
}
