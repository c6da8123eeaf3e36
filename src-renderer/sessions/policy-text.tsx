import { Show } from 'solid-js';
import './session-details.css';

/** The policy exactly as it is sent, and how much of what the cloud takes it is (C-10). */
export function PolicyText(props: {
  label: string;
  text: string;
  size?: { length: number; limit: number } | undefined;
}) {
  return (
    <>
      {/* Reached by Tab, because it scrolls when there is much in it. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
      <section data-component="policy-text" aria-label={props.label} tabIndex={0}>
        <code>{props.text}</code>
      </section>
      <Show when={props.size}>
        {(size) => (
          <p data-component="policy-size">{`${size().length} of ${size().limit} characters that the cloud takes`}</p>
        )}
      </Show>
    </>
  );
}
