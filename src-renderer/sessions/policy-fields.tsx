import { createMemo, For, Show } from 'solid-js';
import type { CloudName, SessionSource } from '../../src-preload/contract/sessions.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { EntryList } from './entry-list.tsx';
import type { NewSession } from './new-session.ts';
import { OpeningDisclosure } from './opening-disclosure.tsx';
import { coverageWords } from './session-words.ts';
import { Loading } from './source-fields.tsx';

const actionExample: Record<CloudName, string> = {
  aws: 's3:GetObject',
  gcp: 'storage.objects.get',
  azure: 'Microsoft.Storage/storageAccounts/read',
};
const resourceExample: Record<CloudName, string> = {
  aws: 'arn:aws:s3:::my-bucket/*',
  gcp: '//storage.googleapis.com/projects/_/buckets/my-bucket',
  azure: '/subscriptions/…/resourceGroups/my-group',
};

/** What the session may do (C-7 to C-9), checked while one types. */
export function PolicyFields(props: { form: NewSession; source: SessionSource }) {
  const { form } = props;
  const cloud = () => props.source.cloud;
  const actions = createMemo(() => form.notes('actions'));
  const deny = createMemo(() => form.notes('deny'));
  const resources = createMemo(() => form.notes('resources'));
  const sourceIps = createMemo(() => form.notes('sourceIps'));
  const hasMore = () =>
    form.problems().tags !== undefined || sourceIps().whole.length + sourceIps().rows.size > 0;
  const profiles = () => (form.profiles.value()?.profiles ?? []).filter((each) => each.cloud === cloud());
  /** What is known of a profile's own actions, which have no row to stand at. */
  const ofProfile = (action: string) => {
    const coverage = form.answer()?.coverage.find((each) => each.action === action);
    return coverage ? coverageWords(coverage)?.text : undefined;
  };
  return (
    <section data-component="new-session-part" aria-label="Allowed">
      <h3>What it may do</h3>
      <Loading load={form.profiles} text="Looking for profiles…" />
      <SelectField
        label="Profile"
        value={form.draft.profileId}
        empty="None, only the actions below"
        description={form.profile()?.description}
        options={profiles().map(({ id, name, own }) => ({
          value: id,
          label: own ? `${name} (yours)` : name,
        }))}
        onChange={(profileId) => form.change({ profileId })}
      />
      <Show when={form.profile()}>
        {(profile) => (
          <ul data-component="profile-actions" aria-label="Actions of the profile">
            <For each={profile().actions}>
              {(action) => (
                <li title={ofProfile(action)}>
                  <code>{action}</code>
                </li>
              )}
            </For>
            <For each={profile().deny}>
              {(action) => (
                <li data-tone="bad">
                  <span data-component="visually-hidden">denied: </span>
                  <code>{action}</code>
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
      <EntryList
        legend={form.profile() ? 'Further actions' : 'Actions'}
        entryName="Action"
        placeholder={actionExample[cloud()]}
        rows={form.draft.actions}
        notes={actions().rows}
        whole={actions().whole}
        onChange={(rows) => form.change({ actions: rows })}
      />
      <Show when={form.checkFailure()}>{(failure) => <FailureNote failure={failure()} />}</Show>
      <EntryList
        legend="Denied"
        entryName="Denied action"
        description="Never allowed, also where an action above covers it."
        rows={form.draft.deny}
        notes={deny().rows}
        whole={deny().whole}
        onChange={(rows) => form.change({ deny: rows })}
      />
      <EntryList
        legend="Resources"
        entryName="Resource"
        description="Empty for all."
        placeholder={resourceExample[cloud()]}
        rows={form.draft.resources}
        notes={resources().rows}
        whole={resources().whole}
        onChange={(rows) => form.change({ resources: rows })}
      />
      <OpeningDisclosure label="Addresses, tags and region" opens={hasMore()}>
        <div data-component="new-session-more">
          <EntryList
            legend="From these addresses only"
            entryName="Address range"
            description="Empty for any."
            placeholder="203.0.113.0/24"
            rows={form.draft.sourceIps}
            notes={sourceIps().rows}
            whole={sourceIps().whole}
            onChange={(rows) => form.change({ sourceIps: rows })}
          />
          <EntryList
            legend="Tags"
            entryName="Tag"
            placeholder="ticket=OPS-7"
            rows={form.draft.tags}
            whole={form.problems().tags ? [form.problems().tags ?? ''] : []}
            onChange={(tags) => form.change({ tags })}
          />
          <Field
            label="Region"
            mono
            value={form.draft.region}
            placeholder={props.source.region ?? ''}
            onChange={(region) => form.change({ region })}
          />
        </div>
      </OpeningDisclosure>
    </section>
  );
}
