import { For, Match, Show, Switch } from 'solid-js';
import { Disclosure } from '../components/disclosure.tsx';
import './help.css';
import { piecesOf } from './sections.ts';
import { helpFor } from './troubleshooting.ts';

/** What docs/troubleshooting.md says about a failure, to be opened; nothing where it says nothing. */
export function Help(props: { code: string }) {
  return (
    <Show when={helpFor(props.code)}>
      {(section) => (
        <Disclosure label={`Help: ${section().title.charAt(0).toLowerCase()}${section().title.slice(1)}`}>
          <ul data-component="help" id={`help-${section().anchor}`}>
            <For each={section().points}>
              {(point) => (
                <li>
                  <For each={piecesOf(point)}>
                    {({ text, kind }) => (
                      <Switch fallback={text}>
                        <Match when={kind === 'code'}>
                          <code>{text}</code>
                        </Match>
                        <Match when={kind === 'strong'}>
                          <strong>{text}</strong>
                        </Match>
                      </Switch>
                    )}
                  </For>
                </li>
              )}
            </For>
          </ul>
        </Disclosure>
      )}
    </Show>
  );
}
