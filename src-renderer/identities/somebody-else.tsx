import { createSignal, Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';

/** Both people by name, and the way to say that it is right (I-16). Reconnect, the other way, is the card's. */
export function SomebodyElse(props: {
  account: AccountView;
  people: NonNullable<AccountView['unexpected']>;
  providerName: string;
}) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const accept = async () => {
    const { found } = props.people;
    const problem = await attempt(app.bridge.accounts.acceptPerson({ accountId: props.account.id, found }));
    setFailure(problem);
    if (problem) return;
    app.announce(`${props.providerName} is ${found}'s from now on.`);
    // The button that had the focus is gone.
    document.getElementById(`account-${props.account.id}`)?.focus();
  };
  return (
    <div data-component="somebody-else">
      <dl>
        <dt>Signed in</dt>
        <dd>{props.people.found}</dd>
        <dt>Expected</dt>
        <dd>{props.people.expected}</dd>
      </dl>
      <Button
        size="small"
        aria-label={`Accept this person for ${props.providerName}`}
        onClick={() => void accept()}
      >
        Accept this person
      </Button>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
    </div>
  );
}
