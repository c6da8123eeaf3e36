import { For, Show } from 'solid-js';
import type { CloudSessionView } from '../../src-preload/contract/sessions.ts';
import { Button } from '../components/button.tsx';
import { FailureNote } from '../components/failure-note.tsx';
import { useApp } from '../state/app-context.tsx';
import { clockTime, lengthWords } from './countdown.ts';
import { EnforcementNote } from './enforcement-note.tsx';
import { createLoad } from './load.ts';
import { PolicyText } from './policy-text.tsx';
import './session-details.css';
import { usageRows } from './session-usage.ts';
import { cloudNames, principalName, statusWords } from './session-words.ts';
import { Sheet } from './sheet.tsx';
import { UsageBar } from './usage-bar.tsx';

/** Characters that AWS takes as a session policy. */
const awsLimit = 2048;

/** All that is known of a session: what was sent to the cloud to the letter, and what the cloud said of it. */
export function SessionDetails(props: { sessionId: string; onClose: () => void }) {
  const app = useApp();
  const session = () => app.cloud.find(props.sessionId);
  return (
    <Show when={session()}>
      {(shown) => (
        <Sheet
          title={`Session of ${principalName(shown().principal)}`}
          subtitle={`${cloudNames[shown().cloud]}, ${statusWords(shown(), app.cloud.now()).text.toLowerCase()}`}
          onClose={props.onClose}
        >
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard */}
          <section data-component="sheet-body" aria-label="Details" tabIndex={0}>
            <div data-component="session-details">
              <Facts session={shown()} />
              <div>
                <h3>Enforcement</h3>
                <EnforcementNote cloud={shown().cloud} enforcement={shown().enforcement} />
              </div>
              <Issued session={shown()} />
              <Entries title="Allowed actions" entries={shown().actions} none="None named." />
              <Entries title="Denied" entries={shown().deny} />
              <Entries title="Resources" entries={shown().resources} none="All." />
              <Entries title="From these addresses only" entries={shown().sourceIps} />
              <Entries
                title="Tags"
                entries={Object.entries(shown().tags).map(([key, value]) => `${key} = ${value}`)}
              />
              <div>
                <h3>Counted here</h3>
                <dl>
                  <For each={usageRows(shown(), app.cloud.now())}>
                    {(row) => (
                      <>
                        <dt>{row.limit === null ? 'No limit' : 'Limited'}</dt>
                        <dd>
                          {row.text}
                          <Show when={row.limit !== null}>
                            <UsageBar share={row.share} />
                          </Show>
                        </dd>
                      </>
                    )}
                  </For>
                  <Show when={shown().estimate !== undefined}>
                    <dt>Estimated cost</dt>
                    <dd>{`$${shown().estimate?.toFixed(2)}, an estimate that nothing enforces`}</dd>
                  </Show>
                </dl>
              </div>
            </div>
          </section>
        </Sheet>
      )}
    </Show>
  );
}

function Facts(props: { session: CloudSessionView }) {
  const app = useApp();
  const now = () => app.cloud.now();
  const rows = (): [string, string | undefined][] => [
    ['Principal', props.session.principal],
    ['Identity', props.session.bundleName ?? 'None of this app'],
    ['Id', props.session.id],
    ['Started', clockTime(props.session.createdAt, now())],
    ['Ends at the latest', clockTime(props.session.endsAt, now())],
    ['Lasts in all', lengthWords((props.session.endsAt - props.session.createdAt) / 1000)],
    ['Credentials end', clockTime(props.session.credentialsEndAt, now())],
    ['Access key id', props.session.accessKeyId],
    ['Region', props.session.region],
    ['Command', props.session.command === '' ? undefined : props.session.command],
    ['Runs now', props.session.status === 'active' ? String(props.session.running) : undefined],
    ['Revocation', props.session.revocation],
  ];
  return (
    <dl>
      <For each={rows().filter(([, value]) => value !== undefined)}>
        {([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        )}
      </For>
    </dl>
  );
}

/** What is known only while the app holds the session's credentials. */
function Issued(props: { session: CloudSessionView }) {
  const app = useApp();
  const load = createLoad(
    () => props.session.id,
    (sessionId) => app.bridge.sessions.get({ sessionId }),
  );
  const issued = () => load.value()?.issued;
  const size = () => {
    const text = issued()?.policyText;
    return props.session.cloud === 'aws' && text !== undefined
      ? { length: [...text].length, limit: awsLimit }
      : undefined;
  };
  const facts = () => {
    const known = issued();
    const { grantedSeconds, packedPercent, principal } = known ?? {};
    return [
      ['Lifetime granted', grantedSeconds === undefined ? undefined : lengthWords(grantedSeconds)],
      ['Packed size', packedPercent === undefined ? undefined : `${packedPercent} % of what AWS takes`],
      ['The cloud says it is', principal],
    ].filter((row): row is [string, string] => row[1] !== undefined);
  };
  return (
    <div>
      <h3>What was sent at the last issue</h3>
      <Show when={load.loading()}>
        <p>Looking…</p>
      </Show>
      <Show when={load.failure()}>
        {(failure) => (
          <>
            <FailureNote failure={failure()} />
            <Button size="small" onClick={() => load.retry()}>
              Try again
            </Button>
          </>
        )}
      </Show>
      <Show when={load.value()}>
        <Show when={issued()} fallback={<p>Not known any more: its credentials are not held by the app.</p>}>
          {(known) => (
            <>
              <Show
                when={known().policyText}
                fallback={<p>No policy was sent: the cloud takes none here.</p>}
              >
                {(text) => <PolicyText label="Policy that was sent" text={text()} size={size()} />}
              </Show>
              <dl>
                <For each={facts()}>
                  {([name, value]) => (
                    <>
                      <dt>{name}</dt>
                      <dd>{value}</dd>
                    </>
                  )}
                </For>
              </dl>
            </>
          )}
        </Show>
      </Show>
    </div>
  );
}

/** A list of entries; nothing where it is empty and nothing is to be said of that. */
function Entries(props: { title: string; entries: readonly string[]; none?: string }) {
  return (
    <Show when={props.entries.length > 0 || props.none}>
      <div>
        <h3>{props.title}</h3>
        <Show when={props.entries.length > 0} fallback={<p>{props.none}</p>}>
          <ul>
            <For each={props.entries}>
              {(entry) => (
                <li>
                  <code>{entry}</code>
                </li>
              )}
            </For>
          </ul>
        </Show>
      </div>
    </Show>
  );
}
