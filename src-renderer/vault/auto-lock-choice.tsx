import { createSignal, createUniqueId, For, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { AutoLock } from '../../src-preload/contract/vault.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './auto-lock-choice.css';

const offered = [5, 15, 60, 480];

/** When the sealed file is locked by itself. */
export function AutoLockChoice(props: { rule: AutoLock; knowsScreenLock: boolean }) {
  const app = useApp();
  const id = createUniqueId();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  /** One that was set in the file by hand is offered, too. */
  const minutes = () => {
    const { afterMinutes } = props.rule;
    const all = afterMinutes === null ? offered : [...new Set([...offered, afterMinutes])];
    return all.toSorted((a, b) => a - b);
  };
  const choose = async (change: Partial<AutoLock>, said: string, put: () => void) => {
    const refused = await attempt(app.bridge.vault.setAutoLock({ ...props.rule, ...change }));
    setFailure(refused);
    // What is shown is what holds.
    if (refused) put();
    else app.announce(said);
  };
  return (
    <fieldset data-component="auto-lock">
      <legend>Lock it by itself</legend>
      <div data-component="auto-lock-line">
        <label for={`${id}-after`}>When no key was used for</label>
        <select
          data-component="select"
          id={`${id}-after`}
          onChange={(event) => {
            const select = event.currentTarget;
            const afterMinutes = select.value === '' ? null : Number(select.value);
            void choose(
              { afterMinutes },
              afterMinutes === null
                ? 'It is not locked after a time.'
                : `It is locked when no key was used for ${duration(afterMinutes)}.`,
              () => {
                select.value = String(props.rule.afterMinutes ?? '');
              },
            );
          }}
        >
          <option value="" selected={props.rule.afterMinutes === null}>
            any time (never)
          </option>
          <For each={minutes()}>
            {(each) => (
              <option value={each} selected={props.rule.afterMinutes === each}>
                {duration(each)}
              </option>
            )}
          </For>
        </select>
      </div>
      <label data-component="auto-lock-line">
        <input
          type="checkbox"
          checked={props.rule.whenAway}
          onChange={(event) => {
            const box = event.currentTarget;
            void choose(
              { whenAway: box.checked },
              box.checked ? 'It is locked when you are away.' : 'It stays open when you are away.',
              () => {
                box.checked = props.rule.whenAway;
              },
            );
          }}
        />
        {props.knowsScreenLock
          ? 'When this computer sleeps or its screen is locked'
          : 'When this computer sleeps'}
      </label>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
    </fieldset>
  );
}

function duration(minutes: number): string {
  if (minutes % 60 !== 0) return minutes === 1 ? '1 minute' : `${minutes} minutes`;
  return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
}
