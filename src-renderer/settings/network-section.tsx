import { createEffect, createSignal, For, type JSX, on, onCleanup, onMount, Show } from 'solid-js';
import type { NetworkState, NetworkTest, ProxyForm, ProxyMode } from '../../src-preload/contract/network.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { formatDay } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import './network-section.css';

const modes: { mode: ProxyMode; label: string; about: string }[] = [
  {
    mode: 'system',
    label: 'As the system says',
    about: 'The proxy of the system settings, or of the variables that Lanyard was started with.',
  },
  { mode: 'none', label: 'No proxy', about: 'Straight to the network, whatever the system says.' },
  { mode: 'manual', label: 'This proxy', about: 'One address for everything.' },
];

/** How Lanyard, and the programs that it starts, reach the network. */
export function NetworkSection() {
  const app = useApp();
  const [network, setNetwork] = createSignal<NetworkState | null>(null);
  const look = async () => {
    const reply = await ask(app.bridge.network.state());
    if (reply.ok) setNetwork(reply.value);
  };
  onMount(() => void look());
  onCleanup(app.bridge.network.onChanged(() => void look()));
  return (
    <Show when={network()} fallback={<p data-component="settings-note">Looking…</p>}>
      {(known) => (
        <>
          <ProxyPart known={known()} />
          <AuthoritiesPart known={known()} onChanged={look} />
          <TestPart />
        </>
      )}
    </Show>
  );
}

function ProxyPart(props: { known: NetworkState }) {
  const app = useApp();
  const [form, setForm] = createSignal<ProxyForm>({ ...props.known.proxy, password: '' });
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  // Another window may have saved.
  createEffect(
    on(
      () => JSON.stringify(props.known.proxy),
      () => setForm({ ...props.known.proxy, password: '' }),
      { defer: true },
    ),
  );
  const change = (changes: Partial<ProxyForm>) => {
    setForm({ ...form(), ...changes });
    setFailure(null);
  };
  const isManual = () => form().mode === 'manual';
  const save = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    setBusy(true);
    const refused = await attempt(app.bridge.network.saveProxy(form()));
    setBusy(false);
    setFailure(refused);
    if (refused) return;
    setForm({ ...form(), password: '' });
    app.announce('The proxy settings are in use.');
  };
  const errorOf = (field: string) => failure()?.fields?.[field] ?? null;
  const passwordNote = () =>
    props.known.password === 'kept'
      ? 'One is kept with your keys. Type here to replace it.'
      : 'Kept with your keys.';
  return (
    <section aria-labelledby="settings-proxy">
      <h2 data-component="section-title" id="settings-proxy">
        Proxy
      </h2>
      <p data-component="settings-note">
        For sign-ins and checks of Lanyard's own, and for the programs that it starts.
      </p>
      <form onSubmit={(event) => void save(event)} novalidate data-component="network-form">
        <fieldset data-component="network-modes">
          <legend data-component="visually-hidden">Proxy</legend>
          <For each={modes}>
            {({ mode, label, about }) => (
              <label>
                <input
                  type="radio"
                  name="proxy-mode"
                  checked={form().mode === mode}
                  onChange={() => change({ mode })}
                  aria-describedby={`proxy-${mode}`}
                />
                <span>
                  {label}
                  <small id={`proxy-${mode}`}>{about}</small>
                </span>
              </label>
            )}
          </For>
        </fieldset>
        <Show when={isManual()}>
          <div data-component="network-fields">
            <Field
              label="Address"
              description="Such as proxy.example.com:8080."
              value={form().address}
              error={errorOf('address')}
              onChange={(address) => change({ address })}
            />
            <Field
              label="User name"
              description="Empty where the proxy asks for nobody."
              value={form().user}
              error={errorOf('user')}
              onChange={(user) => change({ user })}
            />
            <Show when={form().user !== ''}>
              <Field
                label="Password"
                type="password"
                description={passwordNote()}
                value={form().password}
                error={errorOf('password')}
                onChange={(password) => change({ password })}
              />
            </Show>
            <Field
              label="Not for these hosts"
              description="Separated by commas; .example.com stands for all below it. This computer is never reached through it."
              value={form().bypass}
              error={errorOf('bypass')}
              onChange={(bypass) => change({ bypass })}
            />
          </div>
        </Show>
        <Show when={failure() && !failure()?.fields ? failure() : null}>
          {(shown) => <FailureNote failure={shown()} />}
        </Show>
        <Show when={failure() ? null : props.known.passwordFailure}>
          {(shown) => <FailureNote failure={shown()} />}
        </Show>
        <div>
          <Button look="primary" type="submit" aria-disabled={busy()}>
            {busy() ? 'Saving…' : 'Save'}
          </Button>
        </div>
      </form>
    </section>
  );
}

function AuthoritiesPart(props: { known: NetworkState; onChanged: () => Promise<void> }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const [asking, setAsking] = createSignal(false);
  let title: HTMLHeadingElement | undefined;
  const count = () => props.known.authorities.length;

  const choose = async () => {
    if (busy()) return;
    setBusy(true);
    const reply = await ask(app.bridge.network.chooseAuthorities());
    setBusy(false);
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else {
      setFailure(null);
      await props.onChanged();
      if (reply.value.added > 0) app.announce(`${authorities(reply.value.added)} trusted from now on.`);
    }
  };
  const remove = async () => {
    setBusy(true);
    const refused = await attempt(app.bridge.network.removeAuthorities());
    setBusy(false);
    setFailure(refused);
    if (refused) return;
    setAsking(false);
    await props.onChanged();
    app.announce('The certificates were removed.');
    title?.focus();
  };
  return (
    <section aria-labelledby="settings-authorities">
      <h2
        data-component="section-title"
        id="settings-authorities"
        tabIndex={-1}
        ref={(element) => {
          title = element;
        }}
      >
        Certificates of your company
      </h2>
      <p data-component="settings-note">
        Trusted besides those of the system, by Lanyard and by the programs that it starts. Nothing else is
        changed on this computer.
      </p>
      <Show when={count() > 0}>
        <ul data-component="settings-list" aria-label="Certificates">
          <For each={props.known.authorities}>
            {(each) => (
              <li>
                <div data-component="settings-main">
                  <span data-component="settings-name">{each.name}</span>
                  <small>
                    {each.expiresAt < Date.now() ? 'Expired on' : 'Valid until'} {formatDay(each.expiresAt)}
                  </small>
                  <code>{each.fingerprint}</code>
                </div>
              </li>
            )}
          </For>
        </ul>
      </Show>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <div data-component="network-actions">
        <Button aria-disabled={busy()} onClick={() => void choose()}>
          {count() > 0 ? 'Choose another file…' : 'Choose a file…'}
        </Button>
        <Show when={count() > 0}>
          <Button onClick={() => setAsking(true)}>
            {count() > 1 ? `Remove all ${count()}…` : 'Remove…'}
          </Button>
        </Show>
      </div>
      <Show when={asking()}>
        <ConfirmDialog
          title={count() > 1 ? `Remove ${count()} certificates?` : 'Remove the certificate?'}
          keepLabel="Keep"
          confirmLabel="Remove"
          busy={busy()}
          failure={failure()}
          onKeep={() => setAsking(false)}
          onConfirm={() => void remove()}
        >
          Servers that only your company vouches for are refused then. The file that you chose stays where it
          is.
        </ConfirmDialog>
      </Show>
    </section>
  );
}

function TestPart() {
  const app = useApp();
  const [providerId, setProviderId] = createSignal('');
  const [busy, setBusy] = createSignal(false);
  const [result, setResult] = createSignal<NetworkTest | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const chosen = () => providerId() || (app.state.providers[0]?.id ?? '');
  const test = async () => {
    if (busy() || chosen() === '') return;
    setBusy(true);
    setResult(null);
    const reply = await ask(app.bridge.network.test({ providerId: chosen() }));
    setBusy(false);
    setFailure(reply.ok ? null : reply.failure);
    if (!reply.ok) return;
    setResult(reply.value);
    app.announce(reply.value.success ? `${reply.value.host} answers.` : reply.value.failure.title);
  };
  return (
    <section aria-labelledby="settings-network-test">
      <h2 data-component="section-title" id="settings-network-test">
        Test
      </h2>
      <div data-component="network-actions">
        <select
          aria-label="Provider to test with"
          value={chosen()}
          onChange={(event) => {
            setProviderId(event.currentTarget.value);
            setResult(null);
            setFailure(null);
          }}
        >
          <For each={app.state.providers}>{({ id, name }) => <option value={id}>{name}</option>}</For>
        </select>
        <Button aria-disabled={busy()} onClick={() => void test()}>
          {busy() ? 'Testing…' : 'Test'}
        </Button>
      </div>
      <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
      <Show when={result()}>
        {(shown) => (
          <ul data-component="self-test" aria-label="Test result">
            <For each={linesOf(shown())}>
              {({ label, outcome, why }) => (
                <li>
                  <span>{label}</span>
                  <strong data-outcome={outcome}>{outcomes[outcome]}</strong>
                  {why}
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
    </section>
  );
}

const outcomes = { passed: 'Passed', failed: 'Failed', 'not-run': 'Not run' };

interface Line {
  label: string;
  outcome: keyof typeof outcomes;
  why?: JSX.Element;
}

/** What a test came through, in the order in which a request does. */
function linesOf(test: NetworkTest): Line[] {
  const order = ['resolve', 'proxy', 'connect', 'tls', 'answer'] as const;
  const reached = test.success ? order.length : order.indexOf(test.step);
  const line = (step: (typeof order)[number], label: string): Line => {
    const at = order.indexOf(step);
    if (at < reached) return { label, outcome: 'passed' };
    if (at > reached || test.success) return { label, outcome: 'not-run' };
    return { label, outcome: 'failed', why: <FailureNote failure={test.failure} /> };
  };
  const { way } = test;
  return [
    // A proxy looks names up itself.
    ...(way.kind === 'direct' || reached === 0 ? [line('resolve', `Find ${test.host}`)] : []),
    ...(way.kind === 'proxy' || reached === 1
      ? [line('proxy', way.kind === 'proxy' ? `Go through the proxy ${way.address}` : 'Go through the proxy')]
      : []),
    line('connect', 'Connect'),
    ...(test.success && !test.secure ? [] : [line('tls', 'Trust its certificate')]),
    line('answer', test.success ? `Answer (HTTP ${test.status})` : 'Answer'),
  ];
}

function authorities(count: number): string {
  return count === 1 ? 'One certificate is' : `${count} certificates are`;
}
