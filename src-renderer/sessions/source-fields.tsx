import { For, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { SelectField } from '../components/select-field.tsx';
import { useApp } from '../state/app-context.tsx';
import type { Load } from './load.ts';
import type { NewSession } from './new-session.ts';
import { cloudNames, sourceKindNames } from './session-words.ts';

/** Id of the text that says why no session can be opened as this identity. */
export const noSourceId = 'new-session-no-source';

/** As whom: the identity, where its credentials come from, and for IAM Identity Center the account and role. */
export function SourceFields(props: { form: NewSession; onLeave: () => void }) {
  const app = useApp();
  const { form } = props;
  const isBlank = () => app.state.bundles.find(({ id }) => id === form.draft.bundleId)?.blank === true;
  const sources = () => form.sources.value()?.sources;
  const accountOptions = () =>
    (form.accounts.value()?.accounts ?? []).map(({ id, name }) => ({
      value: id,
      label: name === '' || name === id ? id : `${name} (${id})`,
    }));
  const goToIdentity = () => {
    props.onLeave();
    app.choosePage({ name: 'identities', bundleId: form.draft.bundleId });
    document.getElementById('page-title')?.focus();
  };

  return (
    <section data-component="new-session-part" aria-label="As whom">
      <h3>As whom</h3>
      <SelectField
        label="Identity"
        value={form.draft.bundleId}
        options={app.state.bundles.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(bundleId) =>
          form.change({ bundleId, sourceId: '', awsAccountId: '', roleName: '', acceptNotNarrowed: false })
        }
      />
      <Loading load={form.sources} text="Looking for its accounts…" />
      <Show when={sources()?.length === 0}>
        <div data-component="new-session-warning">
          <p id={noSourceId}>
            {isBlank()
              ? 'This machine has no cloud credentials of its own that Lanyard can find.'
              : `${form.bundleName()} has no account of AWS, Google Cloud or Azure yet.`}
          </p>
        </div>
        <Show when={!isBlank()}>
          <div data-component="new-session-ways">
            <Button size="small" look="primary" aria-describedby={noSourceId} onClick={goToIdentity}>
              Connect one
            </Button>
          </div>
        </Show>
      </Show>
      <Show when={(sources()?.length ?? 0) > 0}>
        <SelectField
          label="Credentials from"
          value={form.draft.sourceId}
          error={form.problems().sourceId}
          options={(sources() ?? []).map(({ id, cloud, kind, label, failure }) => ({
            value: id,
            label: `${kind === 'machine' ? label : `${label}, ${sourceKindNames[kind]}`}${failure ? ' (cannot be used now)' : ''}`,
            group: cloudNames[cloud],
          }))}
          onChange={(sourceId) =>
            form.change({ sourceId, awsAccountId: '', roleName: '', acceptNotNarrowed: false })
          }
        />
      </Show>
      <Show when={form.source()?.kind === 'machine'}>
        <p data-component="new-session-warning">
          These are the machine's own credentials, such as its default profile. They are nobody's identity in
          Lanyard, and only "{form.bundleName()}" can use them.
        </p>
      </Show>
      <Show when={form.source()?.failure}>
        {(failure) => (
          <>
            <FailureNote failure={failure()} id={noSourceId} />
            <Show when={!isBlank()}>
              <div data-component="new-session-ways">
                <Button size="small" onClick={goToIdentity}>{`Go to ${form.bundleName()}`}</Button>
              </div>
            </Show>
          </>
        )}
      </Show>
      <Show when={form.source()?.kind === 'identity-center' && !form.source()?.failure}>
        <Loading load={form.accounts} text="Asking IAM Identity Center for its accounts…" />
        <Show when={form.accounts.value()}>
          <SelectField
            label="AWS account"
            value={form.draft.awsAccountId}
            empty={accountOptions().length === 0 ? 'No accounts' : 'Choose one'}
            options={accountOptions()}
            error={form.problems().awsAccountId}
            onChange={(awsAccountId) => form.change({ awsAccountId, roleName: '' })}
          />
        </Show>
        <Loading load={form.roles} text="Asking for the roles there…" />
        <Show when={form.roles.value()}>
          {(read) => (
            <SelectField
              label="Signed in there as"
              value={form.draft.roleName}
              empty={read().roles.length === 0 ? 'No roles' : 'Choose one'}
              options={read().roles.map((role) => ({ value: role, label: role }))}
              error={form.problems().roleName}
              onChange={(roleName) => form.change({ roleName })}
            />
          )}
        </Show>
      </Show>
    </section>
  );
}

/** What is being read, or why it could not be. */
export function Loading<T>(props: { load: Load<T>; text: string }) {
  const failures = (): Failure[] => {
    const failure = props.load.failure();
    return failure ? [failure] : [];
  };
  return (
    <>
      <Show when={props.load.loading()}>
        <p data-component="new-session-note" role="status">
          {props.text}
        </p>
      </Show>
      <For each={failures()}>
        {(failure) => (
          <>
            <FailureNote failure={failure} />
            <div data-component="new-session-ways">
              <Button size="small" onClick={() => props.load.retry()}>
                Try again
              </Button>
            </div>
          </>
        )}
      </For>
    </>
  );
}
