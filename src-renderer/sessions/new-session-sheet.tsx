import { Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { isVaultFailure, VaultWaysOut } from '../vault/vault-ways-out.tsx';
import { CheckLine } from './check-line.tsx';
import { EnforcementNote } from './enforcement-note.tsx';
import { createNewSession, type NewSession } from './new-session.ts';
import './new-session-sheet.css';
import { Disclosure } from '../components/disclosure.tsx';
import { PolicyFields } from './policy-fields.tsx';
import { PolicyText } from './policy-text.tsx';
import { PrincipalFields } from './principal-fields.tsx';
import { cloudNames } from './session-words.ts';
import { Sheet } from './sheet.tsx';
import { noSourceId, SourceFields } from './source-fields.tsx';
import { TimeFields } from './time-fields.tsx';

/** Opens a cloud session: as whom, with which actions, for how long. What was typed stays when it is closed. */
export function NewSessionSheet(props: {
  onClose: () => void;
  onOpened: (sessionId: string, reused: boolean) => void;
}) {
  const app = useApp();
  const form = createNewSession(app);
  let body: HTMLDivElement | undefined;
  let submit: HTMLButtonElement | undefined;

  /** There is nothing that a session could be opened from: what is said about it is what helps. */
  const isBlocked = () => form.sources.value()?.sources.length === 0 || form.source()?.failure !== undefined;

  const open = async (event: Event) => {
    event.preventDefault();
    if (isBlocked()) {
      app.announce(document.getElementById(noSourceId)?.textContent ?? '');
      body?.querySelector<HTMLElement>('[data-component="new-session-ways"] button')?.focus();
      return;
    }
    const opened = await form.open();
    if (opened) {
      props.onOpened(opened.sessionId, opened.reused);
      return;
    }
    // To the first thing that is wrong, wherever the sheet is scrolled to.
    queueMicrotask(() =>
      body?.querySelector<HTMLElement>(':is(input, select)[aria-invalid="true"]')?.focus(),
    );
  };

  return (
    <Sheet
      title="New session"
      subtitle="Short-lived cloud credentials of an identity."
      onClose={() => props.onClose()}
      initialFocus={() => body?.querySelector('select') ?? undefined}
    >
      <form onSubmit={(event) => void open(event)} novalidate>
        <div
          data-component="sheet-body"
          ref={(element) => {
            body = element;
          }}
        >
          <div data-component="new-session">
            <SourceFields form={form} onLeave={() => props.onClose()} />
            <Show when={form.source() && !form.source()?.failure ? form.source() : undefined}>
              {(source) => (
                <>
                  <PrincipalFields form={form} source={source()} />
                  <PolicyFields form={form} source={source()} />
                  <TimeFields form={form} />
                  <Enforcement form={form} />
                </>
              )}
            </Show>
          </div>
        </div>
        <div data-component="sheet-foot">
          <Show when={form.failure()}>
            {(failure) => (
              <>
                <FailureNote failure={failure()} />
                <Show when={isVaultFailure(failure())}>
                  <div data-component="new-session-ways">
                    <VaultWaysOut
                      failure={failure()}
                      onWayFree={() => {
                        form.change({});
                        submit?.focus();
                      }}
                      onSettings={() => props.onClose()}
                    />
                  </div>
                </Show>
              </>
            )}
          </Show>
          <div data-component="confirm-actions">
            <Button onClick={() => props.onClose()}>Cancel</Button>
            <Button
              look={isBlocked() ? 'plain' : 'primary'}
              type="submit"
              ref={(element) => {
                submit = element;
              }}
              aria-disabled={form.busy() || isBlocked() ? 'true' : undefined}
              aria-describedby={isBlocked() ? noSourceId : undefined}
            >
              {form.busy() ? 'Opening…' : 'Open session'}
            </Button>
          </div>
        </div>
      </form>
    </Sheet>
  );
}

/** C-11: said before anything is issued; what is not enforced is accepted once per identity. */
function Enforcement(props: { form: NewSession }) {
  const cloud = () => props.form.source()?.cloud ?? 'aws';
  const known = () => props.form.answer()?.enforcement;
  return (
    <section data-component="new-session-part" aria-label="Enforcement">
      <h3>Does the cloud hold it to this?</h3>
      <Show
        when={known()}
        fallback={
          <p data-component="new-session-note">
            {props.form.checking() ? 'Looking…' : 'Said here once the actions are complete.'}
          </p>
        }
      >
        {(enforcement) => <EnforcementNote cloud={cloud()} enforcement={enforcement()} />}
      </Show>
      <Show when={props.form.asksAcceptance()}>
        <CheckLine
          label={`Open it anyway, and do not ask again for ${props.form.bundleName()}`}
          description={`${cloudNames[cloud()]} does not narrow this session to the actions above. Taken back in Settings > Cloud sessions.`}
          checked={props.form.draft.acceptNotNarrowed}
          error={props.form.problems().acceptNotNarrowed}
          onChange={(acceptNotNarrowed) => props.form.change({ acceptNotNarrowed })}
        />
      </Show>
      <Show when={props.form.answer()?.text}>
        {(text) => (
          <Disclosure label={<>The policy that is sent{sizeWords(props.form)}</>}>
            <PolicyText label="Policy that is sent" text={text()} size={props.form.answer()?.size} />
          </Disclosure>
        )}
      </Show>
    </section>
  );
}

function sizeWords(form: NewSession): string {
  const size = form.answer()?.size;
  return size ? `, ${size.length} of ${size.limit} characters` : '';
}
