import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import ExternalLink from 'lucide-solid/icons/external-link';
import QrCodeIcon from 'lucide-solid/icons/qr-code';
import { createEffect, createSignal, For, lazy, on, Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { Button } from '../components/button.tsx';
import { codeGroups, spellCode } from '../format/device-code.ts';
import { isThisComputer, splitLink, spokenAddress } from '../format/link.ts';
import { formatTimeLeft } from '../format/time.ts';
import { useApp } from '../state/app-context.tsx';
import './code-step.css';
import { useConnect } from './connect-context.tsx';
import { OtherWays } from './other-ways.tsx';
import { PasteBox } from './paste-box.tsx';
import { phaseText } from './phase.ts';
import { createSessionActions } from './session-actions.ts';
import { UnknownHost } from './unknown-host.tsx';

const QrCode = lazy(() => import('./qr-code.tsx').then((module) => ({ default: module.QrCode })));

/** A code to be typed into the provider's page. */
export function CodeStep(props: { session: Extract<SessionSnapshot, { status: 'code-emitted' }> }) {
  const app = useApp();
  const view = useConnect();
  const actions = createSessionActions(() => props.session.sessionId);
  const [qrOpen, setQrOpen] = createSignal(false);
  const [wasCopied, setWasCopied] = createSignal(false);
  const host = () => splitLink(props.session.verificationUrl).host;
  /** A link to this computer is of no use to a phone. */
  const scannable = () => !isThisComputer(props.session.verificationUrl);
  const showsQr = () => qrOpen() && scannable();
  const left = () =>
    props.session.codeExpiresAt === undefined ? undefined : props.session.codeExpiresAt - app.now();
  const expired = () => (left() ?? 1) <= 0;

  createEffect(
    on(
      () => props.session.deviceCode,
      () => setWasCopied(false),
    ),
  );
  createEffect(
    on(
      expired,
      (now) => {
        if (!now) return;
        app.announce('This code has expired.');
        view.refocus();
      },
      { defer: true },
    ),
  );

  const copy = async () => {
    await actions.copy('code');
    setWasCopied(true);
  };

  return (
    <>
      <div data-component="device-code" data-expired={expired() ? '' : undefined}>
        <span data-component="visually-hidden">{spellCode(props.session.deviceCode)}</span>
        <Show
          when={props.session.deviceCode.includes('-')}
          fallback={
            <span data-component="device-code-text" aria-hidden="true">
              <For each={codeGroups(props.session.deviceCode)}>{(group) => <span>{group}</span>}</For>
            </span>
          }
        >
          <span data-component="device-code-text" aria-hidden="true">
            {props.session.deviceCode}
          </span>
        </Show>
      </div>
      <Show
        when={!expired()}
        fallback={
          <>
            <p data-component="code-note">This code has expired.</p>
            <div data-component="code-actions">
              <Button
                look="primary"
                data-step-focus=""
                onClick={() => void app.restart(props.session.flowId)}
              >
                Get a new code
              </Button>
            </div>
          </>
        }
      >
        <p data-component="code-note">
          Enter this code at <strong>{spokenAddress(props.session.verificationUrl)}</strong>
        </p>
        {/* First the code, then the page: the next thing to do is the one that stands out. */}
        <div data-component="code-actions">
          <Button look={wasCopied() ? 'plain' : 'primary'} data-step-focus="" onClick={() => void copy()}>
            <Show when={actions.copied.code.recently()} fallback={<Copy size={14} aria-hidden="true" />}>
              <Check size={14} aria-hidden="true" />
            </Show>
            Copy code
          </Button>
          <Button look={wasCopied() ? 'primary' : 'plain'} onClick={() => void actions.openLink()}>
            <ExternalLink size={14} aria-hidden="true" />
            Open {host()}
          </Button>
          <Show when={scannable()}>
            <Button look="quiet" aria-expanded={showsQr()} onClick={() => setQrOpen(!qrOpen())}>
              <QrCodeIcon size={14} aria-hidden="true" />
              QR code
            </Button>
          </Show>
        </div>
        <UnknownHost url={props.session.verificationUrl} trust={props.session.linkTrust} />
        <Show when={showsQr()}>
          <div data-component="qr-place" data-small="">
            <QrCode text={props.session.verificationUrl} label={`QR code of the link to ${host()}`} />
          </div>
        </Show>
        <Show when={left()}>{(time) => <ExpiryBar code={props.session.deviceCode} left={time()} />}</Show>
        <p data-component="code-note" data-quiet="">
          <Show when={left()}>{(time) => <>Code valid for {formatTimeLeft(time())}. </>}</Show>
          <span>Only continue if you started this.</span>
        </p>
      </Show>
      <Show when={props.session.renewals > 0 && !expired()}>
        <p data-component="code-note" data-quiet="">
          The CLI made a new code; the earlier one no longer works.
        </p>
      </Show>
      <p data-component="code-note">
        {phaseText(props.session.phase) ?? (expired() ? '' : 'Waiting for approval…')}
      </p>
      <Show when={props.session.paste !== 'none' && props.session.promptsForPaste && !showsQr()}>
        <PasteBox session={props.session} />
      </Show>
      <OtherWays />
    </>
  );
}

/** How much of the code's life is left, measured from when this window first saw it. */
function ExpiryBar(props: { code: string; left: number }) {
  const [full, setFull] = createSignal(1);
  createEffect(
    on(
      () => props.code,
      () => setFull(Math.max(1, props.left)),
    ),
  );
  return (
    <div data-component="expiry-bar" aria-hidden="true">
      <i style={{ '--left': String(Math.min(1, props.left / full())) }} />
    </div>
  );
}
