import { readFileSync, statSync } from 'node:fs';
import { win32 } from 'node:path';

/** What a shim starts, relative to the folder it stands in. `interpreter` is null where the target runs by itself. */
export interface CommandShim {
  interpreter: string | null;
  target: string;
}

/**
 * Reads the `.cmd` files that npm, pnpm and yarn put on the PATH (cmd-shim's formats): the line that hands on `%*`
 * names the interpreter and the script next to it. Null for any other batch file.
 */
export function parseCommandShim(text: string): CommandShim | null {
  const call =
    /(?:(?:"(?<quoted>[^"\r\n]+)"|(?<bare>[\w.]+))[ \t]+)?"%(?:~dp0|dp0%)\\?(?<target>[^"%\r\n]+)"[ \t]+%\*/;
  const groups = call.exec(text)?.groups;
  if (!groups?.target) return null;
  const named = groups.quoted ?? groups.bare;
  if (named === undefined) return { interpreter: null, target: groups.target };
  // `%_prog%` is set further up, to an interpreter beside the shim or to the one on the PATH.
  const interpreter = named === '%_prog%' ? /SET "?_prog=([\w.]+)"?/i.exec(text)?.[1] : named;
  if (interpreter === undefined) return null;
  return { interpreter: win32.basename(interpreter).replace(/\.exe$/i, ''), target: groups.target };
}

/**
 * the program behind a Windows `.cmd` shim, so that no `cmd.exe` stands between us and it: its quoting rules
 * cannot touch an argument then, and what is killed is the program.
 *
 * @returns null when `file` is no shim, or its target cannot be found
 */
export function resolveCommandShim(
  file: string,
  env: Record<string, string>,
): { file: string; args: string[] } | null {
  if (!/\.(cmd|bat)$/i.test(file)) return null;
  const shim = parseCommandShim(readFileSync(file, 'utf8'));
  if (!shim) return null;
  const folder = win32.dirname(file);
  const target = win32.join(folder, shim.target);
  if (!isFile(target)) return null;
  if (shim.interpreter === null) return { file: target, args: [] };
  const folders = [folder, ...(env.PATH ?? '').split(win32.delimiter)];
  const interpreter = folders.map((each) => win32.join(each, `${shim.interpreter}.exe`)).find(isFile);
  return interpreter === undefined ? null : { file: interpreter, args: [target] };
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
