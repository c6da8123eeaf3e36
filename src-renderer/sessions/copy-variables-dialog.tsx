import * as Dialog from '@kobalte/core/dialog';
import { createSignal, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import '../components/confirm-dialog.css';
import '../removal/removal-dialog.css';
import { FailureNote } from '../components/failure-note.tsx';
import { SelectField } from '../components/select-field.tsx';
import { useApp } from '../state/app-context.tsx';
import { clockTime } from './countdown.ts';
import './copy-variables-dialog.css';
import { succeeding } from './load.ts';
import { rememberFocus } from './remember-focus.ts';
import { Segments } from './segments.tsx';
import { cloudNames, principalName } from './session-words.ts';

const shells = [
  { value: 'posix', label: 'bash, zsh, sh' },
  { value: 'fish', label: 'fish' },
  { value: 'powershell', label: 'PowerShell' },
  { value: 'dotenv', label: '.env file' },
] as const;
type Shell = (typeof shells)[number]['value'];
type Form = 'endpoint' | 'keys';

/** C-16: the session's variables for a program that Lanyard did not start. */
export function CopyVariablesDialog(props: { sessionId: string; onClose: () => void }) {
  const app = useApp();
  const session = () => app.cloud.find(props.sessionId);
  const [shell, setShell] = createSignal<Shell>('posix');
  const [form, setForm] = createSignal<Form>('endpoint');
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [copied, setCopied] = createSignal<string | null>(null);
  const returnFocus = rememberFocus();
  const cloud = () => cloudNames[session()?.cloud ?? 'aws'];
  const until = () => clockTime(session()?.credentialsEndAt ?? 0, app.cloud.now());

  const copy = async () => {
    setFailure(null);
    setCopied(null);
    const reply = await succeeding(
      app.bridge.sessions.copyEnvironment({ sessionId: props.sessionId, shell: shell(), form: form() }),
    );
    if (!reply.ok) {
      setFailure(reply.failure);
      return;
    }
    const { names, clearedAfterSeconds } = reply.value;
    setCopied(`Copied ${names.join(', ')}. The clipboard is emptied after ${clearedAfterSeconds} seconds.`);
    app.announce('Copied');
  };

  return (
    <Dialog.Root open preventScroll={false} onOpenChange={(open) => !open && props.onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay data-component="scrim" />
        <div data-component="dialog-place">
          <Dialog.Content
            data-component="confirm-dialog"
            data-wide=""
            onCloseAutoFocus={(event) => {
              event.preventDefault();
              returnFocus();
            }}
          >
            <Dialog.Title data-component="dialog-title">
              Copy variables of {principalName(session()?.principal ?? '')}
            </Dialog.Title>
            <Segments
              legend="What is copied"
              stacked
              value={form()}
              options={[
                { value: 'endpoint', label: 'Where credentials are had', note: 'ends with the session' },
                { value: 'keys', label: 'The credentials themselves', note: `end at ${until()}` },
              ]}
              onChange={(value) => {
                setForm(value === 'keys' ? 'keys' : 'endpoint');
                setCopied(null);
              }}
            />
            <Show
              when={form() === 'keys'}
              fallback={
                <p data-component="confirm-text">
                  An address on this computer with a token. Programs ask it for credentials, which are renewed
                  while the session lasts.
                </p>
              }
            >
              <p data-component="copy-warning">
                <strong>Whoever has these keys is this session.</strong>
                {` They work wherever they are pasted and nobody renews them. ${
                  session()?.cloud === 'gcp'
                    ? 'Revoking the session may not reach them'
                    : `${cloud()} cannot take them back when the session is revoked`
                }: they end by themselves at ${until()}.`}
              </p>
            </Show>
            <SelectField
              label="For"
              value={shell()}
              options={shells}
              onChange={(value) => {
                setShell(shells.find((each) => each.value === value)?.value ?? 'posix');
                setCopied(null);
              }}
            />
            <Show when={failure()}>{(shown) => <FailureNote failure={shown()} />}</Show>
            <Show when={copied()}>{(text) => <p data-component="copy-done">{text()}</p>}</Show>
            <div data-component="confirm-actions">
              <Button onClick={() => props.onClose()}>Close</Button>
              <Button look={form() === 'keys' ? 'danger' : 'primary'} onClick={() => void copy()}>
                {form() === 'keys' ? 'Copy the keys' : 'Copy'}
              </Button>
            </div>
          </Dialog.Content>
        </div>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
