import { createResource, Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { DiagnosticsPanel } from './diagnostics-panel.tsx';

export function AboutSection() {
  const app = useApp();
  const [info] = createResource(async () => {
    const reply = await ask(app.bridge.app.info());
    return reply.ok ? reply.value : null;
  });
  return (
    <section aria-labelledby="settings-about">
      <h2 data-component="section-title" id="settings-about">
        About
      </h2>
      <Show when={info()}>
        {(known) => (
          <>
            <Show when={known().developmentRuntime}>
              <p data-component="settings-warning">Development runtime, not for real accounts.</p>
            </Show>
            <dl data-component="settings-facts">
              <dt>Lanyard</dt>
              <dd>{known().version}</dd>
              <dt>Electron</dt>
              <dd>{known().electron}</dd>
              <dt>Chromium</dt>
              <dd>{known().chromium}</dd>
              <dt>Node</dt>
              <dd>{known().node}</dd>
              <dt>System</dt>
              <dd>{known().platform}</dd>
              <dt>Data</dt>
              <dd>
                <code>{known().dataDirectory}</code>
              </dd>
            </dl>
          </>
        )}
      </Show>
      <DiagnosticsPanel />
    </section>
  );
}
