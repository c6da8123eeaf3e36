import { For, Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import './session-notes.css';
import { useConnect } from './connect-context.tsx';

/** What is worth knowing besides the step itself: notices, and links that are not the provider's (L-1). */
export function SessionNotes(props: { session: SessionSnapshot }) {
  const view = useConnect();
  return (
    <>
      <Show when={props.session.untrustedLinks.length > 0}>
        <div data-component="untrusted-links">
          <p>
            <strong>The CLI printed a link that is not {view.providerName()}'s.</strong> It cannot be opened
            from here.
          </p>
          <For each={props.session.untrustedLinks}>{(link) => <code>{link}</code>}</For>
        </div>
      </Show>
      <Show when={props.session.notices.length > 0}>
        <ul data-component="notices" aria-label="Good to know">
          <For each={props.session.notices}>{(notice) => <li>{notice.text}</li>}</For>
        </ul>
      </Show>
    </>
  );
}
