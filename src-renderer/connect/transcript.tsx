import { createEffect, createSignal, on, onCleanup, Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import { coalesce } from '../state/coalesce.ts';
import './transcript.css';

/** What the CLI printed, already redacted by main. Follows the output while it stands at the end. */
export function Transcript(props: { sessionId: string; label: string }) {
  const app = useApp();
  const [text, setText] = createSignal<string | null>(null);
  let box: HTMLElement | undefined;

  const load = coalesce(async () => {
    const reply = await ask(app.bridge.auth.transcript({ sessionId: props.sessionId }));
    const next = reply.ok ? joinLines(reply.value) : 'What the CLI said is no longer kept.';
    if (next === text()) return;
    const atEnd = !box || box.scrollHeight - box.scrollTop - box.clientHeight < 8;
    setText(next);
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  });
  const follow = (element: HTMLElement) => {
    box = element;
    queueMicrotask(() => {
      element.scrollTop = element.scrollHeight;
    });
  };
  createEffect(
    on(
      () => props.sessionId,
      (sessionId) => {
        const stop = app.bridge.auth.onOutput((output) => {
          if (output.sessionId === sessionId) void load();
        });
        onCleanup(stop);
        void load();
      },
    ),
  );

  return (
    <Show when={text() !== null}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable from the keyboard */}
      <section data-component="transcript" aria-label={props.label} tabIndex={0} ref={follow}>
        <pre>{text() === '' ? 'Nothing yet.' : text()}</pre>
      </section>
    </Show>
  );
}

function joinLines({ lines, head, dropped }: { lines: string[]; head: number; dropped: number }): string {
  if (dropped === 0) return lines.join('\n');
  const gap = `… ${dropped} lines left out …`;
  return [...lines.slice(0, head), gap, ...lines.slice(head)].join('\n');
}
