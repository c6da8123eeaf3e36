import ChevronRight from 'lucide-solid/icons/chevron-right';
import { createSignal, createUniqueId, For, Show } from 'solid-js';
import type { ActivityEntry } from '../../src-preload/contract/activity.ts';
import { BundleDot } from '../components/bundle-mark.tsx';
import { useApp } from '../state/app-context.tsx';
import { detailName, entryTitle, isTrouble } from './activity-words.ts';

const dayFormat = new Intl.DateTimeFormat('en', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});
const timeFormat = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const wholeFormat = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'long', hourCycle: 'h23' });

/** One entry: what happened, to whom; what else is known of it when it is opened. Its day stands above the first of it. */
export function ActivityRow(props: {
  entry: ActivityEntry;
  /** The one above it. */
  previous: ActivityEntry | undefined;
  hasTabStop: boolean;
  onFocus: () => void;
}) {
  const app = useApp();
  const [open, setOpen] = createSignal(false);
  const details = createUniqueId();
  const day = () => dayFormat.format(props.entry.at);
  const isFirstOfDay = () => !props.previous || dayFormat.format(props.previous.at) !== day();
  const providerName = (id: string) => app.state.providers.find((each) => each.id === id)?.name ?? id;
  const bundle = () => app.state.bundles.find(({ id }) => id === props.entry.bundleId);
  const identity = () => bundle()?.name ?? props.entry.bundleName;
  const facts = (): { name: string; value: string }[] => {
    const { seq, at, providerId, accountName, sessionId, bundleName, detail, signed, kind } = props.entry;
    const known: [string, string | undefined][] = [
      ['Entry', String(seq)],
      ['Time', wholeFormat.format(at)],
      ['Kind', kind],
      ['Identity', identity()],
      ['Identity then', bundleName === identity() ? undefined : bundleName],
      ['Provider', providerId === undefined ? undefined : providerName(providerId)],
      ['Account', accountName],
      ['Session', sessionId],
      ...detail.map(({ name, value }): [string, string] => [detailName(name), value]),
      ['Signed', signed ? 'Yes' : 'No'],
    ];
    return known.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }]));
  };
  return (
    <li>
      <Show when={isFirstOfDay()}>
        <h2 data-component="activity-day">{day()}</h2>
      </Show>
      <button
        type="button"
        data-component="activity-row"
        data-trouble={isTrouble(props.entry) ? '' : undefined}
        tabIndex={props.hasTabStop ? 0 : -1}
        aria-expanded={open()}
        aria-controls={open() ? details : undefined}
        onFocus={() => props.onFocus()}
        onClick={() => setOpen(!open())}
      >
        <ChevronRight size={14} aria-hidden="true" />
        <time dateTime={new Date(props.entry.at).toISOString()}>{timeFormat.format(props.entry.at)}</time>
        <span data-component="activity-what">{entryTitle(props.entry, providerName)}</span>
        <Show when={identity()}>
          {(name) => (
            <span data-component="activity-who">
              <Show when={bundle()}>{(known) => <BundleDot bundle={known()} />}</Show>
              {name()}
            </span>
          )}
        </Show>
      </button>
      <Show when={open()}>
        <dl data-component="activity-facts" id={details}>
          <For each={facts()}>
            {({ name, value }) => (
              <>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </>
            )}
          </For>
        </dl>
      </Show>
    </li>
  );
}
