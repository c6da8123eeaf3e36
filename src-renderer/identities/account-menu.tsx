import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import { Show } from 'solid-js';
import type { AccountView } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import '../connect/other-ways.css';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { programName } from '../terminals/terminal-words.ts';

/** Running its program, and who may sign in to the account later (I-16). */
export function AccountMenu(props: {
  account: AccountView;
  bundleId: string;
  providerName: string;
  onFailure: (failure: Failure | null) => void;
}) {
  const app = useApp();
  const expect = async (expected: boolean) => {
    const failure = await attempt(app.bridge.accounts.expect({ accountId: props.account.id, expected }));
    props.onFailure(failure);
    if (failure) return;
    app.announce(
      expected
        ? `Only ${props.account.email ?? props.account.displayName} is expected from now on.`
        : 'Anybody may sign in again.',
    );
  };
  const run = () => {
    const provider = app.state.providers.find(({ id }) => id === props.account.providerId);
    const command = provider && programName(provider);
    app.terminals.openRun({ bundleId: props.bundleId, ...(command ? { command } : {}) });
  };
  return (
    <DropdownMenu.Root gutter={4} placement="bottom-end" modal={false}>
      <DropdownMenu.Trigger
        data-component="icon-button"
        aria-label={`More for ${props.providerName}`}
        title={`More for ${props.providerName}`}
      >
        <Ellipsis size={15} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content data-component="menu">
          <DropdownMenu.Item
            data-component="menu-item"
            // A task later: until then the menu still holds the focus.
            onSelect={() => setTimeout(run)}
          >
            Run…
          </DropdownMenu.Item>
          <Show
            when={props.account.expected}
            fallback={
              <DropdownMenu.Item data-component="menu-item" onSelect={() => void expect(true)}>
                Expect this person
              </DropdownMenu.Item>
            }
          >
            <DropdownMenu.Item data-component="menu-item" onSelect={() => void expect(false)}>
              Let anybody sign in
            </DropdownMenu.Item>
          </Show>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
