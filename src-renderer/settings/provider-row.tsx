import * as Collapsible from '@kobalte/core/collapsible';
import ChevronRight from 'lucide-solid/icons/chevron-right';
import { createSignal, Match, onMount, Show, Switch, untrack } from 'solid-js';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import { Button } from '../components/button.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { sentences } from '../format/sentences.ts';
import { isShared, originWords, triedWords, versionWords } from '../programs/program-words.ts';
import { SharedChip } from '../programs/shared-chip.tsx';
import { useApp } from '../state/app-context.tsx';
import { attempt } from '../state/ask.ts';
import { lacksProgram } from '../state/model.ts';
import { ProviderDetails } from './provider-details.tsx';
import './provider-row.css';

/** A provider with where its program is and in which version; its details open below. */
export function ProviderRow(props: { provider: ProviderView }) {
  const app = useApp();
  const asked = () => {
    const { page } = app.state;
    return page.name === 'settings' && page.providerId === props.provider.id;
  };
  const [open, setOpen] = createSignal(untrack(asked));
  let trigger: HTMLButtonElement | undefined;
  onMount(() => {
    if (asked()) trigger?.focus();
  });
  const found = () => (props.provider.program.state === 'found' ? props.provider.program : undefined);
  /** A key needs no program that could have been tried. */
  const tried = () =>
    props.provider.program.state === 'not-needed' ? '' : triedWords(props.provider.verified);
  const unusable = () => (props.provider.program.state === 'unusable' ? props.provider.program : undefined);
  const installable = () =>
    props.provider.program.state === 'missing' && props.provider.program.installable && !open();
  const install = async () => {
    setOpen(true);
    const refused = await attempt(app.bridge.providers.install({ providerId: props.provider.id }));
    if (refused) app.announce(sentences(refused));
  };
  const installing = () => app.state.installs[props.provider.id]?.status === 'running';
  return (
    <Collapsible.Root as="li" data-component="provider-row" open={open()} onOpenChange={setOpen}>
      <ProviderMark mark={props.provider.mark} small />
      <div data-component="settings-main">
        <span data-component="settings-name">
          {props.provider.name}
          <Show when={props.provider.origin === 'user'}>
            <small>your own</small>
          </Show>
        </span>
        <Show when={isShared(props.provider)}>
          <SharedChip />
        </Show>
        <Switch fallback={<small>Looking for it…</small>}>
          <Match when={installing()}>
            <small>Installing…</small>
          </Match>
          <Match when={found()}>
            {(program) => (
              <>
                <code>{program().path}</code>
                <small>
                  {[versionWords(program()), originWords[program().origin]]
                    .filter((words) => words !== null)
                    .join(', ')}
                </small>
              </>
            )}
          </Match>
          <Match when={props.provider.program.state === 'not-needed'}>
            <small>
              {props.provider.issuer ? 'An issuer, no program needed' : 'An API key, no program needed'}
            </small>
          </Match>
          <Match when={unusable()}>
            {(program) => <small data-tone="bad">{program().failure.title}</small>}
          </Match>
          <Match when={props.provider.program.state === 'missing'}>
            <small>
              {lacksProgram(props.provider) ? 'Not installed' : 'Not installed, nor needed to sign in'}
            </small>
          </Match>
        </Switch>
      </div>
      <span data-component="provider-end">
        <Show when={found()?.compared === 'older'} fallback={<small>{tried()}</small>}>
          <span data-component="chip" data-tone="warn">
            Older than {props.provider.verified}
          </span>
        </Show>
        {/* Beside what is equally wide in all rows, so that these line up. */}
        <Show when={installable()}>
          <Button size="small" onClick={() => void install()}>
            Install
            <span data-component="visually-hidden"> {props.provider.name}</span>
          </Button>
        </Show>
        <Collapsible.Trigger
          data-component="disclosure-trigger"
          id={`details-of-${props.provider.id}`}
          ref={(element: HTMLButtonElement) => {
            trigger = element;
          }}
        >
          <ChevronRight size={14} aria-hidden="true" />
          Details<span data-component="visually-hidden"> of {props.provider.name}</span>
        </Collapsible.Trigger>
      </span>
      <Collapsible.Content data-component="provider-more">
        <ProviderDetails provider={props.provider} />
      </Collapsible.Content>
    </Collapsible.Root>
  );
}
