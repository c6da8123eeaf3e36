import * as Dialog from '@kobalte/core/dialog';
import { createEffect, createMemo, createSignal, on, onCleanup, Show } from 'solid-js';
import type { CloudName, PolicyAnswer, PolicyProfileView } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import '../removal/removal-dialog.css';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { EntryList } from './entry-list.tsx';
import { succeeding } from './load.ts';
import './profile-dialog.css';
import { rememberFocus } from './remember-focus.ts';
import { Segments } from './segments.tsx';
import { entriesOf, notesOf } from './session-draft.ts';
import { cloudNames } from './session-words.ts';

/** What the dialog is about. A copy becomes one of the person's own. */
export type ProfileSubject = { kind: 'new' } | { kind: 'edit' | 'copy'; profile: PolicyProfileView };

/** A kind of principal for each cloud whose actions the policy check knows the form of. */
const checkedAs = { aws: 'role', gcp: 'service-account', azure: 'azure-token' } as const;
const pauseMs = 250;

/** Makes or changes a profile of the person's own (C-8), its actions checked while one types. */
export function ProfileDialog(props: { subject: ProfileSubject; onSaved: () => void; onClose: () => void }) {
  const app = useApp();
  const start = props.subject.kind === 'new' ? null : props.subject.profile;
  const editing = props.subject.kind === 'edit' ? start : null;
  const [cloud, setCloud] = createSignal<CloudName>(start?.cloud ?? 'aws');
  const [name, setName] = createSignal(editing?.name ?? (start ? `${start.name}, mine` : ''));
  const [description, setDescription] = createSignal(start?.description ?? '');
  const [actions, setActions] = createSignal<string[]>([...(start?.actions ?? ['']), ...(start ? [''] : [])]);
  const [deny, setDeny] = createSignal<string[]>([...(start?.deny ?? []), '']);
  const [answer, setAnswer] = createSignal<PolicyAnswer | null>(null);
  const [nameError, setNameError] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const returnFocus = rememberFocus();
  let nameInput: HTMLInputElement | undefined;

  const policy = () => ({
    cloud: cloud(),
    actions: entriesOf(actions()).entries,
    deny: entriesOf(deny()).entries,
  });
  createEffect(
    on(policy, (checked) => {
      let stale = false;
      const timer = setTimeout(async () => {
        const reply = await ask(
          app.bridge.sessions.checkPolicy({
            ...checked,
            resources: [],
            sourceIps: [],
            principal: checkedAs[checked.cloud],
          }),
        );
        if (!stale) setAnswer(reply.ok ? reply.value : null);
      }, pauseMs);
      onCleanup(() => {
        stale = true;
        clearTimeout(timer);
      });
    }),
  );
  const ofActions = createMemo(() => notesOf(answer(), 'actions', actions()));
  const ofDeny = createMemo(() => notesOf(answer(), 'deny', deny()));

  const save = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    if (name().trim() === '') {
      setNameError('A name is needed.');
      nameInput?.focus();
      return;
    }
    setBusy(true);
    setFailure(null);
    const reply = await succeeding(
      app.bridge.sessions.saveProfile({
        ...(editing ? { id: editing.id } : {}),
        ...policy(),
        name: name().trim(),
        description: description().trim(),
      }),
    );
    setBusy(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    app.announce(`${name().trim()} was saved.`);
    props.onSaved();
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            data-wide=""
            data-tall=""
            onOpenAutoFocus={(event) => {
              event.preventDefault();
              nameInput?.focus();
            }}
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              returnFocus();
            }}
          >
            <Dialog.Title data-component="dialog-title">
              {editing ? `Edit ${editing.name}` : 'New profile'}
            </Dialog.Title>
            <form data-component="dialog-form" onSubmit={(event) => void save(event)} novalidate>
              <Field
                label="Name"
                value={name()}
                error={nameError()}
                onChange={(value) => {
                  setName(value);
                  setNameError(null);
                }}
                ref={(element) => {
                  nameInput = element;
                }}
              />
              <Field label="Description" value={description()} onChange={setDescription} />
              <Show when={!start}>
                <Segments
                  legend="Cloud"
                  value={cloud()}
                  options={(['aws', 'gcp', 'azure'] as const).map((value) => ({
                    value,
                    label: cloudNames[value],
                  }))}
                  onChange={(value) => setCloud(value === 'gcp' || value === 'azure' ? value : 'aws')}
                />
              </Show>
              <EntryList
                legend="Actions"
                entryName="Action"
                rows={actions()}
                notes={ofActions().rows}
                whole={entriesOf(actions()).entries.length > 0 ? ofActions().whole : []}
                onChange={setActions}
              />
              <EntryList
                legend="Denied"
                entryName="Denied action"
                rows={deny()}
                notes={ofDeny().rows}
                whole={ofDeny().whole}
                onChange={setDeny}
              />
              <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
              <div data-component="confirm-actions">
                <Button onClick={() => props.onClose()}>Cancel</Button>
                <Button look="primary" type="submit" aria-disabled={busy() ? 'true' : undefined}>
                  {busy() ? 'Saving…' : 'Save'}
                </Button>
              </div>
            </form>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
