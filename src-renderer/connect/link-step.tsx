import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import ExternalLink from 'lucide-solid/icons/external-link';
import QrCodeIcon from 'lucide-solid/icons/qr-code';
import { createSignal, lazy, Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { isThisComputer, splitLink } from '../format/link.ts';
import { useConnect } from './connect-context.tsx';
import './link-step.css';
import { OtherWays } from './other-ways.tsx';
import { PasteBox } from './paste-box.tsx';
import { phaseText } from './phase.ts';
import { createSessionActions } from './session-actions.ts';
import { UnknownHost } from './unknown-host.tsx';

const QrCode = lazy(() => import('./qr-code.tsx').then((module) => ({ default: module.QrCode })));

type Panel = 'qr' | 'paste' | null;

/** The line is cut at its end only, so that its host is what is seen of it. */
function fromItsStart({ currentTarget }: { currentTarget: HTMLElement }): void {
  if (!currentTarget.matches(':focus')) currentTarget.scrollLeft = 0;
}

/** The sign-in page waits in the browser, or the CLI for what that page shows. */
export function LinkStep(props: { session: Extract<SessionSnapshot, { status: 'url-available' }> }) {
  const view = useConnect();
  const actions = createSessionActions(() => props.session.sessionId);
  // One at a time, so that the modal keeps its height.
  const [panel, setPanel] = createSignal<Panel>(null);
  const link = () => splitLink(props.session.authUrl);
  const flow = () => view.provider()?.flows.find(({ id }) => id === props.session.flowId);
  /** The CLI's own page shows a code and nothing comes back by itself: the box is the next step, not a way out. */
  const pasteExpected = () => props.session.paste === 'code' && flow()?.kind === 'paste';
  /** A link to this computer is of no use to a phone. */
  const scannable = () => !isThisComputer(props.session.authUrl);
  const showsQr = () => panel() === 'qr' && scannable();
  const opened = () => props.session.browserOpened;
  const waiting = () => {
    const working = phaseText(props.session.phase, props.session.progress);
    if (working) return working;
    return pasteExpected() ? 'Bring the code back from there' : 'Waiting for you to approve there…';
  };
  return (
    <>
      <ol data-component="steps">
        <li data-done={opened() ? '' : undefined}>
          <i aria-hidden="true">{opened() ? <Check size={11} /> : 1}</i>
          {opened() ? 'Sign-in page opened in your browser' : 'Open the sign-in page in your browser'}
        </li>
        <li>
          <i aria-hidden="true">2</i>
          {waiting()}
        </li>
      </ol>
      <div data-component="step-actions">
        <Button
          look={pasteExpected() && opened() ? 'plain' : 'primary'}
          data-step-focus={pasteExpected() ? undefined : ''}
          onClick={() => void actions.openLink()}
        >
          <ExternalLink size={14} aria-hidden="true" />
          {opened() ? 'Open again' : 'Open in browser'}
        </Button>
        <Button onClick={() => void actions.copy('link')}>
          <Show when={actions.copied.link.recently()} fallback={<Copy size={14} aria-hidden="true" />}>
            <Check size={14} aria-hidden="true" />
          </Show>
          Copy link
        </Button>
        <Show when={scannable()}>
          <Button
            look="quiet"
            aria-expanded={showsQr()}
            onClick={() => setPanel(panel() === 'qr' ? null : 'qr')}
          >
            <QrCodeIcon size={14} aria-hidden="true" />
            QR code
          </Button>
        </Show>
      </div>
      <section
        data-component="link-line"
        aria-label="Sign-in link"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroller must be reachable from the keyboard
        tabIndex={0}
        onBlur={fromItsStart}
        onPointerLeave={fromItsStart}
      >
        {link().scheme}
        <b>{link().host}</b>
        {link().rest}
      </section>
      <UnknownHost url={props.session.authUrl} trust={props.session.linkTrust} />
      <Show when={showsQr()}>
        <div data-component="qr-place">
          <QrCode text={props.session.authUrl} label={`QR code of the sign-in link to ${link().host}`} />
        </div>
      </Show>
      <Show when={props.session.renewals > 0}>
        <p data-component="note">The CLI made a new link; the earlier one no longer works.</p>
      </Show>
      <Show when={props.session.paste !== 'none' && !showsQr()}>
        <Show when={!pasteExpected()} fallback={<PasteBox session={props.session} focusFirst />}>
          <Disclosure
            label="Browser on another machine, or nothing happened?"
            open={panel() === 'paste'}
            onOpenChange={(open) => setPanel(open ? 'paste' : null)}
          >
            <PasteBox session={props.session} />
          </Disclosure>
        </Show>
      </Show>
      <OtherWays />
    </>
  );
}
