import type { App } from 'electron';
import { demoSwitch } from '../house/modes.ts';

/** The arguments of the demo CLI when this process was started as it, else null. */
export function demoArguments(argv: readonly string[]): string[] | null {
  const at = argv.indexOf(demoSwitch);
  return at < 0 ? null : argv.slice(at + 1);
}

/** Runs this process as the demo CLI and ends it with the CLI's exit code. */
export async function runAsDemoCli(app: App, args: string[]): Promise<void> {
  app.dock?.hide();
  const { runDemoCli } = await import('../demo/demo-cli.ts');
  const { stdin, stdout, stderr, env } = process;
  app.exit(await runDemoCli(args, { stdin, stdout, stderr, env }));
}
