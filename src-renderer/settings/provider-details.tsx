import { For, Show } from 'solid-js';
import type { ProviderView } from '../../src-preload/contract/providers.ts';
import { InstallPanel } from '../programs/install-panel.tsx';
import { IsolationTest } from '../programs/isolation-test.tsx';
import { ProgramChoice } from '../programs/program-choice.tsx';
import { flowWords, isShared } from '../programs/program-words.ts';
import { useApp } from '../state/app-context.tsx';
import './provider-details.css';

/** Everything that is known of a provider on this machine, and what can be done about its program. */
export function ProviderDetails(props: { provider: ProviderView }) {
  const app = useApp();
  const found = () => props.provider.program.state === 'found';
  const unusable = () => (props.provider.program.state === 'unusable' ? props.provider.program : undefined);
  /**
   * An installation is offered where the program is missing, an update where one would help; and either is shown while it
   * runs and when it has ended.
   */
  const panel = () => {
    const { program } = props.provider;
    if (program.state === 'missing') {
      const { installCommand, installable } = program;
      return { action: 'Install', command: installCommand, installable } as const;
    }
    if (program.state !== 'found') return undefined;
    if (program.compared !== 'older' && app.state.installs[props.provider.id] === undefined) return undefined;
    const command = program.updatable ? undefined : program.installCommand;
    return { action: 'Update', command, installable: program.updatable } as const;
  };
  const builtIn = () => props.provider.verified === 'built in';
  return (
    <div data-component="provider-details">
      <dl>
        <Show when={unusable()}>
          {(program) => (
            <>
              <dt>Program</dt>
              <dd>
                <code>{program().path}</code> <small>set by you</small>
                <p>
                  {program().failure.title}. {program().failure.hint}
                </p>
              </dd>
            </>
          )}
        </Show>
        <Show when={!builtIn() && props.provider.program.state !== 'not-needed'}>
          <dt>Tried</dt>
          <dd>
            {props.provider.verified === 'unverified'
              ? 'Not with the program itself: what is known of it is from its documentation.'
              : `With version ${props.provider.verified}`}
          </dd>
        </Show>
        <Show when={props.provider.flows.length > 0}>
          <dt>Ways to sign in</dt>
          <dd>
            <ul aria-label={`Ways to sign in to ${props.provider.name}`}>
              <For each={props.provider.flows}>
                {(flow) => (
                  <li>
                    {flow.label} <small>{flowWords(flow)}</small>
                  </li>
                )}
              </For>
            </ul>
          </dd>
        </Show>
        <dt>What proves it</dt>
        <dd>{props.provider.proof}.</dd>
        <dt>Where it is kept</dt>
        <dd>
          <Show when={props.provider.place} fallback="Nobody has found out.">
            {(place) => (
              <>
                <span>{place().where}</span>
                <small>
                  {place().known === 'tried'
                    ? 'tried on this kind of system'
                    : 'from documentation, not tried here'}
                </small>
              </>
            )}
          </Show>
        </dd>
        <Show when={props.provider.place}>
          {(place) => (
            <>
              <dt>Told apart by</dt>
              <dd>{place().keyedBy}</dd>
              <dt>Shared with</dt>
              <dd>
                {isShared(props.provider)
                  ? "This machine: signing in replaces the machine's own login, and that of every other identity."
                  : 'Nobody'}
              </dd>
            </>
          )}
        </Show>
      </dl>
      <Show when={panel()}>
        {(shown) => (
          <InstallPanel
            provider={props.provider}
            action={shown().action}
            command={shown().command}
            installable={shown().installable}
          />
        )}
      </Show>
      <Show when={props.provider.program.state !== 'not-needed' && !builtIn()}>
        <ProgramChoice provider={props.provider} />
      </Show>
      <Show when={found() || props.provider.program.state === 'not-needed'}>
        <IsolationTest provider={props.provider} />
      </Show>
    </div>
  );
}
