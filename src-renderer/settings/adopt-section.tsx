import { createSignal, For, Show } from 'solid-js';
import type { MachineLogin } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { accountName, listed } from '../removal/removal-words.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { ownBundles } from '../state/model.ts';
import './adopt-section.css';

/** I-15: logins that this machine has without Lanyard, to be brought in as pointers. */
export function AdoptSection() {
  const app = useApp();
  const [logins, setLogins] = createSignal<MachineLogin[] | null>(null);
  const [looking, setLooking] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  let title: HTMLHeadingElement | undefined;

  const look = async () => {
    if (looking()) return;
    setLooking(true);
    setFailure(null);
    app.announce('Looking for logins on this machine.');
    const reply = await ask(app.bridge.accounts.findOnMachine());
    setLooking(false);
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    const { logins: found } = reply.value;
    setLogins(found);
    app.announce(found.length === 0 ? 'No login was found.' : `${found.length} found.`);
  };

  return (
    <section aria-labelledby="settings-machine">
      <div data-component="settings-head">
        <h2
          data-component="section-title"
          id="settings-machine"
          tabIndex={-1}
          ref={(element) => {
            title = element;
          }}
        >
          On this machine
        </h2>
        <Button size="small" aria-disabled={looking() ? 'true' : undefined} onClick={() => void look()}>
          {looking() ? 'Looking…' : logins() ? 'Look again' : 'Look for logins'}
        </Button>
      </div>
      <p data-component="settings-note">
        Programs here may be signed in without Lanyard. Bring such a login in to use it as an identity:
        Lanyard only points to it, and never writes, moves or deletes it.
      </p>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show when={logins()}>
        {(found) => (
          <Show
            when={found().length > 0}
            fallback={
              <p data-component="settings-note">
                None was found. Programs whose login cannot be read without starting a sign-in are not looked
                at.
              </p>
            }
          >
            <ul data-component="settings-list" aria-label="Logins on this machine">
              <For each={found()}>
                {(login) => (
                  <LoginRow
                    login={login}
                    onAdopted={() => {
                      title?.focus();
                      void look();
                    }}
                  />
                )}
              </For>
            </ul>
          </Show>
        )}
      </Show>
    </section>
  );
}

const newBundle = '';

function LoginRow(props: { login: MachineLogin; onAdopted: () => void }) {
  const app = useApp();
  const [into, setInto] = createSignal(newBundle);
  const [busy, setBusy] = createSignal(false);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const provider = () => app.state.providers.find(({ id }) => id === props.login.providerId);
  const name = () => provider()?.name ?? props.login.providerId;
  const details = () =>
    [props.login.organisation, props.login.plan].filter((part) => part !== undefined).join(', ');
  const choice = () => (into() === newBundle ? {} : { intoBundleId: into() });

  const adopt = async () => {
    if (busy()) return;
    setBusy(true);
    setFailure(null);
    const reply = await ask(app.bridge.accounts.adopt({ providerId: props.login.providerId, ...choice() }));
    setBusy(false);
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else {
      app.showNote({ text: `${name()} was brought in. Its login stays where it is.` });
      props.onAdopted();
    }
  };

  return (
    <li data-component="machine-login">
      <ProviderMark mark={provider()?.mark ?? name().slice(0, 2)} small />
      <div data-component="settings-main">
        <span data-component="settings-name">{accountName(name(), props.login.email ?? '')}</span>
        <Show when={details()}>
          <small>{details()}</small>
        </Show>
        <Show when={props.login.adoptedBy.length > 0}>
          <small>{`Used by ${listed(props.login.adoptedBy)}`}</small>
        </Show>
        <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      </div>
      <label data-component="visually-hidden" for={`into-${props.login.providerId}`}>
        {`Identity for ${name()}`}
      </label>
      <select
        data-component="select"
        id={`into-${props.login.providerId}`}
        onChange={(event) => setInto(event.currentTarget.value)}
      >
        <option value={newBundle}>New identity</option>
        <For each={ownBundles(app.state)}>{(bundle) => <option value={bundle.id}>{bundle.name}</option>}</For>
      </select>
      <Button
        size="small"
        aria-label={`Bring in ${name()}`}
        aria-disabled={busy() ? 'true' : undefined}
        onClick={() => void adopt()}
      >
        {busy() ? 'Bringing in…' : 'Bring in'}
      </Button>
      <Button
        size="small"
        look="quiet"
        aria-label={`Sign in instead of bringing in ${name()}`}
        data-returns-focus={`connect-${props.login.providerId}`}
        onClick={() =>
          void app.connect({
            providerId: props.login.providerId,
            bundleId: into() === newBundle ? null : into(),
          })
        }
      >
        Sign in instead
      </Button>
    </li>
  );
}
