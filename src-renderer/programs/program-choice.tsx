import { createSignal, Show } from 'solid-js';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import './program-choice.css';

/** Sets a provider's program by hand, and takes that back. The file dialog is main's: no path passes through here. */
export function ProgramChoice(props: {
  provider: ProviderView;
  /** After the program that is used has changed. */
  onChanged?: () => void;
}) {
  const app = useApp();
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const isSet = () => {
    const { program } = props.provider;
    return program.state === 'unusable' || (program.state === 'found' && program.origin === 'chosen');
  };
  const choose = async () => {
    if (busy()) return;
    setBusy(true);
    const reply = await ask(app.bridge.providers.chooseProgram({ providerId: props.provider.id }));
    setBusy(false);
    setFailure(reply.ok ? (reply.value.success ? null : reply.value.failure) : reply.failure);
    if (!reply.ok || !reply.value.success || !reply.value.chosen) return;
    app.announce(`The program of ${props.provider.name} is set.`);
    props.onChanged?.();
  };
  const forget = async (button: HTMLElement) => {
    // It goes when it has done its work, and takes the focus with it.
    const next = button.parentElement?.querySelector<HTMLElement>('button');
    setFailure(await attempt(app.bridge.providers.forgetProgram({ providerId: props.provider.id })));
    if (failure()) return;
    next?.focus();
    app.announce(`The program of ${props.provider.name} is looked for again.`);
    props.onChanged?.();
  };
  return (
    <div data-component="program-choice">
      <div>
        <Button size="small" aria-disabled={busy() ? 'true' : undefined} onClick={() => void choose()}>
          {isSet() ? 'Set another program' : 'Set program'}
          <span data-component="visually-hidden"> of {props.provider.name}</span>
        </Button>
        <Show when={isSet()}>
          <Button size="small" onClick={(event) => void forget(event.currentTarget)}>
            Use the one found
            <span data-component="visually-hidden"> of {props.provider.name}</span>
          </Button>
        </Show>
      </div>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
    </div>
  );
}
