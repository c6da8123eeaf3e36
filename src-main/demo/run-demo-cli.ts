import { runDemoCli } from './demo-cli.ts';

/** The demo CLI under plain Node: `node run-demo-cli.ts login`. The packaged app runs the same function itself. */
const { stdin, stdout, stderr, env } = process;
process.exitCode = await runDemoCli(process.argv.slice(2), { stdin, stdout, stderr, env });
