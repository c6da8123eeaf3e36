import { createSignal, For, onMount, Show } from 'solid-js';
import type { ApprovalMode } from '../../src-preload/contract/approvals.ts';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { firstRows, ShowAllRows } from '../components/first-rows.tsx';
import { SelectField } from '../components/select-field.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { modeOptions } from './approval-words.ts';
import './approval-section.css';

/** Which of these identities ask before a program outside of Lanyard gets something of them. */
export function ApprovalSection(props: { bundles: readonly BundleSummary[] }) {
  const app = useApp();
  const [modes, setModes] = createSignal<ReadonlyMap<string, ApprovalMode> | null>(null);
  const list = firstRows(() => props.bundles);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const read = async () => {
    const reply = await ask(app.bridge.approvals.settings());
    if (reply.ok) setModes(new Map(reply.value.modes.map(({ bundleId, mode }) => [bundleId, mode])));
    else setFailure(reply.failure);
  };
  let element: HTMLDivElement | undefined;
  onMount(() => void read());

  const choose = async (bundle: { id: string; name: string }, value: string) => {
    const option = modeOptions.find((each) => each.value === value);
    if (!option) return;
    const { id, name } = bundle;
    const failed = await attempt(app.bridge.approvals.setMode({ bundleId: id, mode: option.value }));
    setFailure(failed);
    await read();
    if (!failed) app.announce(`${name}: ${option.label}`);
  };

  return (
    <Show when={props.bundles.length > 0}>
      <section aria-labelledby="settings-approvals">
        <h3 data-component="settings-subtitle" id="settings-approvals">
          Programs outside Lanyard
        </h3>
        <p data-component="settings-note">
          When a program asks with the lanyard command to run something as an identity, or for its tokens,
          variables or cloud sessions, Lanyard can ask you first. What you start in Lanyard's own window is
          not asked about.
        </p>
        <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
        <Show when={modes()}>
          {(known) => (
            <div data-component="approval-choices">
              <div
                ref={(made) => {
                  element = made;
                }}
              >
                <For each={list.rows()}>
                  {(bundle) => (
                    <SelectField
                      label={bundle.name}
                      value={known().get(bundle.id) ?? 'off'}
                      options={modeOptions}
                      onChange={(value) => void choose({ id: bundle.id, name: bundle.name }, value)}
                    />
                  )}
                </For>
              </div>
              <ShowAllRows of={list} list={() => element} />
            </div>
          )}
        </Show>
      </section>
    </Show>
  );
}
