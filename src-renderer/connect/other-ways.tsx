import * as DropdownMenu from '@kobalte/core/dropdown-menu';
import ChevronDown from 'lucide-solid/icons/chevron-down';
import { createMemo, For, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { useApp } from '../state/app-context.tsx';
import { keyName } from '../state/model.ts';
import { useConnect } from './connect-context.tsx';
import './other-ways.css';

/** The provider's other flows, as a menu; nothing where there is none. */
export function OtherWays(props: { look?: 'plain' | 'quiet' }) {
  const app = useApp();
  const view = useConnect();
  const current = () => {
    const { attempt, flowId } = view.connection();
    if (attempt.kind === 'api-key') return null;
    return view.session()?.flowId ?? flowId ?? view.provider()?.flows[0]?.id;
  };
  /** Not those that the installed program does not know: they could only fail. */
  const flows = createMemo(() =>
    (view.provider()?.flows ?? []).filter(({ id, fits }) => fits && id !== current()),
  );
  const mount = () => {
    const element = view.element();
    return element ? { mount: element } : {};
  };
  const offersKey = () =>
    view.provider()?.acceptsApiKey === true && view.connection().attempt.kind !== 'api-key';
  /** An issuer has the browser and a code: from each, the other one is a press away. */
  const theOther = () => (view.provider()?.issuer && flows().length === 1 ? flows()[0] : undefined);
  return (
    <Show
      when={!theOther()}
      fallback={
        <Show when={theOther()}>
          {(flow) => (
            <div data-component="other-ways">
              <Button
                look={props.look ?? 'quiet'}
                size={props.look === 'plain' ? 'normal' : 'small'}
                onClick={() => void app.restart(flow().id)}
              >
                {flow().kind === 'device-code' ? 'Use a code instead' : 'Use the browser instead'}
              </Button>
            </div>
          )}
        </Show>
      }
    >
      <Show when={flows().length > 0 || offersKey()}>
        <div data-component="other-ways">
          <DropdownMenu.Root gutter={4} placement="bottom-start" modal={false}>
            <DropdownMenu.Trigger
              data-component="button"
              data-look={props.look ?? 'quiet'}
              data-size={props.look === 'plain' ? 'normal' : 'small'}
            >
              Use another way
              <ChevronDown size={14} aria-hidden="true" />
            </DropdownMenu.Trigger>
            {/* In the dialog, which is all that can be reached while it is open. */}
            <DropdownMenu.Portal {...mount()}>
              <DropdownMenu.Content data-component="menu">
                <For each={flows()}>
                  {(flow) => (
                    <DropdownMenu.Item data-component="menu-item" onSelect={() => void app.restart(flow.id)}>
                      {flow.label}
                    </DropdownMenu.Item>
                  )}
                </For>
                <Show when={offersKey()}>
                  <DropdownMenu.Item data-component="menu-item" onSelect={() => void app.useApiKey()}>
                    {keyName(view.provider())}
                  </DropdownMenu.Item>
                </Show>
              </DropdownMenu.Content>
            </DropdownMenu.Portal>
          </DropdownMenu.Root>
        </div>
      </Show>
    </Show>
  );
}
