import { Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import { splitLink } from '../format/link.ts';
import './unknown-host.css';
import { useConnect } from './connect-context.tsx';

type WithLink = Extract<SessionSnapshot, { status: 'url-available' | 'code-emitted' }>;

/** A provider without a host list: whether the page is the right one is for the person to say (L-2). */
export function UnknownHost(props: { url: string; trust: WithLink['linkTrust'] }) {
  const view = useConnect();
  return (
    <Show when={props.trust === 'offered'}>
      <p data-component="unknown-host">
        <strong>Lanyard does not know {splitLink(props.url).host}.</strong> Open it only if you know that{' '}
        {view.providerName()} signs in there.
      </p>
    </Show>
  );
}
