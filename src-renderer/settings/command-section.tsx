import { createSignal, onMount, Show } from 'solid-js';
import type { CommandState } from '../../src-preload/contract/command.ts';
import type { Failure, Outcome } from '../../src-preload/contract/values.ts';
import type { Reply } from '../../src-preload/contract.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import './command-section.css';

/** The `lanyard` command: whether terminals have it, and putting it there. */
export function CommandSection() {
  const app = useApp();
  const [command, setCommand] = createSignal<CommandState | null>(null);
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [busy, setBusy] = createSignal(false);
  const look = async () => {
    const reply = await ask(app.bridge.command.state());
    if (reply.ok) setCommand(reply.value);
  };
  onMount(() => void look());
  const act = async (call: () => Promise<Reply<Outcome>>, done: string) => {
    if (busy()) return;
    setBusy(true);
    const refused = await attempt(call());
    await look();
    setBusy(false);
    setFailure(refused);
    if (!refused) app.announce(done);
  };
  return (
    <section aria-labelledby="settings-command">
      <h2 data-component="section-title" id="settings-command">
        Command line
      </h2>
      <p data-component="settings-note">
        The <code>lanyard</code> command runs any program as an identity, and signs in, from a terminal.
      </p>
      <Show when={command()} fallback={<p data-component="settings-note">Looking…</p>}>
        {(known) => (
          <>
            <div data-component="command-place">
              <p>{stateWords(known())}</p>
              {/* One button in one place: focus stays on it when what it does changes. */}
              <Show when={known().available || known().installed !== 'no'}>
                <Button
                  aria-disabled={busy() ? 'true' : undefined}
                  onClick={() =>
                    void (known().installed === 'ours'
                      ? act(() => app.bridge.command.remove(), 'The lanyard command was removed.')
                      : act(() => app.bridge.command.install(), 'The lanyard command is installed.'))
                  }
                >
                  {known().installed === 'ours'
                    ? 'Remove'
                    : known().installed === 'older'
                      ? 'Replace'
                      : 'Install'}
                </Button>
              </Show>
            </div>
            <Show when={failure()}>{(refused) => <FailureNote failure={refused()} />}</Show>
            <Show when={known().installed !== 'no' && known().pathLine}>
              {(line) => (
                <div data-component="command-path">
                  <p>Your shell does not look there yet. Run this once, then open a new terminal:</p>
                  <code>{line()}</code>
                  <Button
                    size="small"
                    onClick={() => void act(() => app.bridge.command.copyPathLine(), 'The line was copied.')}
                  >
                    Copy line
                  </Button>
                </div>
              )}
            </Show>
            <Show when={known().installed === 'ours'}>
              <p data-component="settings-note">
                Try it: <code>lanyard status</code>. All commands: <code>lanyard --help</code>.
              </p>
            </Show>
          </>
        )}
      </Show>
    </section>
  );
}

function stateWords({ available, installed, path }: CommandState): string {
  if (installed === 'ours') return `Installed as ${path}.`;
  if (installed === 'older') return `${path} belongs to another copy of Lanyard.`;
  return available
    ? `Not installed. It would be ${path}.`
    : 'This copy of Lanyard was built without it: that needs Go on the machine that builds.';
}
