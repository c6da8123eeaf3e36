import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { For, Show } from 'solid-js';
import type { Problem } from '../../src-preload/contract/values.ts';
import { Disclosure } from './disclosure.tsx';
import { bySource, problemSummary } from './problem-groups.ts';
import './problems.css';

/** Rows and files that were set aside because they could not be read, while everything else goes on (I-13). */
export function ProblemsBanner(props: { problems: Problem[] }) {
  return (
    <Show when={props.problems.length > 0}>
      <section data-component="problems-banner" aria-label="Problems">
        <TriangleAlert size={15} aria-hidden="true" />
        <Disclosure label={problemSummary(props.problems)}>
          <ProblemList problems={props.problems} />
        </Disclosure>
      </section>
    </Show>
  );
}

/** What is wrong, file by file: its name once, then each line with its reason. */
export function ProblemList(props: { problems: Problem[] }) {
  return (
    <ul data-component="problem-list">
      <For each={bySource(props.problems)}>
        {({ source, problems }) => (
          <Show when={problems.length === 1 && problems[0]} fallback={<Group {...{ source, problems }} />}>
            {(only) => (
              <li>
                <code>
                  {source}
                  {only().line === undefined ? '' : `, line ${only().line}`}
                </code>
                <span>{only().reason}</span>
              </li>
            )}
          </Show>
        )}
      </For>
    </ul>
  );
}

function Group(props: { source: string; problems: Problem[] }) {
  return (
    <li>
      <code>{props.source}</code>
      <ul aria-label={`In ${props.source}`}>
        <For each={props.problems}>
          {({ line, reason }) => (
            <li>
              {line === undefined ? '' : <b>{`Line ${line}: `}</b>}
              {reason}
            </li>
          )}
        </For>
      </ul>
    </li>
  );
}
