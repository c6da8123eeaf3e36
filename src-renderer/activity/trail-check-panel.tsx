import { createSignal, For, onCleanup, onMount, Show } from 'solid-js';
import type { TrailCheck } from '../../src-preload/contract/activity.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { checkWords, problemWords } from './activity-words.ts';
import './trail-check-panel.css';

/** whether the record is as it was written, when a person asks. */
export function TrailCheckPanel() {
  const app = useApp();
  const [checking, setChecking] = createSignal(false);
  const [read, setRead] = createSignal(0);
  const [check, setCheck] = createSignal<TrailCheck | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  onMount(() => onCleanup(app.bridge.activity.onVerifying(({ entries }) => setRead(entries))));

  const verify = async () => {
    if (checking()) return;
    setChecking(true);
    setRead(0);
    setCheck(null);
    setFailure(null);
    const reply = await ask(app.bridge.activity.verify());
    setChecking(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    setCheck(reply.value);
    const { title, text } = checkWords(reply.value);
    app.announce(`${title} ${text}`);
  };

  return (
    <div data-component="trail-check">
      <div data-component="trail-check-line">
        <Button aria-disabled={checking() ? true : undefined} onClick={() => void verify()}>
          Verify
        </Button>
        <Show when={checking()}>
          <span>
            Checking… <Show when={read() > 0}>{`${read().toLocaleString('en')} entries so far`}</Show>
          </span>
        </Show>
      </div>
      <Show when={failure()}>{(known) => <FailureNote failure={known()} />}</Show>
      <Show when={check()}>
        {(known) => (
          <section
            data-component="trail-check-result"
            data-tone={checkWords(known()).tone}
            aria-label="Result of the check"
          >
            <p>
              <strong>{checkWords(known()).title}</strong>
            </p>
            <p>{checkWords(known()).text}</p>
            <Show when={known().problems.length > 1}>
              <Disclosure label={`All ${known().problemCount} findings`}>
                <ol>
                  <For each={known().problems}>{(problem) => <li>{problemWords(problem)}</li>}</For>
                </ol>
                <Show when={known().problemCount > known().problems.length}>
                  <p>The rest is not listed.</p>
                </Show>
              </Disclosure>
            </Show>
          </section>
        )}
      </Show>
    </div>
  );
}
