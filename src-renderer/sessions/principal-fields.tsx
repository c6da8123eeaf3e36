import { For, Show } from 'solid-js';
import type { SessionSource } from '../../src-preload/contract/sessions.ts';
import { Disclosure } from '../components/disclosure.tsx';
import { Field } from '../components/field.tsx';
import type { NewSession } from './new-session.ts';
import { Segments } from './segments.tsx';
import type { SessionDraft } from './session-draft.ts';
import { principalKindNames, principalKindNotes } from './session-words.ts';

type TextOf = 'roleArn' | 'externalId' | 'sourceIdentity' | 'email' | 'subscription' | 'resource';

/** What the session is: a role, a user, a service account, or a token for one resource. */
export function PrincipalFields(props: { form: NewSession; source: SessionSource }) {
  const { form } = props;
  const problem = (field: TextOf) => {
    const problems: Partial<Record<string, string>> = form.problems();
    return problems[field] ?? null;
  };
  const text = (field: TextOf, label: string, more: { description?: string; placeholder?: string } = {}) => (
    <Field
      label={label}
      mono
      value={form.draft[field]}
      error={problem(field)}
      onChange={(value) => form.change({ [field]: value } as Partial<SessionDraft>)}
      {...more}
    />
  );
  return (
    <section data-component="new-session-part" aria-label="Principal">
      <h3>What the session is</h3>
      <Show when={props.source.principals.length > 1}>
        <Segments
          legend="Principal"
          legendHidden
          value={form.draft.principal}
          options={props.source.principals.map((kind) => ({ value: kind, label: principalKindNames[kind] }))}
          onChange={(value) => {
            const principal = props.source.principals.find((kind) => kind === value);
            if (principal) form.change({ principal, acceptNotNarrowed: false });
          }}
        />
      </Show>
      <For each={form.draft.principal === '' ? [] : [form.draft.principal]}>
        {(kind) => <p data-component="new-session-note">{principalKindNotes[kind]}</p>}
      </For>
      <Show when={form.draft.principal === 'role'}>
        {text('roleArn', 'Role', { placeholder: 'arn:aws:iam::123456789012:role/deploy' })}
        <Disclosure label="External id and source identity">
          <div data-component="new-session-more">
            {text('externalId', 'External id', {
              description: "Where the role's trust policy asks for one.",
            })}
            {text('sourceIdentity', 'Source identity', {
              description: 'Stands in CloudTrail with all that is done.',
            })}
          </div>
        </Disclosure>
      </Show>
      <Show when={form.draft.principal === 'service-account'}>
        {text('email', 'Service account', { placeholder: 'deploy@my-project.iam.gserviceaccount.com' })}
      </Show>
      <Show when={form.draft.principal === 'azure-token'}>
        {text('subscription', 'Subscription', { placeholder: '00000000-0000-0000-0000-000000000000' })}
        {text('resource', 'Token for', {
          description: 'The address of the service that takes it, such as https://vault.azure.net.',
        })}
      </Show>
    </section>
  );
}
