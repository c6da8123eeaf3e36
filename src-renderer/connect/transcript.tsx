import { createEffect, createSignal, on, Show } from 'solid-js';
import { useApp } from '../state/app-context.tsx';
import { ask } from '../state/ask.ts';
import './transcript.css';

/** What the CLI printed, already redacted by main. Follows the output while it stands at the end. */
export function Transcript(props: { sessionId: string; label: string }) {
  const app = useApp();
  const [text, setText] = createSignal<string | null>(null);
  let box: HTMLElement | undefined;
  let loading = false;

  const load = async () => {
    if (loading) return;
    loading = true;
    const reply = await ask(app.bridge.auth.transcript({ sessionId: props.sessionId }));
    loading = false;
    const next = reply.ok ? joinLines(reply.value) : 'What the CLI said is no longer kept.';
    if (next === text()) return;
    const atEnd = !box || box.scrollHeight - box.scrollTop - box.clientHeight < 8;
    setText(next);
    if (box && atEnd) box.scrollTop = box.scrollHeight;
  };
  const follow = (element: HTMLElement) => {
    box = element;
    queueMicrotask(() => {
      element.scrollTop = element.scrollHeight;
    });
  };
  // A snapshot says that something changed; the clock covers output that changes no snapshot, and stands still when
  // nothing runs.
  createEffect(on([() => app.state.sessions[props.sessionId]?.snapshot.phase, app.now], () => void load()));

  return (
    <Show when={text() !== null}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable from the keyboard */}
      <section data-component="transcript" aria-label={props.label} tabIndex={0} ref={follow}>
        <pre>{text() === '' ? 'Nothing yet.' : text()}</pre>
      </section>
    </Show>
  );
}

function joinLines({ lines, dropped }: { lines: string[]; dropped: number }): string {
  if (dropped === 0) return lines.join('\n');
  const middle = Math.ceil(lines.length / 2);
  const gap = `… ${dropped} lines left out …`;
  return [...lines.slice(0, middle), gap, ...lines.slice(middle)].join('\n');
}
