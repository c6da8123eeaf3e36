import Check from 'lucide-solid/icons/check';
import Copy from 'lucide-solid/icons/copy';
import { Show } from 'solid-js';
import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import { Button } from '../components/button.tsx';
import { Disclosure } from '../components/disclosure.tsx';
import { Help } from '../help/help.tsx';
import { InstallPanel } from '../programs/install-panel.tsx';
import { ProgramChoice } from '../programs/program-choice.tsx';
import { useApp } from '../state/app-context.tsx';
import { flowOf } from '../state/model.ts';
import { useConnect } from './connect-context.tsx';
import './failed-step.css';
import { OtherWays } from './other-ways.tsx';
import { stageText } from './phase.ts';
import { createSessionActions } from './session-actions.ts';
import { Transcript } from './transcript.tsx';

/** What went wrong and the ways on. Without a session when `auth.start` itself was refused. */
export function FailedStep(props: { session: Extract<SessionSnapshot, { status: 'failed' }> | undefined }) {
  const app = useApp();
  const view = useConnect();
  const failure = (): Failure | undefined => {
    const { attempt } = view.connection();
    return attempt.kind === 'refused' ? attempt.failure : props.session?.failure;
  };
  /** The program that this attempt wanted and that is still missing, or set by hand and gone. */
  const lacking = () => {
    const provider = view.provider();
    const state = provider?.program.state;
    if (view.flow()?.needsProgram === false) return undefined;
    return provider && (state === 'missing' || state === 'unusable') ? provider : undefined;
  };
  const missing = () => {
    const provider = lacking();
    return provider?.program.state === 'missing' ? { provider, program: provider.program } : undefined;
  };
  const installable = () => missing()?.program.installable === true;
  const installing = () => app.state.installs[view.connection().providerId]?.status === 'running';
  /** A way to sign in that goes without the program, for when that is what was in the way. */
  const withoutProgram = () =>
    lacking() ? view.provider()?.flows.find(({ needsProgram }) => !needsProgram) : undefined;
  /** The first way of the provider that needs no port of its own, for when that is what was in the way. */
  const withoutPort = () => {
    const { port, parameters = [] } = flowOf(app.state, view.connection()) ?? {};
    // An issuer's other way is offered beside it anyway.
    if (port === undefined || view.provider()?.issuer) return undefined;
    const others = (view.provider()?.flows ?? []).filter((flow) => flow.fits && flow.port !== port);
    return others.find((flow) => flow.parameters.length <= parameters.length);
  };
  return (
    <Show when={failure()}>
      {(shown) => (
        <>
          <div data-component="failed-cause">
            <p>
              <strong>{shown().title}</strong>
            </p>
            <Show when={shown().detail}>
              <p>{shown().detail}</p>
            </Show>
          </div>
          <Show when={!installing()}>
            <p data-component="note">{shown().hint}</p>
          </Show>
          <Show when={missing()}>
            {(shown) => (
              <InstallPanel
                provider={shown().provider}
                action="Install"
                look="primary"
                command={shown().program.installCommand}
                installable={shown().program.installable}
              />
            )}
          </Show>
          <Show when={lacking()}>
            {(provider) => (
              <Show when={!installing()}>
                <div data-component="program-elsewhere">
                  <small>Is it somewhere else?</small>
                  <ProgramChoice provider={provider()} onChanged={() => void app.restart()} />
                </div>
              </Show>
            )}
          </Show>
          <div data-component="step-actions">
            <Show when={withoutProgram()}>
              {(flow) => (
                <Button
                  look={installable() ? 'plain' : 'primary'}
                  data-step-focus={installable() ? undefined : ''}
                  onClick={() => void app.restart(flow().id)}
                >
                  Use {flow().label} instead
                </Button>
              )}
            </Show>
            <Show
              when={shown().blockedBy}
              fallback={
                <Button
                  look={installable() || withoutProgram() ? 'plain' : 'primary'}
                  data-step-focus={installable() || withoutProgram() ? undefined : ''}
                  onClick={() => void app.restart()}
                >
                  Try again
                </Button>
              }
            >
              <Button look="primary" data-step-focus="" onClick={() => void app.endOtherAndStart()}>
                End that sign-in and go on
              </Button>
            </Show>
            <Show when={isAboutPort(shown()) && withoutPort()}>
              {(flow) => (
                <Button onClick={() => void app.restart(flow().id)}>
                  {flow().kind === 'device-code'
                    ? 'Use a device code instead'
                    : `Use ${flow().label} instead`}
                </Button>
              )}
            </Show>
            <Show when={shown().code === 'unexpected_person'} fallback={<OtherWays look="plain" />}>
              <Button onClick={() => void app.saveAsNew()}>Save as a new account</Button>
            </Show>
          </div>
          <Help code={shown().code} />
          <Disclosure label="Details">
            <FailureDetails failure={shown()} session={props.session} />
          </Disclosure>
        </>
      )}
    </Show>
  );
}

const isAboutPort = ({ code }: Failure) =>
  ['port_in_use', 'port_held_by_sign_in', 'local_server_unavailable'].includes(code);

function FailureDetails(props: {
  failure: Failure;
  session: Extract<SessionSnapshot, { status: 'failed' }> | undefined;
}) {
  const view = useConnect();
  return (
    <div data-component="failure-details">
      <dl>
        <dt>Code</dt>
        <dd>
          <code>{props.failure.code}</code>
        </dd>
        <Show when={props.session}>
          {(session) => (
            <>
              <dt>Stage</dt>
              <dd>{stageText(view.stage())}</dd>
              <Show when={session().command}>
                <dt>Command</dt>
                <dd>
                  <code>{session().command}</code>
                </dd>
              </Show>
            </>
          )}
        </Show>
      </dl>
      <Show when={props.session}>
        {(session) => (
          <>
            <Transcript sessionId={session().sessionId} label="Transcript" />
            <CopyReport sessionId={session().sessionId} />
          </>
        )}
      </Show>
    </div>
  );
}

function CopyReport(props: { sessionId: string }) {
  const actions = createSessionActions(() => props.sessionId);
  return (
    <Button size="small" onClick={() => void actions.copy('report')}>
      <Show when={actions.copied.report.recently()} fallback={<Copy size={13} aria-hidden="true" />}>
        <Check size={13} aria-hidden="true" />
      </Show>
      Copy report
    </Button>
  );
}
