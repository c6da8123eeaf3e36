import * as v from 'valibot';
import {
  type CloudSessionView,
  OpenSessionSchema,
  type PrincipalKind,
  type SessionSource,
} from '../../src-preload/contract/sessions.ts';
import { parseDuration } from '../cloud/duration.ts';
import type { OpenForm } from '../cloud/open-form.ts';
import type { SessionDesk } from '../cloud/session-desk.ts';
import { LanyardError } from '../failures.ts';
import type { Approvals, Asked } from './approvals.ts';
import { readArguments } from './arguments.ts';
import type { Caller } from './caller.ts';
import { type Command, done, type Ending, UsageError } from './command.ts';
import { quoted } from './run.ts';
import { chooseScope, type ScopeParts, saysScope } from './scope.ts';

export type CommandDesk = Pick<SessionDesk, 'list' | 'open' | 'revoke' | 'sources' | 'profiles'>;

export interface SessionParts extends ScopeParts {
  /** The person's word, before a session is opened. */
  approvals: Pick<Approvals, 'require'>;
  /** Cloud sessions, loaded when they are first needed. */
  desk: () => Promise<CommandDesk>;
}

const text = { type: 'string' } as const;
const texts = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const options = {
  as: text,
  for: text,
  source: text,
  role: text,
  'external-id': text,
  'base-role': text,
  'service-account': text,
  subscription: text,
  resource: text,
  federated: flag,
  allow: texts,
  deny: texts,
  on: texts,
  profile: text,
  region: text,
  tag: texts,
  new: flag,
  'accept-not-narrowed': flag,
  json: flag,
} as const;

/** `lanyard session`: short-lived, narrowed credentials of a cloud, for `lanyard run --session`. */
export function sessionCommand(parts: SessionParts): Command {
  return {
    name: 'session',
    usage: `lanyard session start [--as <identity>] [--for <time>] [--allow <action>]...
                      (--role <arn> | --federated | --service-account <email> | --subscription <id> --resource <address>)
lanyard session list [--json]
lanyard session revoke <session> [--deny]`,
    help: `start opens a cloud session of an identity, or uses one again that is open for the same, and prints its id.
Nothing gets its credentials but what is started with: lanyard run --session <id> -- <command>

  --as <identity>              by name; see lanyard --help for what holds without it
  --for <time>                 how long it may last: 45m, 8h; an hour when absent
  --allow <action>             such as s3:GetObject or s3:*; may be repeated
  --deny <action>              an action that it may not have; may be repeated
  --on <resource>              the resources that it is held to; may be repeated
  --profile <name>             actions that are kept under a name
  --source <account>           which account its credentials come from, where there are several
  --role <arn>                 AWS: the role that is taken on; --external-id, --region and --tag <name>=<value> go with it
  --base-role <account>/<role> AWS: of IAM Identity Center, as whom the role is taken on
  --federated                  AWS: a federated user instead of a role
  --service-account <email>    Google Cloud
  --subscription <id> --resource <address>   Azure
  --new                        a new one, also where one like it is open
  --accept-not-narrowed        also where the cloud does not hold it to its actions
  --json                       for programs; docs/command.md has the schema

revoke ends a session and what runs under it, and says what became of its credentials.

  --deny                       AWS: also denies the session everything by a policy of its role, for which the account
                               needs iam:PutRolePolicy`,
    run: async ([word, ...args], caller) => {
      switch (word) {
        case 'start':
          return start(parts, args, caller);
        case 'list':
          return list(parts, args, caller);
        case 'revoke':
          return revoke(parts, args, caller);
        default:
          throw new UsageError(
            word === undefined ? 'Say start, list or revoke.' : `There is no "session ${word}".`,
          );
      }
    },
  };
}

async function start(parts: SessionParts, args: string[], caller: Caller): Promise<Ending> {
  const { values } = readArguments(args, options, { most: 0 });
  const scope = await chooseScope(parts, values.as, caller);
  const desk = await parts.desk();
  const source = chosenSource(await desk.sources(scope.bundle.id), values.source, scope.bundle.name);
  const form = checked({
    cloud: source.cloud,
    bundleId: scope.bundle.id,
    sourceId: source.id,
    principal: principalOf(values, source.principals),
    actions: values.allow ?? [],
    deny: values.deny ?? [],
    resources: values.on ?? [],
    sourceIps: [],
    tags: pairs(values.tag ?? []),
    ttl: values.for ?? '1h',
    limits: {},
    mayReuse: !values.new,
    acceptNotNarrowed: values['accept-not-narrowed'] ?? false,
    ...(values.profile === undefined ? {} : { profileId: profileNamed(desk, values.profile, source.cloud) }),
    ...(values.region === undefined ? {} : { region: values.region }),
    ...(values['base-role'] === undefined ? {} : { baseRole: baseRole(values['base-role']) }),
  });
  await parts.approvals.require(caller, askedFor(form, source, scope.bundle, desk));
  const { session, reused } = await desk.open(form);
  const view = desk.list().sessions.find(({ id }) => id === session.id);
  const said = saysScope(scope);
  if (said !== null) caller.say(said);
  caller.say(
    `${reused ? 'The session that is open for this is used again' : 'A new session'}${view ? `: ${view.principal}, until ${iso(view.endsAt)}` : ''}.`,
  );
  for (const gap of view?.enforcement?.gaps ?? []) caller.say(`Note: ${gap}`);
  caller.out(values.json && view ? json({ session: sessionJson(view), reused }) : `${session.id}\n`);
  return done;
}

function principalText(principal: OpenForm['principal']): string | null {
  switch (principal.kind) {
    case 'role':
      return principal.arn;
    case 'service-account':
      return principal.email;
    case 'azure-token':
      return principal.resource;
    case 'federated-user':
    case 'own-user':
      return null;
  }
}

/** What the person is asked about a session: all that it may, a profile's actions included. */
function askedFor(
  form: OpenForm,
  source: SessionSource,
  bundle: Asked['bundle'],
  desk: Pick<CommandDesk, 'profiles'>,
): Asked {
  const profile = desk.profiles().profiles.find(({ id }) => id === form.profileId);
  const session = {
    principal: principalText(form.principal) ?? source.label,
    actions: [...form.actions, ...(profile?.actions ?? [])],
    deny: [...form.deny, ...(profile?.deny ?? [])],
    resources: form.resources,
    seconds: parseDuration(form.ttl),
  };
  return {
    what: 'session',
    bundle,
    purpose: ['A cloud session is opened, for programs that are started under it.'],
    about: JSON.stringify(form),
    session,
  };
}

async function list(parts: SessionParts, args: string[], caller: Caller): Promise<Ending> {
  const { values } = readArguments(args, { json: flag }, { most: 0 });
  const { sessions, problems } = (await parts.desk()).list();
  if (values.json) {
    caller.out(json({ sessions: sessions.map(sessionJson) }));
  } else {
    if (sessions.length === 0) caller.say('There is no cloud session.');
    for (const { shortId, status, bundleName, principal, endsAt, running } of sessions) {
      const until = status === 'active' ? `until ${iso(endsAt)}` : status;
      caller.table(
        `${shortId}  ${bundleName ?? '-'}  ${principal}  ${until}${running > 0 ? `  ${running} running` : ''}\n`,
      );
    }
  }
  for (const { source, reason } of problems) caller.complain(`${source}: ${reason}`);
  return done;
}

async function revoke(parts: SessionParts, args: string[], caller: Caller): Promise<Ending> {
  const { words, values } = readArguments(
    args,
    { deny: flag },
    { needs: 'Say which session: lanyard session list shows them.', most: 1 },
  );
  const desk = await parts.desk();
  const id = sessionNamed(desk, words[0] ?? '');
  if (values.deny && !desk.list().sessions.some((session) => session.id === id && session.canDeny)) {
    throw new LanyardError({
      code: 'cannot_deny',
      title: 'Only a session of an AWS role can be denied at its role.',
      hint: 'Revoke it without --deny: it is said then what becomes of its credentials.',
    });
  }
  const { revocation, shortId } = await desk.revoke(id, { deny: values.deny ?? false });
  caller.say(`${shortId} is revoked.${revocation === undefined ? '' : ` ${revocation}`}`);
  return done;
}

/**
 * A session's whole id, by it or by its first characters as lists show them.
 * @throws LanyardError `session_not_found`, `session_ambiguous`
 */
export function sessionNamed(desk: Pick<CommandDesk, 'list'>, name: string): string {
  const { sessions } = desk.list();
  const fitting = sessions.filter(({ id }) => id === name || (name.length >= 4 && id.startsWith(name)));
  const [only] = fitting;
  if (only && fitting.length === 1) return only.id;
  throw new LanyardError(
    fitting.length === 0
      ? {
          code: 'session_not_found',
          title: `There is no session "${name}".`,
          hint: 'lanyard session list shows those that there are.',
        }
      : {
          code: 'session_ambiguous',
          title: `Several sessions begin with "${name}".`,
          hint: 'Write more of its id.',
        },
  );
}

function chosenSource(
  sources: readonly SessionSource[],
  wanted: string | undefined,
  identity: string,
): SessionSource {
  const [only] = sources;
  if (only === undefined) {
    throw new LanyardError({
      code: 'no_session_source',
      title: `${identity} has no account that a cloud session can come from.`,
      hint: `Run: lanyard connect aws --as ${quoted(identity)} (or aws-key, gcloud, azure)`,
    });
  }
  if (wanted === undefined && sources.length === 1) return only;
  const word = wanted?.toLowerCase();
  const found = (fits: (source: SessionSource) => boolean) => {
    const [first, ...others] = sources.filter(fits);
    return others.length === 0 ? first : undefined;
  };
  const chosen =
    found(({ id }) => id === wanted) ??
    found(({ label }) => label.toLowerCase() === word) ??
    found(({ cloud }) => cloud === word);
  if (chosen) return chosen;
  throw new UsageError(`Say which account with --source: ${sources.map(wordFor(sources)).join(', ')}.`);
}

/** What names a source among these, and what it is. */
function wordFor(sources: readonly SessionSource[]): (source: SessionSource) => string {
  const one = (fits: (source: SessionSource) => boolean) => sources.filter(fits).length === 1;
  return ({ id, label, cloud }) => {
    if (one((each) => each.label === label)) return `"${label}" (${cloud})`;
    return `${one((each) => each.cloud === cloud) ? cloud : id} (${label})`;
  };
}

function principalOf(
  values: {
    role?: string | undefined;
    'external-id'?: string | undefined;
    'service-account'?: string | undefined;
    subscription?: string | undefined;
    resource?: string | undefined;
    federated?: boolean | undefined;
  },
  kinds: readonly PrincipalKind[],
): OpenForm['principal'] {
  const {
    role,
    'external-id': externalId,
    'service-account': email,
    subscription,
    resource,
    federated,
  } = values;
  if (federated && role !== undefined)
    throw new UsageError(
      '--federated is a federated user instead of a role: leave out --role or --federated.',
    );
  if (role !== undefined)
    return { kind: 'role', arn: role, ...(externalId === undefined ? {} : { externalId }) };
  if (email !== undefined) return { kind: 'service-account', email };
  if (subscription !== undefined && resource !== undefined)
    return { kind: 'azure-token', subscription, resource };
  if (federated) return { kind: 'federated-user' };
  const ways: Record<PrincipalKind, string> = {
    role: '--role <arn>',
    'federated-user': '--federated',
    'own-user': '--federated',
    'service-account': '--service-account <email>',
    'azure-token': '--subscription <id> --resource <address>',
  };
  throw new UsageError(
    `Say who the session is to be: ${[...new Set(kinds.map((kind) => ways[kind]))].join(', or ')}.`,
  );
}

/** Of the cloud that the session is at: another one's actions mean nothing there. */
function profileNamed(desk: CommandDesk, name: string, cloud: SessionSource['cloud']): string {
  const profiles = desk.profiles().profiles.filter((each) => each.cloud === cloud);
  const profile = profiles.find((each) => each.id === name || each.name.toLowerCase() === name.toLowerCase());
  if (profile) return profile.id;
  const names = [...new Set(profiles.map((each) => each.name))].join(', ');
  throw new UsageError(`There is no profile "${name}"; there are: ${names || 'none'}.`);
}

function baseRole(value: string): { awsAccountId: string; roleName: string } {
  const [awsAccountId = '', roleName = '', ...more] = value.split('/');
  if (awsAccountId === '' || roleName === '' || more.length > 0)
    throw new UsageError(`"${value}" is not <account>/<role>.`);
  return { awsAccountId, roleName };
}

function pairs(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf('=');
      if (at <= 0) throw new UsageError(`"${value}" is not <name>=<value>.`);
      return [value.slice(0, at), value.slice(at + 1)];
    }),
  );
}

/** By the same rules as what a window fills in. */
function checked(form: v.InferInput<typeof OpenSessionSchema>): OpenForm {
  const { success, output, issues } = v.safeParse(OpenSessionSchema, form);
  if (success) return output;
  throw new UsageError(issues[0].message);
}

function sessionJson(view: CloudSessionView) {
  const { id, cloud, status, principal, bundleId, bundleName, actions, deny, resources, command } = view;
  return {
    id,
    cloud,
    status,
    principal,
    ...(bundleId === undefined ? {} : { identity: { id: bundleId, name: bundleName ?? null } }),
    actions,
    deny,
    resources,
    command,
    enforcement: view.enforcement ?? null,
    createdAt: iso(view.createdAt),
    endsAt: iso(view.endsAt),
    credentialsEndAt: iso(view.credentialsEndAt),
    running: view.running,
    revocation: view.revocation ?? null,
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function json(value: Record<string, unknown>): string {
  return `${JSON.stringify({ schemaVersion: 1, ...value }, null, 2)}\n`;
}
