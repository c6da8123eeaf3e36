import type { App } from 'electron';

/** Says a line to a person who started the app from a terminal, or from a checkout; nobody else reads its standard error. */
export function sayOnTerminal(app: App, line: string): void {
  if (app.isPackaged && !process.stderr.isTTY) return;
  // A terminal that was closed since is no reason to end.
  process.stderr.once('error', () => {});
  process.stderr.write(`${line}\n`);
}
