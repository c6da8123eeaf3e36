import CircleCheck from 'lucide-solid/icons/circle-check';
import CircleMinus from 'lucide-solid/icons/circle-minus';
import CircleX from 'lucide-solid/icons/circle-x';
import { createSignal, For, Show } from 'solid-js';
import type { IsolationReport } from '../../src-preload/contract/isolation.ts';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import './isolation-test.css';

const verdicts: Record<IsolationReport['verdict'], string> = {
  'kept-apart': 'Two accounts are kept apart.',
  'not-kept-apart': 'Two accounts are not kept apart here.',
  'not-tested': 'It could not be tested here.',
};

const results = { passed: 'Yes', failed: 'No', skipped: 'Not tested' } as const;

/** The button that tests with the real program whether two accounts are kept apart, and what came out (I-14). */
export function IsolationTest(props: { provider: ProviderView }) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [report, setReport] = createSignal<IsolationReport | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const run = async () => {
    if (busy()) return;
    setBusy(true);
    setReport(null);
    setFailure(null);
    const reply = await ask(app.bridge.providers.testIsolation({ providerId: props.provider.id }));
    setBusy(false);
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else {
      setReport(reply.value.report);
      app.announce(`${props.provider.name}: ${verdicts[reply.value.report.verdict]}`);
    }
  };
  return (
    <div data-component="isolation-test">
      <Button size="small" aria-disabled={busy() ? 'true' : undefined} onClick={() => void run()}>
        {busy() ? 'Testing…' : 'Test that accounts are kept apart'}
        <span data-component="visually-hidden"> ({props.provider.name})</span>
      </Button>
      <small>
        With its real program and made-up logins, in two folders that are thrown away. Nothing is sent.
      </small>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show when={report()}>
        {(shown) => (
          <div data-component="isolation-report" data-verdict={shown().verdict}>
            <p>
              <strong>{verdicts[shown().verdict]}</strong> {shown().reason}
            </p>
            <Show when={shown().steps.length > 0}>
              <ul aria-label="What was tested">
                <For each={shown().steps}>
                  {(step) => (
                    <li data-result={step.result}>
                      <Show when={step.result === 'passed'}>
                        <CircleCheck size={14} aria-hidden="true" />
                      </Show>
                      <Show when={step.result === 'failed'}>
                        <CircleX size={14} aria-hidden="true" />
                      </Show>
                      <Show when={step.result === 'skipped'}>
                        <CircleMinus size={14} aria-hidden="true" />
                      </Show>
                      <span>
                        <span data-component="visually-hidden">{results[step.result]}: </span>
                        {step.title}
                        <Show when={step.detail}>
                          <small>{step.detail}</small>
                        </Show>
                      </span>
                    </li>
                  )}
                </For>
              </ul>
            </Show>
          </div>
        )}
      </Show>
    </div>
  );
}
