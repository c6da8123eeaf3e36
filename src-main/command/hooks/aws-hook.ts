import type { CloudSessionView } from '../../../src-preload/contract/sessions.ts';
import type { SessionDesk } from '../../cloud/session-desk.ts';
import { LanyardError } from '../../failures.ts';
import { readArguments } from '../arguments.ts';
import type { Caller } from '../caller.ts';
import { done } from '../command.ts';
import { quoted } from '../run.ts';
import { chooseScope, type ScopeParts } from '../scope.ts';
import { sessionNamed } from '../session.ts';
import type { Hook } from './credential.ts';
import type { HandOut } from './hand-out.ts';

export interface AwsHookParts extends ScopeParts {
  /** Cloud sessions, loaded when they are first needed. */
  desk: () => Promise<Pick<SessionDesk, 'list' | 'credentials'>>;
  handOut: HandOut;
}

/** AWS's `credential_process`: the credentials of an open cloud session. */
export function awsHook(parts: AwsHookParts): Hook {
  return {
    name: 'aws',
    usage: 'lanyard credential aws [--as <identity>] [--session <session>]',
    help: `aws prints the credentials of an open cloud session at AWS, as credential_process in ~/.aws/config wants
them. Without --session the identity must have exactly one open.`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' }, session: { type: 'string' } } as const;
      const { values } = readArguments(args, options, { most: 0 });
      const desk = await parts.desk();
      const { bundle, session } = await chosen(parts, desk, values, caller);
      const request = { hook: 'aws', bundle, host: session.principal, sessionId: session.id } as const;
      const answer = await parts.handOut.give(caller, request, () => desk.credentials(session.id));
      caller.out(`${JSON.stringify(processCredentials(answer))}\n`);
      return done;
    },
  };
}

async function chosen(
  parts: AwsHookParts,
  desk: Pick<SessionDesk, 'list'>,
  { as, session: name }: { as?: string | undefined; session?: string | undefined },
  caller: Caller,
) {
  const { sessions } = desk.list();
  if (name === undefined) {
    const { bundle } = await chooseScope(parts, as, caller);
    return { bundle, session: onlyOne(sessions, bundle) };
  }
  const id = sessionNamed(desk, name);
  const session = sessions.find((each) => each.id === id);
  if (session?.cloud !== 'aws') {
    throw new LanyardError({
      code: 'not_aws',
      title: `The session "${name}" is not one at AWS.`,
      hint: 'lanyard session list shows those that there are.',
    });
  }
  const bundle = parts.identities.bundle(session.bundleId ?? '');
  if (as !== undefined && (await chooseScope(parts, as, caller)).bundle.id !== bundle.id) {
    throw new LanyardError({
      code: 'other_identity',
      title: `The session "${name}" is of ${bundle.name}, not of ${as}.`,
      hint: 'Leave --as out, or name a session of that identity.',
    });
  }
  return { bundle, session };
}

function onlyOne(
  sessions: readonly CloudSessionView[],
  bundle: { id: string; name: string },
): CloudSessionView {
  const open = sessions.filter(
    ({ cloud, bundleId, status }) => cloud === 'aws' && bundleId === bundle.id && status === 'active',
  );
  const [only] = open;
  if (only && open.length === 1) return only;
  if (!only) {
    throw new LanyardError({
      code: 'no_open_session',
      title: `${bundle.name} has no open session at AWS.`,
      hint: `Open one in the app, or with: lanyard session start --as ${quoted(bundle.name)} --allow <action> --role <arn>`,
    });
  }
  throw new LanyardError({
    code: 'session_ambiguous',
    title: `${bundle.name} has several open sessions at AWS.`,
    hint: `Name one: --session ${open.map(({ shortId }) => shortId).join(', or --session ')}`,
  });
}

/** The endpoint's answer under the names that `credential_process` has (AWS CLI user guide, "external process"). */
function processCredentials({ AccessKeyId, SecretAccessKey, Token, Expiration }: Record<string, unknown>) {
  return { Version: 1, AccessKeyId, SecretAccessKey, SessionToken: Token, Expiration };
}
