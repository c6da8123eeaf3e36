import { createResource, createSignal, Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure, Outcome } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { formatTimeLeft } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import './token-panel.css';

/** What is known of an account's tokens at an issuer, and what can be done with them. */
export function TokenPanel(props: { account: AccountView; name: string }) {
  const app = useApp();
  const [open, setOpen] = createSignal(false);
  const [copying, setCopying] = createSignal(false);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  // Read again whenever main says that the account has changed.
  const [facts, { refetch }] = createResource(
    () => (open() ? { accountId: props.account.id, updatedAt: props.account.updatedAt } : false),
    async ({ accountId }) => {
      const reply = await ask(app.bridge.tokens.show({ accountId }));
      if (!reply.ok) return { failure: reply.failure };
      return reply.value.success ? { facts: reply.value.facts } : { failure: reply.value.failure };
    },
  );
  const known = () => facts.latest?.facts;
  const act = async (call: Promise<Reply<Outcome>>, done: string) => {
    setBusy(true);
    setFailure(await attempt(call));
    setBusy(false);
    if (!failure()) app.announce(done);
    await refetch();
    return failure() === null;
  };
  const copy = async () => {
    const copied = await act(
      app.bridge.tokens.copy({ accountId: props.account.id }),
      'The access token is on the clipboard for a minute.',
    );
    if (copied) setCopying(false);
  };
  return (
    <Disclosure label="Tokens" open={open()} onOpenChange={setOpen}>
      <div data-component="token-panel">
        <Show when={known()}>
          {(shown) => (
            <dl>
              <dt>Issuer</dt>
              <dd>{shown().issuer}</dd>
              <Show when={shown().subject}>
                <dt>Subject</dt>
                <dd>{shown().subject}</dd>
              </Show>
              <dt>Scopes</dt>
              <dd>{shown().scopes.join(' ')}</dd>
              <dt>Access token</dt>
              <dd>{lifeWords(shown(), app.now())}</dd>
            </dl>
          )}
        </Show>
        <Show when={failure() ?? facts.latest?.failure}>{(shown) => <FailureNote failure={shown()} />}</Show>
        <div data-component="token-actions">
          <Button
            size="small"
            aria-disabled={busy() ? 'true' : undefined}
            onClick={() => {
              if (busy()) return;
              void act(
                app.bridge.tokens.refresh({ accountId: props.account.id }),
                'The tokens were renewed.',
              );
            }}
          >
            {busy() ? 'Renewing…' : 'Refresh now'}
          </Button>
          <Button size="small" onClick={() => setCopying(true)}>
            Copy access token
          </Button>
        </div>
      </div>
      <Show when={copying()}>
        <ConfirmDialog
          title={`Copy the access token of ${props.name}?`}
          keepLabel="Keep it here"
          confirmLabel="Copy"
          busy={busy()}
          failure={failure()}
          onKeep={() => {
            setFailure(null);
            setCopying(false);
          }}
          onConfirm={() => void copy()}
        >
          Whoever has it can act as you until it expires. Other programs can read the clipboard; Lanyard
          clears it after a minute.
        </ConfirmDialog>
      </Show>
    </Disclosure>
  );
}

function lifeWords(
  { expiresAt, renews, refused }: { expiresAt: number | null; renews: boolean; refused: boolean },
  now: number,
): string {
  if (refused) return 'No longer renewed: sign in again';
  if (expiresAt === null) return 'Does not end by itself';
  const after = renews ? ', then renewed by itself when it is needed' : ', then you sign in again';
  if (expiresAt <= now) return renews ? 'Expired, renewed when it is needed' : 'Expired: sign in again';
  return `${formatTimeLeft(expiresAt - now)}${after}`;
}
