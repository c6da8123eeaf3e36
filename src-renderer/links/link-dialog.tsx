import { createSignal, For, Match, onCleanup, Switch } from 'solid-js';
import type { LinkView } from '../../src-preload/contract/desktop.ts';
import { ConfirmDialog } from '../components/confirm-dialog.tsx';
import { sentences } from '../format/sentences.ts';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import './link-dialog.css';

type Asking = Exclude<LinkView, { kind: 'refused' }>;

/** As long as it takes to see that a question came up, ms: a click or a key that was meant for something else is lost. */
const armsAfterMs = 1500;

/** What a link from outside asks for, all of it, before anything happens. Not doing it is the default. */
export function LinkDialog(props: { link: Asking }) {
  const app = useApp();
  const [armed, setArmed] = createSignal(false);
  const [answered, setAnswered] = createSignal(false);
  const timer = setTimeout(() => setArmed(true), armsAfterMs);
  onCleanup(() => clearTimeout(timer));

  const answer = async (allow: boolean) => {
    if (answered()) return;
    setAnswered(true);
    const { link } = props;
    const failure = await attempt(app.bridge.links.answer({ linkId: link.linkId, allow }));
    if (failure) {
      if (link.bundleId !== null) app.choosePage({ name: 'identities', bundleId: link.bundleId });
      app.showNote({ text: sentences(failure) });
    } else if (allow && link.kind === 'connect') {
      // Once this dialog is gone, so that the focus comes back to the page and not to it.
      setTimeout(() => void app.connect({ providerId: link.providerId, bundleId: link.bundleId }));
    }
  };

  return (
    <ConfirmDialog
      title={props.link.kind === 'run' ? 'Run this from a link?' : `Connect ${props.link.providerName}?`}
      keepLabel="Cancel"
      confirmLabel={props.link.kind === 'run' ? 'Run it' : 'Connect'}
      busy={!armed() || answered()}
      onKeep={() => void answer(false)}
      onConfirm={() => void answer(true)}
    >
      <Switch>
        <Match when={props.link.kind === 'run' && props.link}>
          {(link) => (
            <>
              A link asks to run this program as <strong>{link().bundleName}</strong>. It could use every
              account in that identity. Go on only if you know who gave you the link.
              <span data-component="link-command">
                <For each={link().command}>
                  {(word, index) => <code data-program={index() === 0 ? '' : undefined}>{word}</code>}
                </For>
              </span>
              <span data-component="link-note">
                {link().command.length === 1
                  ? 'Without arguments.'
                  : 'The program, and each of its arguments on a line of its own.'}
              </span>
            </>
          )}
        </Match>
        <Match when={props.link.kind === 'connect' && props.link}>
          {(link) => (
            <>
              A link asks to start a sign-in to <strong>{link().providerName}</strong>, into{' '}
              <strong>{link().bundleName ?? 'a new identity'}</strong>. Sign in as yourself only: never with
              an address or a code that somebody sent you.
            </>
          )}
        </Match>
      </Switch>
    </ConfirmDialog>
  );
}
