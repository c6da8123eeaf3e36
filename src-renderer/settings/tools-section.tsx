import { createSignal, For, Show } from 'solid-js';
import type { HookGuide, HookTest } from '../../src-preload/contract/command.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { SelectField } from '../components/select-field.tsx';
import { createLoad } from '../sessions/load.ts';
import { useApp } from '../state/app-context.tsx';
import { ask, attempt } from '../state/ask.ts';
import { ownBundles } from '../state/model.ts';
import { KeptCredentials } from './kept-credentials.tsx';
import './tools-section.css';

/** What to paste where, so that other tools ask Lanyard for an identity's credentials. */
export function ToolsSection() {
  const app = useApp();
  const bundles = () => ownBundles(app.state);
  const [chosen, setChosen] = createSignal('');
  const bundleId = () => {
    const known = bundles();
    return (known.find(({ id }) => id === chosen()) ?? known[0])?.id ?? null;
  };
  const tools = createLoad(bundleId, (id) => app.bridge.command.tools({ bundleId: id }));
  return (
    <section aria-labelledby="settings-tools">
      <h2 data-component="section-title" id="settings-tools">
        For other tools
      </h2>
      <p data-component="settings-note">
        These ask Lanyard by themselves, once they are told to. They need the command to be installed.
      </p>
      <Show
        when={bundleId()}
        fallback={<p data-component="settings-note">There is no identity yet. Connect an account first.</p>}
      >
        <div data-component="tools-identity">
          <SelectField
            label="Identity"
            value={bundleId() ?? ''}
            options={bundles().map(({ id, name }) => ({ value: id, label: name }))}
            onChange={setChosen}
          />
        </div>
        <Show when={tools.failure()}>{(failure) => <FailureNote failure={failure()} />}</Show>
        <ul data-component="tool-list" aria-labelledby="settings-tools">
          <For each={tools.value()?.tools ?? []}>
            {(tool) => <ToolRow tool={tool} bundleId={bundleId() ?? ''} />}
          </For>
        </ul>
        <KeptCredentials bundleId={bundleId() ?? ''} />
      </Show>
    </section>
  );
}

function ToolRow(props: { tool: HookGuide; bundleId: string }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [result, setResult] = createSignal<HookTest | null>(null);
  const [testing, setTesting] = createSignal(false);
  const subject = () => ({ bundleId: props.bundleId, tool: props.tool.id });
  const copy = async () => {
    const refused = await attempt(app.bridge.command.copyToolLines(subject()));
    setFailure(refused);
    if (!refused) app.announce(`The lines for ${props.tool.title} were copied.`);
  };
  const test = async () => {
    if (testing()) return;
    setTesting(true);
    setResult(null);
    const reply = await ask(app.bridge.command.testTool(subject()));
    setTesting(false);
    setFailure(reply.ok ? null : reply.failure);
    if (!reply.ok) return;
    setResult(reply.value);
    app.announce(reply.value.says);
  };
  return (
    <li data-component="tool">
      <div data-part="head">
        <h3>{props.tool.title}</h3>
        <Button size="small" aria-label={`Copy lines for ${props.tool.title}`} onClick={() => void copy()}>
          Copy
        </Button>
        <Button
          size="small"
          aria-label={`Test ${props.tool.title}`}
          aria-disabled={testing() ? 'true' : undefined}
          onClick={() => void test()}
        >
          {testing() ? 'Testing…' : 'Test'}
        </Button>
      </div>
      <p data-component="settings-note">{props.tool.where}:</p>
      <pre>{props.tool.lines}</pre>
      <Show when={result()}>
        {(said) => <p data-part={said().works ? 'works' : 'fails'}>{said().says}</p>}
      </Show>
      <Show when={failure()}>{(refused) => <FailureNote failure={refused()} />}</Show>
    </li>
  );
}
