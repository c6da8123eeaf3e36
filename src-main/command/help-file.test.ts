import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CommandScene, temporaryDirectory } from './command.fixture.ts';
import { type Command, helpOf } from './command.ts';
import { completionCommand } from './completion.ts';
import { connectCommand } from './connect.ts';
import { envCommand } from './env.ts';
import { hookCommand } from './hook.ts';
import { awsHook } from './hooks/aws-hook.ts';
import { credentialCommand } from './hooks/credential.ts';
import { dockerHook } from './hooks/docker-hook.ts';
import { gcpHook } from './hooks/gcp-hook.ts';
import { gitHook } from './hooks/git-hook.ts';
import { kubernetesHook } from './hooks/kubernetes-hook.ts';
import { logoutCommand } from './logout.ts';
import { runCommand, shellCommand } from './run.ts';
import { sessionCommand } from './session.ts';
import { shimCommand } from './shim.ts';
import { stopCommand, trustCommand, unlockCommand } from './small-commands.ts';
import { listCommand, statusCommand } from './status.ts';
import { tokenCommand } from './token.ts';

/** The command prints these by itself: help is for those who have not started Lanyard yet, too. */
const file = join(import.meta.dirname, '..', '..', 'command', 'help.txt');

/** Nothing of what they work with has to do with their help. */
const unused = {} as never;
const commands: Command[] = [
  runCommand(unused),
  shellCommand(unused),
  envCommand(unused),
  connectCommand(unused),
  statusCommand(unused),
  listCommand(unused),
  tokenCommand(unused),
  sessionCommand(unused),
  credentialCommand([
    awsHook(unused),
    gitHook(unused),
    dockerHook(unused),
    kubernetesHook(unused),
    gcpHook(unused),
  ]),
  logoutCommand(unused),
  unlockCommand(unused),
  trustCommand(unused),
  hookCommand(),
  shimCommand(unused),
  completionCommand(),
  stopCommand('serve', () => {}),
];

it('R-4: command/help.txt is the help of the commands; LANYARD_UPDATE_HELP=1 writes it', () => {
  const text = commands.map((command) => `== ${command.name}\n${helpOf(command)}`).join('');
  if (process.env.LANYARD_UPDATE_HELP) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(145);
});

it('R-4: help does not need Lanyard to run', async () => {
  const scene = await CommandScene.open([]);
  for (const command of commands) {
    const { name } = command;
    for (const args of [
      [name, '--help'],
      [name, '-h'],
      ['help', name],
    ]) {
      const { code, out, err } = await scene.call(args, { env: { LANYARD_HOME: temporaryDirectory() } });
      expect([code, out.toString(), err]).toEqual([0, helpOf(command), '']);
    }
  }
});
