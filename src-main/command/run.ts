import { basename } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { ListedBundle } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { LaunchOptions, LaunchPreparation, PreparedLaunch } from '../launch/launch-preparation.ts';
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
  /** What installs a provider's program, by its name or path; null where nobody knows. */
  installCommand: (program: string) => string | null;
  /** As people know it, by its id. */
  providerName: (providerId: string) => string;
  /** Milliseconds since the Unix epoch, UTC. */
  now: () => number;
}

const launchOptions = {
  as: { type: 'string' },
  session: { type: 'string' },
  'machine-logins': { type: 'boolean' },
} as const;
/** In the help of whatever starts programs, or prepares for that. */
export const machineLoginsHelp =
  "also where the identity has no account, and the machine's own login would be used";
/** Besides, which shim it is that runs, for what it has to say; `lanyard shim` writes it. */
const runOptions = { ...launchOptions, shim: { type: 'string' } } as const;

/** `lanyard run`: the caller becomes a program that runs as an identity. */
export function runCommand(parts: LaunchParts): Command {
  return {
    name: 'run',
    usage: 'lanyard run [--as <identity>] [--session <session>] [--machine-logins] -- <command> [arguments]',
    help: `The command is started with the identity's accounts, and with nothing of another's. Its streams,
signals and exit code are its own. Of ours it gets one variable, LANYARD_BUNDLE: the identity's name.

  --as <identity>       by name; see lanyard --help for what holds without it
  --session <session>   under a cloud session of lanyard session, with which it ends
  --machine-logins      ${machineLoginsHelp}

Without an account of the program's provider nothing is started: codex would work with the machine's own login.

Exit codes: 125 when Lanyard did not start it, 126 when it cannot be run, 127 when there is no such
program; else the command's own.`,
    failureCode: exitCodes.launchFailed,
    run: async (args, caller) => {
      const { values, rest } = readArguments(args, runOptions, {
        most: 0,
        tooMany: 'The command to run stands after --.',
      });
      if (values.shim !== undefined) identityOfShim(parts, values.shim, values.as);
      const [file] = rest ?? [];
      if (!rest || file === undefined || file === '')
        throw new UsageError('The command to run is missing: put it after --');
      return launch(parts, values, caller, { file, argv: rest });
    },
  };
}

/** `lanyard shell`: the same with the person's own shell. */
export function shellCommand(parts: LaunchParts): Command {
  return {
    name: 'shell',
    usage: 'lanyard shell [--as <identity>] [--session <session>] [--machine-logins]',
    help: `Opens your shell as an identity, in this directory. exit leaves it.

  --as <identity>       by name; see lanyard --help for what holds without it
  --session <session>   under a cloud session of lanyard session, with which it ends
  --machine-logins      ${machineLoginsHelp}

Programs of providers that it has no account of use the machine's own logins in it.`,
    failureCode: exitCodes.launchFailed,
    run: async (args, caller) => {
      const { values } = readArguments(args, launchOptions, { most: 0 });
      const { SHELL, ComSpec } = caller.environment;
      const shell = (parts.platform === 'win32' ? ComSpec : SHELL) || '/bin/sh';
      const argv = [parts.platform === 'win32' ? shell : basename(shell)];
      return launch(parts, values, caller, {
        file: shell,
        argv,
        opens: (bundle) => shellWords(bundle, parts),
      });
    },
  };
}

/** A shell starts anything: what it does not have an account for has to be said beforehand (R-2). */
function shellWords({ name, accounts }: ListedBundle, { providerName }: LaunchParts): string {
  const own = [...new Set(accounts.map(({ provider }) => providerName(provider)))];
  const has = own.length === 0 ? '' : `, signed in to ${own.join(', ')}; others use the machine's own logins`;
  return `lanyard: a shell as ${name}${has}; exit leaves it`;
}

interface LaunchWish {
  as?: string | undefined;
  session?: string | undefined;
  'machine-logins'?: boolean | undefined;
}

async function launch(
  parts: LaunchParts,
  wish: LaunchWish,
  caller: Caller,
  program: {
    file: string;
    argv: string[];
    /** Of a shell: what is said when it opens. */
    opens?: (bundle: ListedBundle) => string;
  },
): Promise<Ending> {
  const session = wish.session === undefined ? null : await sessionOf(parts, wish.session);
  const scope: Scope =
    session && wish.as === undefined
      ? { bundle: parts.identities.bundle(session.bundleId), from: 'option', because: '' }
      : await chooseScope(parts, wish.as, caller);
  const { file, argv, opens } = program;
  await parts.approvals.require(caller, {
    what: 'run',
    bundle: scope.bundle,
    purpose: argv,
    ...(session ? { about: session.id, session: session.asked } : {}),
  });
  const prepared = await prepare(parts, scope.bundle, caller, {
    ...(session ? { cloudSessionId: session.id } : {}),
    ...(opens ? {} : { program: file, directory: caller.cwd }),
    machineLogins: wish['machine-logins'] ?? false,
  });
  const said = saysScope(scope);
  if (opens) caller.say(opens(scope.bundle));
  if (said !== null) caller.say(said);
  const install = parts.installCommand(file);
  return {
    kind: 'exec',
    start: {
      file,
      ...(install === null ? {} : { missing: `Install it: ${install}` }),
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
 * As `LaunchPreparation.of`, from the caller's environment; an account that stops it, or is missing, comes with the one
 * command that helps (R-2).
 */
export async function prepare(
  { preparation, identities }: Pick<LaunchParts, 'preparation' | 'identities'>,
  bundle: ListedBundle,
  caller: Pick<Caller, 'environment'>,
  options: Omit<LaunchOptions, 'parent'> = {},
): Promise<PreparedLaunch> {
  try {
    return await preparation.of(bundle.id, { ...options, parent: caller.environment });
  } catch (error) {
    throw withConnect(error, identities.bundle(bundle.id));
  }
}

/** The same error; one of an account that is missing or needs a sign-in has the command that helps as its hint (R-2). */
export function withConnect<T>(error: T, { name, accounts }: ListedBundle): T | LanyardError {
  const connect = (provider: string) => `Run: lanyard connect ${provider} --as ${quoted(name)}`;
  if (error instanceof LanyardError && missing.has(error.failure.code)) {
    return new LanyardError({
      ...error.failure,
      hint: `${connect(error.failure.connect?.providerId ?? '<provider>')}\nIf the machine's own login is what you want, add --machine-logins.`,
    });
  }
  if (!(error instanceof LanyardError) || !curedBySignIn.has(error.failure.code)) return error;
  const failing = accounts.find(({ status, unexpected }) => status === 'needs-sign-in' || unexpected);
  return failing ? new LanyardError({ ...error.failure, hint: connect(failing.provider) }) : error;
}

/** Those of `refuseMachineLogin`. */
const missing = new Set(['identity_without_account', 'program_without_account']);
const curedBySignIn = new Set(['account_needs_sign_in', 'unexpected_person']);

export function wholeEnvironment({ env, secrets }: PreparedLaunch): Record<string, string> {
  const revealed = Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()] as const);
  return { ...env, ...Object.fromEntries(revealed) };
}

/** As a person would have to type it. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
