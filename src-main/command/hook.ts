import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { ListedBundle } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { ShellPreparation, ShellVariables } from '../launch/shell-preparation.ts';
import { plainText } from '../plain-text.ts';
import { readArguments } from './arguments.ts';
import { type Command, done, UsageError } from './command.ts';
import type { ScopeFile } from './directory-scopes.ts';
import { changesTo, fishQuoted, shQuoted } from './env.ts';
import { bundleNamed } from './named-bundle.ts';
import { withConnect } from './run.ts';
import type { ScopeParts } from './scope.ts';
import { inTerminalWords } from './terminal-words.ts';

/** `lanyard hook <shell>` is printed by the command itself (`command/hook.go`), which needs no house for it. */
export function hookCommand(): Command {
  return {
    name: 'hook',
    usage: 'lanyard hook bash|zsh|fish',
    help: `Prints what makes a shell follow .lanyard files: in a directory whose file is trusted (lanyard trust), plain
programs run as the identity that it names; outside of it everything is as it was before. Keys are put into the
shell only after lanyard trust --keys. A shell that was started as an identity, and one with LANYARD_AS, stays
as it is.

In ~/.bashrc: eval "$(lanyard hook bash)"     In ~/.zshrc: eval "$(lanyard hook zsh)"
In ~/.config/fish/config.fish: lanyard hook fish | source`,
    run: async (args) => {
      const { words } = readArguments(args, {}, { needs: 'Say which shell: bash, zsh or fish.', most: 1 });
      throw new UsageError(`There is no hook for "${words[0]}".`);
    },
  };
}

export interface DirectoryParts extends ScopeParts {
  shell: Pick<ShellPreparation, 'open' | 'closed'>;
  revision: HookRevision;
  /** Whether the person is asked before programs outside of the app get something of an identity (C-22). */
  asksFirst: (bundleId: string) => boolean;
}

/**
 * What the hooks ask when a `.lanyard` file is new to them, or something changed: calls of their own functions, for a
 * shell to evaluate. Always an answer: what cannot be had is said, and then nothing of the machine's is used for it.
 */
export function directoryCommand(parts: DirectoryParts): Command {
  return {
    name: '__directory',
    usage: 'lanyard __directory sh|fish',
    help: 'For lanyard hook.',
    run: async (args, caller) => {
      const { words } = readArguments(args, {}, { needs: 'Say sh or fish.', most: 1 });
      const dialect = words[0] === 'fish' ? fish : words[0] === 'sh' ? sh : null;
      if (!dialect) throw new UsageError(`"${words[0]}" is no shell.`);
      // Before everything else: what changes meanwhile is asked for again.
      const at = await parts.revision.current();
      const { said, variables } = await holding(parts, caller.cwd, caller.environment);
      const lines = [dialect('at', at.path, at.value)];
      if (variables) {
        const { env, secrets, leftOut } = variables;
        const { set, unset } = changesTo(caller.environment, env, leftOut);
        lines.push(
          ...unset.filter(isName).map((name) => dialect('unset', name)),
          ...pairs(set).map(([name, value]) => dialect('set', name, value)),
          ...pairs(secrets).map(([name, secret]) => dialect('set_key', name, secret.reveal())),
        );
      }
      lines.push(dialect('say', said.map((line) => plainText(line)).join('\n')));
      caller.out(lines.map((line) => `${line}\n`).join(''));
      return done;
    },
  };
}

async function holding(
  parts: DirectoryParts,
  cwd: string,
  environment: Readonly<Record<string, string>>,
): Promise<{ said: string[]; variables: ShellVariables | null }> {
  const file = await asAnswer(() => parts.directories.of(cwd));
  if (file instanceof LanyardError)
    return { said: complaint(file, 'Nothing is set until then.'), variables: null };
  if (!file) return { said: [], variables: null };
  const bundle = await asAnswer(async () => bundleNamed(parts.identities, file.identity));
  if (bundle instanceof LanyardError) {
    const left = `${file.path} names it, so nothing is set: programs use the logins that they use elsewhere.`;
    return { said: complaint(bundle, left), variables: null };
  }
  const variables = await asAnswer(async () => {
    if (parts.asksFirst(bundle.id)) throw asksFirst(bundle.name);
    return parts.shell.open(bundle.id, environment, file.keys);
  });
  if (!(variables instanceof LanyardError))
    return { said: [entered(bundle, file), ...withheldKeys(variables)], variables };
  const cause = withConnect(variables, parts.identities.bundle(bundle.id));
  const left = `${file.path} chooses ${bundle.name}: until then its programs find no login here, not the machine's either.`;
  return {
    said: complaint(cause, left),
    variables: await parts.shell.closed(bundle.id, environment),
  };
}

/** A prompt cannot wait for an answer, and whatever is typed at it later would have what was asked for once. */
function asksFirst(name: string): LanyardError {
  return new LanyardError({
    code: 'asks_first',
    title: `${name} is not given to shells, because you are asked before programs get it.`,
    hint: 'Use: lanyard run -- <command>',
  });
}

/** A shell cannot be refused: what it does not have an account for is said. */
function entered({ id, name, accounts }: ListedBundle, { path }: ScopeFile): string {
  const isEmpty = id !== blankBundleId && accounts.length === 0;
  const without = "; it has no account yet, so programs use the machine's own logins";
  return `lanyard: as ${name} (from ${path})${isEmpty ? without : ''}`;
}

function withheldKeys({ withheld }: ShellVariables): string[] {
  if (withheld.length === 0) return [];
  const names = withheld.map(({ displayName }) => displayName).join(', ');
  return [
    `lanyard: not in this shell, because they are keys: ${names}`,
    'lanyard run -- <command> has them, and after lanyard trust --keys the shell.',
  ];
}

function complaint({ failure }: LanyardError, left: string): string[] {
  const { title, hint } = inTerminalWords(failure);
  return [`lanyard: ${title}`, hint, left];
}

async function asAnswer<T>(ask: () => Promise<T>): Promise<T | LanyardError> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LanyardError) return error;
    throw error;
  }
}

function sh(name: string, ...values: string[]): string {
  return [`_lanyard_${name}`, ...values.map(shQuoted)].join(' ');
}

function fish(name: string, ...values: string[]): string {
  return [`__lanyard_${name}`, ...values.map(fishQuoted)].join(' ');
}

function pairs<T>(all: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(all).filter(([name]) => isName(name));
}

function isName(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}

/**
 * A small file that shells read before each prompt, to know without asking that something has changed: who is signed in,
 * which identities there are, what is trusted. It is made when the first shell asks.
 */
export class HookRevision {
  readonly #path: string;

  /** @param path absolute */
  constructor(path: string) {
    this.#path = path;
  }

  async current(): Promise<{ path: string; value: string }> {
    const value = await readFile(this.#path, 'utf8').catch(() => '');
    return { path: this.#path, value: value === '' ? await this.#write('w') : value.trim() };
  }

  /** Something changed; where no shell has ever asked there is nobody to tell. */
  async changed(): Promise<void> {
    await this.#write('r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }

  async #write(flag: 'w' | 'r+'): Promise<string> {
    const value = randomUUID();
    if (flag === 'w') await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
    // Always as long as before: a shell reads all of one, or is told by the next prompt.
    await writeFile(this.#path, `${value}\n`, { flag, mode: 0o600 });
    return value;
  }
}
