import * as Dialog from '@kobalte/core/dialog';
import { createSignal, For, Show } from 'solid-js';
import type { IssuerForm } from '../../src-preload/contract/issuers.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { Field } from '../components/field.tsx';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import './issuer-dialog.css';
import { formOf, issuerPresets } from './issuer-presets.ts';

type TextField = Exclude<keyof IssuerForm, 'prefers'>;

interface Problem {
  field: TextField | null;
  failure: Failure;
}

/** Adds an OpenID Connect or OAuth issuer: who it is, the client there, and what to ask for. */
export function IssuerDialog(props: { onClose: () => void }) {
  const app = useApp();
  const [preset, setPreset] = createSignal('custom');
  const [form, setForm] = createSignal(formOf(undefined));
  const [problem, setProblem] = createSignal<Problem | null>(null);
  const [supports, setSupports] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal<'test' | 'add' | null>(null);
  const opener = document.activeElement;
  const note = () => issuerPresets.find(({ id }) => id === preset())?.note;

  const change = (changes: Partial<IssuerForm>) => {
    setForm({ ...form(), ...changes });
    setProblem(null);
    setSupports(null);
  };
  const errorOf = (field: TextField) => {
    const found = problem();
    return found?.field === field ? sentences(found.failure) : null;
  };
  const text = (field: TextField, label: string, description?: string) => (
    <Field
      label={label}
      {...(description === undefined ? {} : { description })}
      value={form()[field]}
      error={errorOf(field)}
      onChange={(value) => change({ [field]: value })}
    />
  );

  const test = async () => {
    if (busy()) return;
    setBusy('test');
    setProblem(null);
    setSupports(null);
    const reply = await ask(app.bridge.issuers.test(form()));
    setBusy(null);
    if (!reply.ok) setProblem({ field: null, failure: reply.failure });
    else if (!reply.value.success)
      setProblem({ field: reply.value.field ?? null, failure: reply.value.failure });
    else {
      setSupports(supportWords(reply.value.supports));
      app.announce(supportWords(reply.value.supports));
    }
  };

  const add = async (event: Event) => {
    event.preventDefault();
    if (busy()) return;
    setBusy('add');
    const reply = await ask(app.bridge.issuers.add(form()));
    setBusy(null);
    if (!reply.ok) setProblem({ field: null, failure: reply.failure });
    else if (!reply.value.success)
      setProblem({ field: reply.value.field ?? null, failure: reply.value.failure });
    else {
      app.announce(`${form().name} was added.`);
      props.onClose();
    }
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="issuer-dialog"
            onCloseAutoFocus={() => {
              if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
            }}
          >
            <Dialog.Title data-component="dialog-title">Add an OpenID Connect issuer</Dialog.Title>
            <form onSubmit={(event) => void add(event)} data-component="dialog-form" novalidate>
              <div data-component="issuer-choice">
                <label for="issuer-preset">Kind</label>
                <select
                  id="issuer-preset"
                  value={preset()}
                  onChange={(event) => {
                    const { value } = event.currentTarget;
                    setPreset(value);
                    change({
                      ...formOf(issuerPresets.find(({ id }) => id === value)),
                      clientId: form().clientId,
                    });
                  }}
                >
                  <For each={issuerPresets}>{(each) => <option value={each.id}>{each.label}</option>}</For>
                </select>
                <p data-component="issuer-note">{note()}</p>
              </div>
              {text('name', 'Name')}
              {text('url', 'Issuer address')}
              {text('clientId', 'Client id', 'Of a public client; there is no secret.')}
              {text('scopes', 'Scopes', 'Separated by spaces.')}
              <div data-component="issuer-choice">
                <label for="issuer-prefers">Connect starts</label>
                <select
                  id="issuer-prefers"
                  value={form().prefers}
                  onChange={(event) =>
                    change({ prefers: event.currentTarget.value === 'device' ? 'device' : 'browser' })
                  }
                >
                  <option value="browser">in the browser</option>
                  <option value="device">with a code</option>
                </select>
              </div>
              <Disclosure label="More settings">
                <div data-component="issuer-more">
                  {text(
                    'restriction',
                    'Only accounts with this claim',
                    'Such as hd=example.com or tid=…; empty for anybody.',
                  )}
                  {text('port', 'Port of the redirect', 'Empty for any free port.')}
                  {text(
                    'parameters',
                    'Further parameters',
                    'As in an address, such as prompt=login&audience=api.',
                  )}
                </div>
              </Disclosure>
              <Show when={problem()?.field === null ? problem() : null}>
                {(shown) => <FailureNote failure={shown().failure} />}
              </Show>
              <Show when={supports()}>{(words) => <p data-component="issuer-supports">{words()}</p>}</Show>
              <div data-component="confirm-actions">
                <Button onClick={() => void test()} aria-disabled={busy() ? 'true' : undefined}>
                  {busy() === 'test' ? 'Testing…' : 'Test'}
                </Button>
                <Button onClick={() => props.onClose()}>Cancel</Button>
                <Button look="primary" type="submit" disabled={busy() !== null}>
                  Add
                </Button>
              </div>
            </form>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function supportWords(supports: {
  browser: boolean;
  device: boolean;
  refresh: boolean;
  revocation: boolean;
}): string {
  const ways = [supports.browser ? 'the browser' : null, supports.device ? 'a code' : null].filter(
    (way) => way !== null,
  );
  const first =
    ways.length === 0
      ? 'It answers, but has no way to sign in that Lanyard knows.'
      : `It works with ${ways.join(' and ')}.`;
  return [
    first,
    supports.refresh ? null : 'It renews no tokens.',
    supports.revocation ? null : 'Its tokens cannot be revoked.',
  ]
    .filter((part) => part !== null)
    .join(' ');
}
