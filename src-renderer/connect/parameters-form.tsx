import { createSignal, For, Show } from 'solid-js';
import type { FlowView, ParameterView } from '../../src-preload/contract/providers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { useApp } from '../state/app-context.tsx';
import { useConnect } from './connect-context.tsx';
import { OtherWays } from './other-ways.tsx';
import './parameters-form.css';

/** What the flow has to know before it starts. Main checks it; nothing has been started while this form is shown. */
export function ParametersForm(props: { flow: FlowView }) {
  // One form per flow: another flow's fields start from what is known, not from what stood here.
  return (
    <Show when={props.flow.id} keyed>
      <Form flow={props.flow} />
    </Show>
  );
}

function Form(props: { flow: FlowView }) {
  const app = useApp();
  const view = useConnect();
  const known = view.connection().parameters ?? {};
  const [values, setValues] = createSignal<Record<string, string>>(
    Object.fromEntries(props.flow.parameters.map(({ id, default: usual }) => [id, known[id] ?? usual ?? ''])),
  );
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const inputs = new Map<string, HTMLInputElement>();
  const errors = () => failure()?.fields ?? {};

  const submit = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const refused = await app.submitParameters(values());
    setBusy(false);
    setFailure(refused);
    const first = props.flow.parameters.find(({ id }) => refused?.fields?.[id]);
    if (first) inputs.get(first.id)?.focus();
  };
  const change = (id: string, value: string) => {
    setValues({ ...values(), [id]: value });
    const { [id]: _, ...others } = errors();
    const left = failure();
    if (left) setFailure(Object.keys(others).length === 0 ? null : { ...left, fields: others });
  };
  /** Wrong in a way that no field can show. */
  const elsewhere = () => {
    const shown = failure();
    return shown && !props.flow.parameters.some(({ id }) => shown.fields?.[id]) ? shown : null;
  };

  return (
    <>
      <form
        data-component="parameters-form"
        novalidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <For each={props.flow.parameters}>
          {(parameter, index) => (
            <Field
              label={labelOf(parameter)}
              {...(parameter.hint ? { description: parameter.hint } : {})}
              placeholder={parameter.example}
              mono
              value={values()[parameter.id] ?? ''}
              error={errors()[parameter.id] ?? null}
              onChange={(value) => change(parameter.id, value)}
              ref={(element) => {
                inputs.set(parameter.id, element);
                if (index() === 0) element.dataset.stepFocus = '';
              }}
            />
          )}
        </For>
        <Show when={elsewhere()}>{(shown) => <FailureNote failure={shown()} />}</Show>
        <div data-component="step-actions">
          <Button look="primary" type="submit" disabled={busy()}>
            Continue
          </Button>
        </div>
      </form>
      <OtherWays />
    </>
  );
}

function labelOf({ label, required }: ParameterView): string {
  return required ? label : `${label} (optional)`;
}
