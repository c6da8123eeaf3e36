import type { VaultState } from '../../src-preload/contract/vault.ts';
import type { App } from '../state/create-app.ts';
import { identityCommands } from './identity-commands.ts';
import { pageCommands } from './page-commands.ts';
import type { Findable } from './ranking.ts';
import { sessionCommands } from './session-commands.ts';
import { signInCommands } from './sign-in-commands.ts';
import { terminalCommands } from './terminal-commands.ts';
import { vaultCommands } from './vault-commands.ts';

/** One thing that can be done from the palette. */
export interface Command extends Findable {
  /** Stable over restarts: what was used last comes first. Ids of identities are fine, secrets and names are not. */
  id: string;
  /** What it is about, in a word: stands beside the title. */
  group: string;
  /** A shortcut that does the same, by its id. */
  shortcut?: string;
  /** Called once the palette is closed and the focus is where it was. */
  run: () => void;
}

export interface CommandContext {
  app: App;
  /** `null` until main has answered. */
  vault: VaultState | null;
}

/** Puts together what can be done now. Read anew while the palette is open, whenever the state it looks at changes. */
export type CommandSource = (context: CommandContext) => Command[];

/** Where commands come from. A page joins by adding a source of its own here. */
const sources: readonly CommandSource[] = [
  signInCommands,
  terminalCommands,
  sessionCommands,
  identityCommands,
  pageCommands,
  vaultCommands,
];

export const allCommands: CommandSource = (context) => sources.flatMap((source) => source(context));
