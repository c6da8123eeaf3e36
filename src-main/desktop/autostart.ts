import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { LanyardError } from '../failures.ts';
import type { LoginStart } from './desktop-settings.ts';

export interface AutostartParts {
  /** `XDG_CONFIG_HOME` and `HOME` are read from it. */
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  /** What starts the app, hidden: an absolute path and its arguments. */
  command: readonly string[];
}

/** Says whose file it is: one that somebody else put there is never written or removed. */
const ownMark = 'X-Lanyard-Autostart=true';

/**
 * Starting at login on Linux: an entry of ours in the autostart directory (XDG Desktop Application Autostart
 * Specification 0.5), which every desktop shows to its person, who can turn it off there as well.
 */
export class Autostart implements LoginStart {
  readonly #parts: AutostartParts;
  readonly #path: string;

  constructor(parts: AutostartParts) {
    this.#parts = parts;
    const chosen = parts.environment.XDG_CONFIG_HOME;
    // A relative one is to be ignored (XDG Base Directory Specification).
    const config = chosen && isAbsolute(chosen) ? chosen : join(parts.homeDirectory, '.config');
    this.#path = join(config, 'autostart', 'lanyard.desktop');
  }

  isOn(): boolean {
    const entry = this.#read();
    if (!entry?.includes(ownMark)) return false;
    return !/^(?:Hidden=true|X-GNOME-Autostart-enabled=false)\s*$/m.test(entry);
  }

  /** @throws LanyardError `autostart_not_ours`, `autostart_not_written` */
  set(on: boolean): void {
    const entry = this.#read();
    if (entry !== null && !entry.includes(ownMark)) throw notOurs(this.#path);
    try {
      if (on) this.#write();
      else rmSync(this.#path, { force: true });
    } catch (error) {
      throw notWritten(this.#path, error);
    }
  }

  /** Brings the entry up to date where it is on: the app may have been moved or updated since. */
  refresh(): void {
    if (this.isOn() && this.#read() !== this.#entry()) this.set(true);
  }

  #entry(): string {
    return [
      '[Desktop Entry]',
      'Type=Application',
      'Name=Lanyard',
      'Comment=Starts Lanyard in the tray. Made by Lanyard: Settings > Appearance turns it off.',
      `Exec=${execLine(this.#parts.command)}`,
      'Terminal=false',
      ownMark,
      '',
    ].join('\n');
  }

  #read(): string | null {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch {
      return null;
    }
  }

  #write(): void {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const next = `${this.#path}.${process.pid}.tmp`;
    try {
      writeFileSync(next, this.#entry(), { mode: 0o600 });
      renameSync(next, this.#path);
    } catch (error) {
      rmSync(next, { force: true });
      throw error;
    }
  }
}

/**
 * A command as the value of an entry's `Exec` (Desktop Entry Specification 1.5): each argument in quotes, in which `"`,
 * backtick, `$` and `\` are escaped; `%` doubled; and the backslashes of all that once more, because the value is a string.
 */
export function execLine(command: readonly string[]): string {
  return command
    .map((argument) => {
      const quoted = argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%');
      return `"${quoted.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}"`;
    })
    .join(' ');
}

const notOurs = (file: string) =>
  new LanyardError({
    code: 'autostart_not_ours',
    title: 'There is an autostart entry for Lanyard that Lanyard did not make',
    hint: 'Remove it in your desktop’s settings for startup programs, then try again.',
    detail: file,
  });

const notWritten = (file: string, cause: unknown) =>
  new LanyardError(
    {
      code: 'autostart_not_written',
      title: 'The autostart entry could not be changed',
      hint: 'Check that you may write in the folder of startup programs, then try again.',
      detail: file,
    },
    { cause },
  );
