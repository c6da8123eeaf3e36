import { isDeepStrictEqual } from 'node:util';
import type { OtherHolder, RunningLogin, RunningView } from '../../src-preload/contract/running.ts';
import type { Clock } from '../clock.ts';
import { LanyardError } from '../failures.ts';
import type { Account } from '../identities/model.ts';
import { comparePeople, personLabel } from '../identities/same-person.ts';
import type { Holder } from '../process/environment-holders.ts';
import type { ProcessId } from '../process/process-table.ts';
import type { Running, RunningProgram } from './running.ts';

interface LoginBundle {
  name: string;
  colour: string;
  accounts: readonly Account[];
}

export interface RunningLoginsParts {
  running: Running;
  identities: {
    /** Throws LanyardError `unknown_bundle`. */
    bundle(bundleId: string): LoginBundle;
    accounts(): readonly Account[];
  };
  /** As `environmentHolders`. */
  holders: (sought: { directories: string[]; variables: string[] }) => Promise<Holder[] | null>;
  describeTree: (pid: number) => Promise<ProcessId[]>;
  processStartTime: (pid: number) => Promise<string | null>;
  /** As `killRecorded`. */
  killRecorded: (
    id: ProcessId,
    options: { polite: NodeJS.Signals },
  ) => Promise<{ found: boolean; left: number[] }>;
  /** Ends what runs in a tab; the tab stays. */
  endTab: (tabId: string) => Promise<void>;
  clock: Clock;
  /** What `list` says may be another thing now. Must not throw. */
  onChanged: () => void;
  onFault: (error: unknown) => void;
}

/** What a program was started with. */
interface Started {
  bundle: LoginBundle;
}

interface Stranger extends ProcessId {
  name: string;
}

/** A login that was replaced or taken away: its directory may be in the environment of anything. */
interface OldLogin {
  directory: string;
  providerId: string;
  label: string;
}

/** A logout still runs in the old directory for a moment, ms. */
const afterChangeMs = 2_000;
/** Old logins that are looked for; what holds an older one was seen long ago. */
const mostOldLogins = 64;

/**
 * what runs with which login, beside what that login is now: the same, somebody else's, replaced by a newer sign-in,
 * or gone. On Linux also programs that nobody started through us and that still hold an old one.
 */
export class RunningLogins {
  readonly #parts: RunningLoginsParts;
  readonly #started = new Map<RunningProgram, Started>();
  /** The logins as they were last time, to see which are replaced. */
  #logins = new Map<string, Account>();
  #old: OldLogin[] = [];
  #strangers: Stranger[] = [];
  #cancelLook: (() => void) | null = null;

  constructor(parts: RunningLoginsParts) {
    this.#parts = parts;
    parts.running.onChange(() => {
      this.#takeIn();
      parts.onChanged();
    });
    this.#logins = this.#current();
  }

  /** To be called after every change of identities, and of what is known of accounts. */
  identitiesChanged(): void {
    const before = this.#logins;
    this.#logins = this.#current();
    for (const [id, account] of before) {
      const directory = directoryOf(account);
      const now = this.#logins.get(id);
      if (directory === null || (now && directoryOf(now) === directory)) continue;
      this.#old.push({ directory, providerId: account.provider, label: labelOf(account) });
    }
    this.#old = this.#old.slice(-mostOldLogins);
    if (this.#old.length > 0 && !this.#cancelLook) {
      this.#cancelLook = this.#parts.clock.after(afterChangeMs, () => {
        this.#cancelLook = null;
        this.#look().then((changed) => changed && this.#parts.onChanged(), this.#parts.onFault);
      });
    }
    if (this.#parts.running.list().length > 0) this.#parts.onChanged();
  }

  /** Looks what still runs, and says what each has. */
  async list(): Promise<{ programs: RunningView[]; others: OtherHolder[] }> {
    await this.#parts.running.refresh();
    if (this.#old.length > 0) await this.#look();
    return {
      programs: this.#parts.running.list().map((program) => this.#view(program)),
      others: this.#strangers.map(({ pid, name, startTime }) => ({
        id: strangerId({ pid, startTime }),
        pid,
        name,
      })),
    };
  }

  /**
   * Ends a program with all its tree.
   * @param id of a program or of another holder of `list`
   * @throws LanyardError `not_running`, `could_not_end`
   */
  async end(id: string): Promise<void> {
    const { running, killRecorded, endTab } = this.#parts;
    const program = running.find(id);
    if (program?.origin === 'tab') {
      await endTab(id);
      return;
    }
    const process = program ?? this.#strangers.find((stranger) => strangerId(stranger) === id);
    if (!process) throw notRunning();
    // Shells ignore the polite signal of other programs.
    const polite = program?.origin === 'terminal' ? 'SIGHUP' : 'SIGTERM';
    const { left } = await killRecorded({ pid: process.pid, startTime: process.startTime }, { polite });
    if (left.length > 0) throw couldNotEnd(left);
    if (program) running.ended(id);
    else {
      this.#strangers = this.#strangers.filter((stranger) => stranger !== process);
      this.#parts.onChanged();
    }
  }

  stop(): void {
    this.#cancelLook?.();
  }

  #current(): Map<string, Account> {
    return new Map(this.#parts.identities.accounts().map((account) => [account.id, account]));
  }

  #takeIn(): void {
    const programs = new Set(this.#parts.running.list());
    for (const program of this.#started.keys()) if (!programs.has(program)) this.#started.delete(program);
    for (const program of programs) {
      if (this.#started.has(program)) continue;
      const bundle = this.#bundle(program.bundleId);
      if (bundle) this.#started.set(program, { bundle });
    }
  }

  #bundle(bundleId: string): LoginBundle | null {
    try {
      const { name, colour, accounts } = this.#parts.identities.bundle(bundleId);
      return { name, colour, accounts };
    } catch (error) {
      // It is gone.
      if (error instanceof LanyardError) return null;
      throw error;
    }
  }

  #view(program: RunningProgram): RunningView {
    const started = this.#started.get(program);
    const bundle = this.#bundle(program.bundleId);
    const { id, bundleId, command, since, origin, pid, cloudSessionId } = program;
    return {
      id,
      bundleId,
      bundleName: (started?.bundle ?? bundle)?.name ?? '',
      colour: (bundle ?? started?.bundle)?.colour ?? '',
      bundleGone: bundle === null,
      command,
      since,
      origin,
      pid,
      ...(cloudSessionId === undefined ? {} : { cloudSessionId }),
      logins: (started?.bundle.accounts ?? []).map((account) =>
        loginNow(
          account,
          bundle?.accounts.find((now) => now.id === account.id),
          this.#logins.get(account.id),
        ),
      ),
    };
  }

  /** Looks who holds an old login. True when the list is another one. */
  async #look(): Promise<boolean> {
    const { holders, running, describeTree, processStartTime } = this.#parts;
    const sought = this.#old;
    const found =
      (await holders({ directories: sought.map(({ directory }) => directory), variables: [] })) ?? [];
    const ours = new Set<number>();
    if (found.length > 0)
      for (const { pid } of running.list())
        for (const member of await describeTree(pid)) ours.add(member.pid);
    const strangers: Stranger[] = [];
    for (const { pid, name } of found) {
      const startTime = ours.has(pid) ? null : await processStartTime(pid);
      if (startTime !== null) strangers.push({ pid, name, startTime });
    }
    // Nobody has any of them: they need not be looked for again.
    if (found.length === 0) this.#old = this.#old.filter((login) => !sought.includes(login));
    const changed = !isDeepStrictEqual(strangers, this.#strangers);
    this.#strangers = strangers;
    return changed;
  }
}

/** @param bound the account as the bundle has it now; `row` as it is anywhere */
function loginNow(started: Account, bound: Account | undefined, row: Account | undefined): RunningLogin {
  const login = { providerId: started.provider, startedAs: labelOf(started) };
  if (!row || !bound) return { ...login, state: 'gone' };
  if (!isDeepStrictEqual(row.secretRef, started.secretRef))
    return { ...login, state: 'replaced', now: labelOf(row) };
  // The same directory: what the CLI says there is what the program has.
  if (row.unexpected) return { ...login, state: 'somebody-else', now: personLabel(row.unexpected) };
  const isOther = comparePeople(started.context, row.context) === 'different';
  return { ...login, state: isOther ? 'somebody-else' : 'same', now: labelOf(row) };
}

function labelOf({ context, displayName }: Account): string {
  const label = personLabel(context);
  return label === 'somebody' ? displayName : label;
}

function directoryOf({ secretRef }: Account): string | null {
  return secretRef.kind === 'oauth-config-dir' ? secretRef.dir : null;
}

function strangerId({ pid, startTime }: ProcessId): string {
  return `process:${pid}:${startTime}`;
}

function notRunning(): LanyardError {
  return new LanyardError({
    code: 'not_running',
    title: 'It has ended already.',
    hint: 'There is nothing to do.',
  });
}

function couldNotEnd(pids: readonly number[]): LanyardError {
  return new LanyardError({
    code: 'could_not_end',
    title: 'It could not be ended.',
    hint: `Still there: process ${pids.join(', ')}. End it with the tools of your system.`,
  });
}
