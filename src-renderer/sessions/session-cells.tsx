import { For, Show } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { ProviderMark } from '../components/provider-mark.tsx';
import { useApp } from '../state/app-context.tsx';
import { tightest, usageRows } from './session-usage.ts';
import {
  actionsSummary,
  awsAccountOf,
  cloudMarks,
  cloudNames,
  enforcementWords,
  principalName,
  statusWords,
} from './session-words.ts';
import { UsageBar } from './usage-bar.tsx';

/** Cells that rows of active and of finished sessions have in common. */

export function WhoCell(props: { session: CloudSessionView }) {
  const app = useApp();
  const bundle = () => app.state.bundles.find(({ id }) => id === props.session.bundleId);
  const account = () => awsAccountOf(props.session.principal);
  return (
    <th scope="row" tabIndex={-1}>
      <div data-component="session-who">
        <ProviderMark mark={cloudMarks[props.session.cloud]} small />
        <div>
          <strong title={props.session.principal}>{principalName(props.session.principal)}</strong>
          <small>
            {cloudNames[props.session.cloud]}
            {account() ? ` ${account()}` : ''}
            {`, ${props.session.shortId}`}
          </small>
          <small data-component="session-identity">
            <Show when={bundle()} fallback={props.session.bundleName ?? 'No identity of this app'}>
              {(shown) => (
                <>
                  <BundleDot bundle={shown()} />
                  {shown().name}
                </>
              )}
            </Show>
          </small>
        </div>
      </div>
    </th>
  );
}

export function AllowedCell(props: { session: CloudSessionView }) {
  const resources = () => props.session.resources.filter((resource) => resource !== '*');
  return (
    <td>
      <span title={props.session.actions.join('\n')} data-component="session-allowed">
        {actionsSummary(props.session.actions)}
      </span>
      <Show when={props.session.deny.length > 0}>
        <small title={props.session.deny.join('\n')}>{`but not ${actionsSummary(props.session.deny)}`}</small>
      </Show>
      <Show when={resources().length > 0}>
        <small title={resources().join('\n')}>
          {resources().length === 1 ? 'on 1 resource' : `on ${resources().length} resources`}
        </small>
      </Show>
    </td>
  );
}

export function Used(props: { session: CloudSessionView }) {
  const app = useApp();
  const limit = () => tightest(props.session, app.cloud.now());
  const all = () => usageRows(props.session, app.cloud.now());
  const commands = () => all().find(({ unit }) => unit === 'commands');
  return (
    <div
      data-component="session-usage"
      title={all()
        .map(({ text }) => text)
        .join('\n')}
    >
      <Show when={limit()} fallback={<small>{`${commands()?.text}, no limit`}</small>}>
        {(row) => (
          <>
            <small>{row().text}</small>
            <UsageBar share={row().share} />
          </>
        )}
      </Show>
      <Show when={props.session.running > 0}>
        <small>{`${props.session.running} ${props.session.running === 1 ? 'runs' : 'run'} now`}</small>
      </Show>
    </div>
  );
}

export function StatusCell(props: { session: CloudSessionView }) {
  const app = useApp();
  const chips = () => {
    const status = statusWords(props.session, app.cloud.now());
    const enforcement = enforcementWords(props.session.cloud, props.session.enforcement);
    const gaps = props.session.enforcement?.gaps ?? [];
    return [
      { ...status, title: undefined },
      { ...enforcement, title: [enforcement.sentence, ...gaps].join('\n') },
      ...(app.cloud.wasReused(props.session.id)
        ? [
            {
              text: 'Used again',
              tone: 'quiet' as const,
              title: 'An open session for the same was used again.',
            },
          ]
        : []),
    ];
  };
  return (
    <td>
      <div data-component="session-chips">
        <For each={chips()}>
          {(chip) => (
            <span data-component="chip" data-tone={chip.tone} title={chip.title}>
              {chip.text}
            </span>
          )}
        </For>
      </div>
    </td>
  );
}
