import Play from 'lucide-solid/icons/play';
import SquareTerminal from 'lucide-solid/icons/square-terminal';
import { createSignal, For, Show } from 'solid-js';
import type { BundleView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { BundleDescription } from '../bundles/bundle-description.tsx';
import { BundleMenu } from '../bundles/bundle-menu.tsx';
import { BundleAvatar } from '../components/bundle-mark.tsx';
import { BundleName } from '../components/bundle-name.tsx';
import { Button } from '../components/button.tsx';
import { LaunchRefused } from '../launch/launch-refused.tsx';
import { openTerminal } from '../launch/open-terminal.ts';
import { useApp } from '../state/app-context.tsx';
import { unboundProviders } from '../state/model.ts';
import { AccountCard } from './account-card.tsx';
import './bundle-detail.css';
import { CheckAll } from './check-all.tsx';
import { ConnectList } from './connect-list.tsx';

export function BundleDetail(props: { bundle: BundleView }) {
  const app = useApp();
  const [failure, setFailure] = createSignal<Failure | null>(null);
  const [describing, setDescribing] = createSignal(false);
  let menu: HTMLElement | undefined;
  const focusMenu = () => queueMicrotask(() => menu?.querySelector('button')?.focus());
  const unbound = () => unboundProviders(props.bundle, app.state.providers);
  const summary = () => {
    const { accounts } = props.bundle;
    const first =
      accounts.find(({ email }) => email !== undefined)?.email ??
      accounts.find(({ login }) => login !== undefined)?.login;
    const count = accounts.length === 1 ? '1 account' : `${accounts.length} accounts`;
    if (accounts.length === 0) return 'Nobody is signed in yet.';
    return first ? `${first}, ${count}` : count;
  };
  return (
    <>
      <header data-component="bundle-header">
        <BundleAvatar bundle={props.bundle} />
        <div data-component="bundle-title">
          {/* Another bundle starts with its own name, not with a half-typed one. */}
          <Show when={props.bundle.id} keyed>
            <BundleName bundle={props.bundle}>
              <h1 id="page-title" data-component="page-title" tabIndex={-1}>
                {props.bundle.name}
              </h1>
            </BundleName>
          </Show>
          <BundleDescription
            bundle={props.bundle}
            editing={describing()}
            onStop={(returnFocus) => {
              setDescribing(false);
              if (returnFocus) focusMenu();
            }}
          />
          <p>
            {summary()}
            <Show when={app.state.defaultBundleId === props.bundle.id}>
              {' '}
              <span data-component="chip" data-tone="quiet">
                Default
              </span>
            </Show>
          </p>
        </div>
        <Show when={props.bundle.accounts.length > 1}>
          <CheckAll bundle={props.bundle} />
        </Show>
        <Show when={props.bundle.accounts.length > 0}>
          <Button onClick={() => app.terminals.openRun({ bundleId: props.bundle.id })}>
            <Play size={14} aria-hidden="true" />
            Run as…
          </Button>
          <Button onClick={() => void openTerminal(app, props.bundle.id).then(setFailure)}>
            <SquareTerminal size={15} aria-hidden="true" />
            Open terminal
          </Button>
        </Show>
        <span
          ref={(element) => {
            menu = element;
          }}
        >
          <BundleMenu bundle={props.bundle} onDescribe={() => setDescribing(true)} onFailure={setFailure} />
        </span>
      </header>
      <Show when={failure()}>{(shown) => <LaunchRefused failure={shown()} bundle={props.bundle} />}</Show>
      <Show when={props.bundle.accounts.length > 0}>
        <ul data-component="account-cards" aria-label="Accounts">
          <For each={props.bundle.accounts}>
            {(account) => <AccountCard account={account} bundleId={props.bundle.id} />}
          </For>
        </ul>
      </Show>
      <Show when={unbound().length > 0}>
        <h2 data-component="section-title">
          {props.bundle.accounts.length > 0
            ? `Connect more to ${props.bundle.name}`
            : `Connect to ${props.bundle.name}`}
        </h2>
        <ConnectList providers={unbound()} bundleId={props.bundle.id} />
      </Show>
    </>
  );
}
