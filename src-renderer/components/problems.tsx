import TriangleAlert from 'lucide-solid/icons/triangle-alert';
import { For, Show } from 'solid-js';
import type { Problem } from '../../src-preload/contract/values.ts';
import { Disclosure } from './disclosure.tsx';
import './problems.css';

/** Rows and files that were set aside because they could not be read, while everything else goes on (I-13). */
export function ProblemsBanner(props: { problems: Problem[] }) {
  const count = () => props.problems.length;
  return (
    <Show when={count() > 0}>
      <section data-component="problems-banner" aria-label="Problems">
        <TriangleAlert size={15} aria-hidden="true" />
        <Disclosure
          label={
            count() === 1
              ? 'One entry could not be read and was set aside. Everything else works.'
              : `${count()} entries could not be read and were set aside. Everything else works.`
          }
        >
          <ProblemList problems={props.problems} />
        </Disclosure>
      </section>
    </Show>
  );
}

export function ProblemList(props: { problems: Problem[] }) {
  return (
    <ul data-component="problem-list">
      <For each={props.problems}>
        {(problem) => (
          <li>
            <code>
              {problem.source}
              {problem.line === undefined ? '' : `, line ${problem.line}`}
            </code>
            <span>{problem.reason}</span>
          </li>
        )}
      </For>
    </ul>
  );
}
