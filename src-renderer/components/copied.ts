import { createSignal, onCleanup } from 'solid-js';

/** How long a copy button shows that it copied, in milliseconds. */
const shownFor = 1600;

/** "Copied" as a short sign on the button and, once, for screen readers. The button keeps its name meanwhile. */
export function createCopied(announce: (text: string) => void) {
  const [recently, setRecently] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  return {
    recently,
    mark() {
      announce('Copied');
      setRecently(true);
      clearTimeout(timer);
      timer = setTimeout(() => setRecently(false), shownFor);
    },
  };
}
