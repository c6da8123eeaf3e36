import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import Ellipsis from 'lucide-solid/icons/ellipsis';
import { Show } from 'solid-js';
import type { BundleSummary } from '../../src-preload/contract/bundles.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import '../connect/other-ways.css';
import { deletionOf } from '../removal/removal-requests.ts';
import { useApp } from '../state/app-context.tsx';
import { duplicateBundle, makeDefault } from './bundle-actions.ts';

/** What can be done with a bundle besides what stands beside it. */
export function BundleMenu(props: {
  bundle: Pick<BundleSummary, 'id' | 'name'>;
  /** Begins to change the description, wherever that is shown. */
  onDescribe: () => void;
  onFailure: (failure: Failure | null) => void;
}) {
  const app = useApp();
  let trigger: HTMLElement | undefined;
  const isDefault = () => app.state.defaultBundleId === props.bundle.id;
  const named = () => ({ id: props.bundle.id, name: props.bundle.name });
  const act = (action: (bundle: Pick<BundleSummary, 'id' | 'name'>) => Promise<Failure | null>) => {
    props.onFailure(null);
    void action(named()).then(props.onFailure);
  };
  return (
    <DropdownMenu.Root gutter={4} placement="bottom-end" modal={false}>
      <DropdownMenu.Trigger
        ref={(element: HTMLElement) => {
          trigger = element;
        }}
        data-component="icon-button"
        aria-label={`More for ${props.bundle.name}`}
        title={`More for ${props.bundle.name}`}
      >
        <Ellipsis size={15} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content data-component="menu">
          <DropdownMenu.Item data-component="menu-item" onSelect={() => props.onDescribe()}>
            Describe
          </DropdownMenu.Item>
          <Show when={!isDefault()}>
            <DropdownMenu.Item
              data-component="menu-item"
              onSelect={() => act((bundle) => makeDefault(app, bundle))}
            >
              Set as default
            </DropdownMenu.Item>
          </Show>
          <DropdownMenu.Item
            data-component="menu-item"
            onSelect={() => act((bundle) => duplicateBundle(app, bundle))}
          >
            Duplicate
          </DropdownMenu.Item>
          <DropdownMenu.Item
            data-component="menu-item"
            // A task later: until then the menu still holds the focus.
            onSelect={() => setTimeout(() => app.openRemoval(deletionOf(app, named(), trigger)))}
          >
            Delete…
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
