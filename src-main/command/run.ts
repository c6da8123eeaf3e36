import { basename } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { ListedBundle } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { LaunchPreparation, PreparedLaunch } from '../launch/launch-preparation.ts';
import type { Approvals, Asked } from './approvals.ts';
import { readArguments } from './arguments.ts';
import type { Caller } from './caller.ts';
import { type Command, type Ending, exitCodes, UsageError } from './command.ts';
import { findBundle } from './named-bundle.ts';
import { chooseScope, type Scope, type ScopeParts, saysScope } from './scope.ts';
import { type CommandDesk, sessionNamed } from './session.ts';
import type { StartedPrograms } from './started-programs.ts';

export interface LaunchParts extends ScopeParts {
  preparation: Pick<LaunchPreparation, 'of'>;
  /** The person's word, before anything is prepared. */
  approvals: Pick<Approvals, 'require'>;
  started: Pick<StartedPrograms, 'add'>;
  /** Cloud sessions, loaded when they are first needed. */
  desk: () => Promise<Pick<CommandDesk, 'list'>>;
  platform: NodeJS.Platform;
  /** Milliseconds since the Unix epoch, UTC. */
  now: () => number;
}

const launchOptions = { as: { type: 'string' }, session: { type: 'string' } } as const;
/** Besides, which shim it is that runs, for what it has to say; `lanyard shim` writes it. */
const runOptions = { ...launchOptions, shim: { type: 'string' } } as const;

/** `lanyard run`: the caller becomes a program that runs as an identity. */
export function runCommand(parts: LaunchParts): Command {
  return {
    name: 'run',
    usage: 'lanyard run [--as <identity>] [--session <session>] -- <command> [arguments]',
    help: `The command is started with the identity's accounts, and with nothing of another's. Its streams,
signals and exit code are its own. Of ours it gets one variable, LANYARD_BUNDLE: the identity's name.

  --as <identity>       by name; see lanyard --help for what holds without it
  --session <session>   under a cloud session of lanyard session, with which it ends

Exit codes: 125 when Lanyard did not start it, 126 when it cannot be run, 127 when there is no such
program; else the command's own.`,
    failureCode: exitCodes.launchFailed,
    run: async (args, caller) => {
      const { values, rest } = readArguments(args, runOptions, { most: 0 });
      if (values.shim !== undefined) identityOfShim(parts, values.shim, values.as);
      const [file] = rest ?? [];
      if (!rest || file === undefined || file === '')
        throw new UsageError('The command to run is missing: put it after --');
      return launch(parts, values, caller, () => ({ file, argv: rest }));
    },
  };
}

/** `lanyard shell`: the same with the person's own shell. */
export function shellCommand(parts: LaunchParts): Command {
  return {
    name: 'shell',
    usage: 'lanyard shell [--as <identity>] [--session <session>]',
    help: `Opens your shell as an identity, in this directory. exit leaves it.

  --as <identity>       by name; see lanyard --help for what holds without it
  --session <session>   under a cloud session of lanyard session, with which it ends`,
    failureCode: exitCodes.launchFailed,
    run: async (args, caller) => {
      const { values } = readArguments(args, launchOptions, { most: 0 });
      const { SHELL, ComSpec } = caller.environment;
      const shell = (parts.platform === 'win32' ? ComSpec : SHELL) || '/bin/sh';
      return launch(parts, values, caller, (bundle) => {
        caller.say(`lanyard: a shell as ${bundle.name}; exit leaves it`);
        return { file: shell, argv: [parts.platform === 'win32' ? shell : basename(shell)] };
      });
    },
  };
}

async function launch(
  parts: LaunchParts,
  wish: { as?: string | undefined; session?: string | undefined },
  caller: Caller,
  program: (bundle: ListedBundle) => { file: string; argv: string[] },
): Promise<Ending> {
  const session = wish.session === undefined ? null : await sessionOf(parts, wish.session);
  const scope: Scope =
    session && wish.as === undefined
      ? { bundle: parts.identities.bundle(session.bundleId), from: 'option', because: '' }
      : await chooseScope(parts, wish.as, caller);
  const { file, argv } = program(scope.bundle);
  await parts.approvals.require(caller, {
    what: 'run',
    bundle: scope.bundle,
    purpose: argv,
    ...(session ? { about: session.id, session: session.asked } : {}),
  });
  const prepared = await prepare(parts, scope.bundle, caller, session?.id);
  const said = saysScope(scope);
  if (said !== null) caller.say(said);
  return {
    kind: 'exec',
    start: {
      file,
      argv,
      environment: wholeEnvironment(prepared),
      cwd: caller.cwd,
      onStarted: (pid) =>
        void parts.started.add({
          pid,
          argv,
          bundleId: scope.bundle.id,
          ...(session ? { cloudSessionId: session.id } : {}),
        }),
    },
  };
}

/** An id says nothing to a person. Throws LanyardError `shim_without_identity`. */
function identityOfShim({ identities }: LaunchParts, shim: string, as = ''): void {
  if (findBundle(identities, as)) return;
  throw new LanyardError({
    code: 'shim_without_identity',
    title: `The identity that ${shim} was made for is gone.`,
    hint: `Run: lanyard shim remove ${quoted(shim)}. Or make it again for another: lanyard shim add`,
  });
}

async function sessionOf(
  { desk, now }: LaunchParts,
  name: string,
): Promise<{ id: string; bundleId: string; asked: NonNullable<Asked['session']> }> {
  const loaded = await desk();
  const id = sessionNamed(loaded, name);
  const found = loaded.list().sessions.find((each) => each.id === id);
  return {
    id,
    bundleId: found?.bundleId ?? blankBundleId,
    asked: {
      principal: found?.principal ?? null,
      actions: found?.actions ?? [],
      deny: found?.deny ?? [],
      resources: found?.resources ?? [],
      seconds: Math.max(0, Math.round(((found?.endsAt ?? 0) - now()) / 1000)),
    },
  };
}

/**
 * As `LaunchPreparation.of`, from the caller's environment; an account that stops it comes with the one command that
 * helps (R-2).
 */
export async function prepare(
  { preparation, identities }: Pick<LaunchParts, 'preparation' | 'identities'>,
  bundle: ListedBundle,
  caller: Pick<Caller, 'environment'>,
  cloudSessionId?: string,
): Promise<PreparedLaunch> {
  try {
    return await preparation.of(bundle.id, {
      parent: caller.environment,
      ...(cloudSessionId === undefined ? {} : { cloudSessionId }),
    });
  } catch (error) {
    if (!(error instanceof LanyardError) || !curedBySignIn.has(error.failure.code)) throw error;
    const { accounts } = identities.bundle(bundle.id);
    const failing = accounts.find(({ status, unexpected }) => status === 'needs-sign-in' || unexpected);
    if (!failing) throw error;
    const { failure } = error;
    throw new LanyardError({
      ...failure,
      hint: `Run: lanyard connect ${failing.provider} --as ${quoted(bundle.name)}`,
    });
  }
}

const curedBySignIn = new Set(['account_needs_sign_in', 'unexpected_person']);

export function wholeEnvironment({ env, secrets }: PreparedLaunch): Record<string, string> {
  const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()] as const);
  return { ...env, ...Object.fromEntries(revealed) };
}

/** As a person would have to type it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
