import { createSignal, Show } from 'solid-js';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import './diagnostics-panel.css';

/** the report for those who help, to be read before it is sent. */
export function DiagnosticsPanel() {
  const app = useApp();
  const [withEmails, setWithEmails] = createSignal(false);
  const [text, setText] = createSignal<string | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);

  const show = async () => {
    const reply = await ask(app.bridge.diagnostics.report({ withEmails: withEmails() }));
    setFailure(reply.ok ? null : reply.failure);
    if (!reply.ok) return;
    setText(reply.value.text);
    app.announce('The report is shown.');
  };
  const copy = async () => {
    const refused = await attempt(app.bridge.diagnostics.copy({ withEmails: withEmails() }));
    setFailure(refused);
    if (!refused) app.announce('Copied');
  };
  const save = async () => {
    const reply = await ask(app.bridge.diagnostics.save({ withEmails: withEmails() }));
    if (!reply.ok) setFailure(reply.failure);
    else if (!reply.value.success) setFailure(reply.value.failure);
    else {
      setFailure(null);
      if (reply.value.saved) app.showNote({ text: 'Report saved.' });
    }
  };
  const choose = (value: boolean) => {
    setWithEmails(value);
    // What is on the screen is what would be sent.
    if (text() !== null) void show();
  };

  return (
    <section aria-labelledby="settings-diagnostics" data-component="diagnostics">
      <h2 data-component="section-title" id="settings-diagnostics">
        Diagnostics
      </h2>
      <p data-component="settings-note">
        One text for those who help you: versions, programs, checks, settings and the last lines of the log.
        No keys, tokens or codes are in it, and your home directory is shortened to ~.
      </p>
      <label data-component="diagnostics-choice">
        <input
          type="checkbox"
          checked={withEmails()}
          onChange={(event) => choose(event.currentTarget.checked)}
        />
        Leave email addresses in
      </label>
      <div data-component="diagnostics-actions">
        <Button onClick={() => void show()}>Show the report</Button>
        <Button onClick={() => void copy()}>Copy</Button>
        <Button onClick={() => void save()}>Save…</Button>
      </div>
      <Show when={failure()}>{(known) => <FailureNote failure={known()} />}</Show>
      <Show when={text()}>
        {(known) => (
          <section aria-label="Diagnostics report">
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller is reached by keyboard */}
            <pre data-component="diagnostics-text" tabIndex={0}>
              {known()}
            </pre>
          </section>
        )}
      </Show>
    </section>
  );
}
