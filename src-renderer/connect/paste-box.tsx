import ClipboardPaste from 'lucide-solid/icons/clipboard-paste';
import { createSignal } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Field } from '../components/field.tsx';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { useConnect } from './connect-context.tsx';
import './paste-box.css';

/** Where what the browser ended on is brought back. A refused text stays in the box, with the reason below it. */
export function PasteBox(props: { session: SessionSnapshot; focusFirst?: boolean }) {
  const app = useApp();
  const view = useConnect();
  const [refusal, setRefusal] = createSignal<string | null>(null);
  const [busy, setBusy] = createSignal(false);
  /** The CLI's own refusal, which the person has answered by changing the text or by submitting again. */
  const [answered, setAnswered] = createSignal<string | undefined>();
  let input: HTMLInputElement | undefined;

  const error = () => {
    const rejected = props.session.pasteRejected;
    return refusal() ?? (rejected !== undefined && rejected !== answered() && !busy() ? rejected : null);
  };
  const description = () =>
    props.session.paste === 'callback'
      ? 'The address the browser ended on, even if it did not load.'
      : 'The code it shows, or the address it ended on.';

  const change = (text: string) => {
    view.setDraft(text);
    setRefusal(null);
    setAnswered(props.session.pasteRejected);
  };

  const submit = async () => {
    if (busy()) return;
    const text = view.draft().trim();
    if (text === '') {
      setRefusal('Paste the address or the code first.');
      input?.focus();
      return;
    }
    setBusy(true);
    setRefusal(null);
    const failure = await attempt(
      app.bridge.auth.submitCallback({ sessionId: props.session.sessionId, text }),
    );
    setBusy(false);
    setAnswered(undefined);
    if (!failure) {
      app.announce('Handed to the CLI.');
      return;
    }
    setRefusal(sentences(failure));
    input?.focus();
  };

  const pasteFromClipboard = async () => {
    const reply = await ask(app.bridge.clipboard.readText());
    const text = reply.ok ? reply.value.text.trim() : '';
    if (text === '') setRefusal('The clipboard holds no text.');
    else change(text);
    input?.focus();
  };

  return (
    <form
      data-component="paste-box"
      novalidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field
        label="Paste the callback URL or code"
        description={description()}
        value={view.draft()}
        error={error()}
        mono
        onChange={change}
        ref={(element) => {
          input = element;
          if (props.focusFirst) element.dataset.stepFocus = '';
        }}
      >
        <IconButton label="Paste from clipboard" onClick={() => void pasteFromClipboard()}>
          <ClipboardPaste size={15} aria-hidden="true" />
        </IconButton>
        <Button type="submit" disabled={busy()}>
          Submit
        </Button>
      </Field>
    </form>
  );
}
