import { createMemo, createSignal, For, Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { PolicyProfileView } from '../../src-preload/contract/sessions.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { FilterBox } from '../components/filter-box.tsx';
import { firstRows, ShowAllRows } from '../components/first-rows.tsx';
import { ProblemList } from '../components/problems.tsx';
import { sentences } from '../format/sentences.ts';
import { lengthWords } from '../sessions/countdown.ts';
import { createLoad } from '../sessions/load.ts';
import { ProfileDialog, type ProfileSubject } from '../sessions/profile-dialog.tsx';
import { actionsSummary, cloudNames } from '../sessions/session-words.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { filterBundles, worthFiltering } from '../state/filter.ts';
import './cloud-sessions-section.css';

/** Named lists of actions (C-8), and what the sessions of each identity are held to (C-20, C-11). */
export function CloudSessionsSection() {
  const app = useApp();
  const profiles = createLoad(
    () => 'all',
    () => app.bridge.sessions.profiles(),
  );
  const [editing, setEditing] = createSignal<ProfileSubject | null>(null);
  const own = createMemo(() => (profiles.value()?.profiles ?? []).filter((profile) => profile.own));
  const builtIn = createMemo(() => (profiles.value()?.profiles ?? []).filter((profile) => !profile.own));
  return (
    <>
      <section aria-labelledby="settings-profiles">
        <div data-component="settings-head">
          <h2 data-component="section-title" id="settings-profiles">
            Profiles
          </h2>
          <Button size="small" onClick={() => setEditing({ kind: 'new' })}>
            New profile
          </Button>
        </div>
        <p data-component="settings-note">Actions under a name, to be chosen for a new session.</p>
        <Show when={profiles.loading()}>
          <p data-component="settings-note">Looking…</p>
        </Show>
        <Show when={profiles.failure()}>
          {(failure) => (
            <>
              <FailureNote failure={failure()} />
              <Button size="small" onClick={() => profiles.retry()}>
                Try again
              </Button>
            </>
          )}
        </Show>
        <Show when={(profiles.value()?.problems.length ?? 0) > 0}>
          <h3 data-component="settings-subtitle">Set aside because they could not be used</h3>
          <ProblemList problems={profiles.value()?.problems ?? []} />
        </Show>
        <Show when={profiles.value()}>
          <h3 data-component="settings-subtitle" id="profiles-own">
            Yours
          </h3>
          <Show when={own().length > 0} fallback={<p data-component="settings-note">None yet.</p>}>
            <ul data-component="settings-list" aria-labelledby="profiles-own">
              <For each={own()}>
                {(profile) => (
                  <ProfileRow profile={profile} onEdit={setEditing} onDeleted={() => profiles.retry()} />
                )}
              </For>
            </ul>
          </Show>
          <h3 data-component="settings-subtitle" id="profiles-built-in">
            Lanyard's
          </h3>
          <ul data-component="settings-list" aria-labelledby="profiles-built-in">
            <For each={builtIn()}>
              {(profile) => (
                <ProfileRow profile={profile} onEdit={setEditing} onDeleted={() => profiles.retry()} />
              )}
            </For>
          </ul>
        </Show>
      </section>
      <CapsSection />
      <Show when={editing()} keyed>
        {(subject) => (
          <ProfileDialog
            subject={subject}
            onClose={() => setEditing(null)}
            onSaved={() => {
              setEditing(null);
              profiles.retry();
            }}
          />
        )}
      </Show>
    </>
  );
}

/** What the sessions of each identity are held to. */
function CapsSection() {
  const app = useApp();
  const [filter, setFilter] = createSignal('');
  const filtering = () => worthFiltering(app.state.bundles.length);
  const found = createMemo(() => filterBundles(app.state.bundles, filtering() ? filter() : ''));
  const list = firstRows(found);
  let element: HTMLUListElement | undefined;
  return (
    <section aria-labelledby="settings-caps">
      <h2 data-component="section-title" id="settings-caps">
        How long sessions may last
      </h2>
      <p data-component="settings-note">From their start, for each identity.</p>
      <Show when={filtering()}>
        <div data-component="settings-filter">
          <FilterBox
            label="Filter the identities"
            value={filter()}
            found={found().length}
            onChange={setFilter}
            onDown={() => element?.querySelector('input')?.focus()}
          />
        </div>
      </Show>
      <Show
        when={found().length > 0}
        fallback={<p data-component="settings-note">No identity has this in its name, text or accounts.</p>}
      >
        <ul
          data-component="settings-list"
          aria-labelledby="settings-caps"
          ref={(made) => {
            element = made;
          }}
        >
          <For each={list.rows()}>{(bundle) => <CapRow bundle={bundle} />}</For>
        </ul>
        <ShowAllRows of={list} list={() => element} />
      </Show>
    </section>
  );
}

function ProfileRow(props: {
  profile: PolicyProfileView;
  onEdit: (subject: ProfileSubject) => void;
  onDeleted: () => void;
}) {
  const app = useApp();
  const [asking, setAsking] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const remove = async () => {
    const refused = await attempt(app.bridge.sessions.deleteProfile({ profileId: props.profile.id }));
    setFailure(refused);
    if (refused) return;
    setAsking(false);
    app.announce(`${props.profile.name} was deleted.`);
    document.getElementById('page-title')?.focus();
    props.onDeleted();
  };
  return (
    <li>
      <div data-component="settings-main">
        <span data-component="settings-name">
          {props.profile.name}
          <small>{cloudNames[props.profile.cloud]}</small>
        </span>
        <small title={props.profile.actions.join('\n')}>
          {[props.profile.description, `${actionsSummary(props.profile.actions)}.`].filter(Boolean).join(' ')}
        </small>
      </div>
      <Show
        when={props.profile.own}
        fallback={
          <Button
            size="small"
            look="quiet"
            aria-label={`Duplicate ${props.profile.name} of ${cloudNames[props.profile.cloud]}`}
            onClick={() => props.onEdit({ kind: 'copy', profile: props.profile })}
          >
            Duplicate…
          </Button>
        }
      >
        <Button
          size="small"
          aria-label={`Edit ${props.profile.name}`}
          onClick={() => props.onEdit({ kind: 'edit', profile: props.profile })}
        >
          Edit…
        </Button>
        <Button
          size="small"
          look="quiet"
          aria-label={`Delete ${props.profile.name}`}
          onClick={() => {
            setFailure(null);
            setAsking(true);
          }}
        >
          Delete
        </Button>
      </Show>
      <Show when={asking()}>
        <ConfirmDialog
          title={`Delete ${props.profile.name}?`}
          keepLabel="Keep"
          confirmLabel="Delete"
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void remove()}
        >
          Sessions that were opened with it keep their actions.
        </ConfirmDialog>
      </Show>
    </li>
  );
}

/** An identity's cap, and that it was accepted that a cloud does not narrow its sessions. */
function CapRow(props: { bundle: BundleSummary }) {
  const app = useApp();
  const terms = createLoad(
    () => props.bundle.id,
    (bundleId) => app.bridge.sessions.terms({ bundleId }),
  );
  const [typed, setTyped] = createSignal<string | null>(null);
  const [error, setError] = createSignal<string | null>(null);
  const value = () => typed() ?? terms.value()?.cap ?? '';
  const changed = () => typed() !== null && typed() !== terms.value()?.cap;
  const usual = () => {
    const known = terms.value();
    return known?.cap === '' && known.capSeconds !== undefined ? lengthWords(known.capSeconds) : '';
  };
  const wrong = () => {
    const failure = terms.value()?.capFailure;
    return error() ?? (failure && !changed() ? sentences(failure) : null);
  };

  const save = async (event: Event) => {
    event.preventDefault();
    if (!changed()) return;
    const refused = await attempt(
      app.bridge.sessions.setTerms({ bundleId: props.bundle.id, cap: value().trim() }),
    );
    setError(refused ? sentences(refused) : null);
    if (refused) return;
    app.announce(`Saved for ${props.bundle.name}.`);
    setTyped(null);
    terms.retry();
  };
  const takeBack = async () => {
    const refused = await attempt(
      app.bridge.sessions.setTerms({ bundleId: props.bundle.id, notNarrowedAccepted: false }),
    );
    setError(refused ? sentences(refused) : null);
    if (refused) return;
    app.announce(`It is asked again for ${props.bundle.name}.`);
    document.getElementById('page-title')?.focus();
    terms.retry();
  };

  return (
    <li>
      <div data-component="cap-row">
        <div data-component="settings-main">
          <span data-component="cap-name">
            <BundleDot bundle={props.bundle} />
            {props.bundle.name}
          </span>
          <Show when={terms.value()?.notNarrowedAccepted}>
            <small>Sessions that the cloud does not narrow are accepted.</small>
          </Show>
        </div>
        <Show when={terms.value()?.notNarrowedAccepted}>
          <Button
            size="small"
            look="quiet"
            aria-label={`Ask again for ${props.bundle.name}`}
            onClick={() => void takeBack()}
          >
            Ask again
          </Button>
        </Show>
        <form onSubmit={(event) => void save(event)} novalidate>
          <Field
            label={`Cap of ${props.bundle.name}`}
            labelHidden
            placeholder={usual() === '' ? 'such as 8h' : `${usual()}, as usual`}
            value={value()}
            error={wrong()}
            onChange={(text) => {
              setTyped(text);
              setError(null);
            }}
          >
            {/* Not disabled: it has the focus when there is nothing left to save. */}
            <Button
              size="small"
              type="submit"
              aria-label={`Save the cap of ${props.bundle.name}`}
              aria-disabled={changed() ? undefined : 'true'}
            >
              Save
            </Button>
          </Field>
        </form>
        <Show when={terms.failure()}>{(failure) => <FailureNote failure={failure()} />}</Show>
      </div>
    </li>
  );
}
