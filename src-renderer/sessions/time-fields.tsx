import { For, Show } from 'solid-js';
import { ttlPresets } from '../../src-preload/contract/sessions.ts';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { SelectField } from '../components/select-field.tsx';
import { CheckLine } from './check-line.tsx';
import { lengthWords } from './countdown.ts';
import type { NewSession } from './new-session.ts';
import { OpeningDisclosure } from './opening-disclosure.tsx';
import { Segments } from './segments.tsx';
import { type LimitUnit, limitUnits } from './session-usage.ts';
import { Loading } from './source-fields.tsx';

const limitLabels: Record<LimitUnit, string> = {
  minutes: 'Minutes',
  credentialRequests: 'Credential requests',
  renewals: 'Renewals',
  commands: 'Commands',
};

/** How long it lasts, up to the identity's cap (C-20), and what else ends it (C-19). */
export function TimeFields(props: { form: NewSession }) {
  const { form } = props;
  const hasWrongLimit = () =>
    form.problems().estimate !== undefined || limitUnits.some((unit) => form.problems()[unit] !== undefined);
  const cap = () => form.terms.value()?.capSeconds;
  return (
    <section data-component="new-session-part" aria-label="Time and limits">
      <h3>How long</h3>
      <Loading load={form.terms} text="Looking at the identity's cap…" />
      <Show when={form.terms.value()?.capFailure}>{(failure) => <FailureNote failure={failure()} />}</Show>
      <Segments
        legend="Lasts"
        legendHidden
        value={form.draft.ttl}
        options={[
          ...ttlPresets.map((seconds) => ({
            value: String(seconds),
            label: lengthWords(seconds),
            disabled: seconds > (cap() ?? Number.POSITIVE_INFINITY),
          })),
          { value: 'own', label: 'Other' },
        ]}
        onChange={(ttl) => form.change({ ttl })}
      />
      <Show when={cap()}>
        {(seconds) => (
          <p data-component="new-session-note">{`${form.bundleName()} allows ${lengthWords(seconds())} at most.`}</p>
        )}
      </Show>
      <Show when={form.draft.ttl === 'own'}>
        <Field
          label="Length of time"
          placeholder="45m"
          description="Such as 45m, 8h or 1h30m."
          value={form.draft.ownTtl}
          error={form.problems().ownTtl ?? null}
          onChange={(ownTtl) => form.change({ ownTtl })}
        />
      </Show>
      <OpeningDisclosure label="Limits, and how often credentials are renewed" opens={hasWrongLimit()}>
        <div data-component="new-session-more">
          <p data-component="new-session-note">
            What is counted here ends the session when it is reached. Empty for no limit.
          </p>
          <div data-component="new-session-pair">
            <For each={limitUnits}>
              {(unit) => (
                <Field
                  label={limitLabels[unit]}
                  value={form.draft.limits[unit]}
                  error={form.problems()[unit] ?? null}
                  onChange={(value) => form.change({ limits: { ...form.draft.limits, [unit]: value } })}
                />
              )}
            </For>
          </div>
          <Field
            label="Estimated cost in dollars"
            description="An estimate for you to remember. Nothing counts it or enforces it."
            value={form.draft.estimate}
            error={form.problems().estimate ?? null}
            onChange={(estimate) => form.change({ estimate })}
          />
          <SelectField
            label="Each set of credentials lives"
            description="Where the cloud can be asked. The shorter, the sooner a revocation is felt."
            value={form.draft.credentialSeconds}
            empty="As usual"
            options={[
              { value: '900', label: '15 minutes' },
              { value: '3600', label: '1 hour' },
            ]}
            onChange={(value) =>
              form.change({ credentialSeconds: value === '900' || value === '3600' ? value : '' })
            }
          />
        </div>
      </OpeningDisclosure>
      <CheckLine
        label="Use an open session again"
        description="Where one is open for exactly the same, and lasts long enough."
        checked={form.draft.mayReuse}
        onChange={(mayReuse) => form.change({ mayReuse })}
      />
    </section>
  );
}
