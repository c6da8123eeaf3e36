import { For, Show } from 'solid-js';
import type { CloudName, EnforcementView } from '../../src-preload/contract/sessions.ts';
import './enforcement-note.css';
import { enforcementWords } from './session-words.ts';

/** C-11: whether the cloud holds a session to its actions, and what it leaves open, in words. */
export function EnforcementNote(props: { cloud: CloudName; enforcement: EnforcementView | undefined }) {
  const words = () => enforcementWords(props.cloud, props.enforcement);
  const gaps = () => props.enforcement?.gaps ?? [];
  return (
    <div data-component="enforcement-note">
      <span data-component="chip" data-tone={words().tone}>
        {words().text}
      </span>
      <p>{words().sentence}</p>
      <Show when={gaps().length > 0}>
        <ul>
          <For each={gaps()}>{(gap) => <li>{gap}</li>}</For>
        </ul>
      </Show>
    </div>
  );
}
