import { For, type JSX } from 'solid-js';
import {
  type ActivityFilter,
  type ActivitySubject,
  activitySubjects,
} from '../../src-preload/contract/activity.ts';
import { Field } from '../components/field.tsx';
import { useApp } from '../state/app-context.tsx';
import { ownBundles } from '../state/model.ts';
import './activity-filters.css';
import { subjectNames } from './activity-words.ts';

/** As the controls have them; an empty text is no filter. */
export interface ChosenFilters {
  bundleId: string;
  providerId: string;
  subject: ActivitySubject | '';
  time: '' | 'today' | 'week' | 'month';
  text: string;
}

export const noFilters: ChosenFilters = { bundleId: '', providerId: '', subject: '', time: '', text: '' };

const dayMs = 24 * 60 * 60_000;

/** @param now milliseconds since the Unix epoch; days begin at midnight here */
export function filterOf(chosen: ChosenFilters, now: number): ActivityFilter {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const since = { today: midnight, week: midnight - 6 * dayMs, month: midnight - 29 * dayMs };
  const text = chosen.text.trim();
  return {
    ...(chosen.bundleId === '' ? {} : { bundleId: chosen.bundleId }),
    ...(chosen.providerId === '' ? {} : { providerId: chosen.providerId }),
    ...(chosen.subject === '' ? {} : { subject: chosen.subject }),
    ...(chosen.time === '' ? {} : { since: since[chosen.time] }),
    ...(text === '' ? {} : { text: text.slice(0, 200) }),
  };
}

export function ActivityFilters(props: {
  filters: ChosenFilters;
  onChange: (filters: ChosenFilters) => void;
}) {
  const app = useApp();
  const set = <K extends keyof ChosenFilters>(name: K, value: ChosenFilters[K]) =>
    props.onChange({ ...props.filters, [name]: value });
  return (
    <search data-component="activity-filters" aria-label="Filter entries">
      <Choice label="Identity" value={props.filters.bundleId} onChange={(id) => set('bundleId', id)}>
        <option value="">All identities</option>
        <For each={ownBundles(app.state)}>{({ id, name }) => <option value={id}>{name}</option>}</For>
      </Choice>
      <Choice label="Provider" value={props.filters.providerId} onChange={(id) => set('providerId', id)}>
        <option value="">All providers</option>
        <For each={app.state.providers}>{({ id, name }) => <option value={id}>{name}</option>}</For>
      </Choice>
      <Choice
        label="Kind"
        value={props.filters.subject}
        onChange={(subject) => set('subject', activitySubjects.find((each) => each === subject) ?? '')}
      >
        <option value="">All kinds</option>
        <For each={activitySubjects}>
          {(subject) => <option value={subject}>{subjectNames[subject]}</option>}
        </For>
      </Choice>
      <Choice
        label="Time"
        value={props.filters.time}
        onChange={(time) =>
          set('time', (['today', 'week', 'month'] as const).find((each) => each === time) ?? '')
        }
      >
        <option value="">Any time</option>
        <option value="today">Today</option>
        <option value="week">Last 7 days</option>
        <option value="month">Last 30 days</option>
      </Choice>
      <Field
        label="Words"
        labelHidden
        placeholder="Filter by words"
        value={props.filters.text}
        onChange={(text) => set('text', text)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || props.filters.text === '') return;
          event.stopPropagation();
          set('text', '');
        }}
      />
    </search>
  );
}

function Choice(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  children: JSX.Element;
}) {
  return (
    <select
      data-component="activity-choice"
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    >
      {props.children}
    </select>
  );
}
