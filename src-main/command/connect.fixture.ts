import { onTestFinished } from 'vitest';
import { Broker } from '../broker/broker.ts';
import { type ScriptedAttempt, ScriptedMethod } from '../broker/sign-in-script.fixture.ts';
import { identitiesIn } from '../identities/identities.fixture.ts';
import { ManualClock } from '../manual-clock.fixture.ts';
import { spawnPty } from '../process/spawn-pty.ts';
import { sampleDefinition } from '../providers/definition.fixture.ts';
import type { FlowDefinition, ProviderDefinition } from '../providers/definition.ts';
import { builtCommand, CommandScene, temporaryDirectory } from './command.fixture.ts';
import { type ConnectParts, connectCommand } from './connect.ts';
import { DirectoryScopes } from './directory-scopes.ts';
import { SessionFeed } from './session-feed.ts';

/** The sample provider with its first flow changed. */
export function withFlow(changes: Partial<FlowDefinition>, more: Partial<ProviderDefinition> = {}) {
  const sample = sampleDefinition({ configDir: null, ...more });
  const [first, ...others] = sample.flows;
  return first ? { ...sample, flows: [{ ...first, ...changes }, ...others] } : sample;
}

/** `lanyard connect` with the real broker and identities, over a sign-in that the test plays. */
export async function connecting(provider: ProviderDefinition, more: Partial<ConnectParts> = {}) {
  const { identities } = identitiesIn(temporaryDirectory());
  const method = new ScriptedMethod();
  const sessions = new SessionFeed();
  const opened: string[] = [];
  const keys: string[] = [];
  let ids = 0;
  const broker = new Broker({
    providers: { find: (id) => (id === provider.id ? provider : null) },
    method,
    targets: identities,
    bundleName: (id) => identities.bundle(id).name,
    portHolder: async () => null,
    clock: new ManualClock(),
    newSessionId: () => `session-${++ids}`,
    openBrowser: async (url) => {
      opened.push(url);
      return true;
    },
    onChanged: (snapshot) => sessions.push(snapshot),
    onOutput: () => {},
    redact: (line) => line,
    log: { info: () => {}, error: () => {} },
  });
  const scene = await CommandScene.open([
    connectCommand({
      identities,
      directories: new DirectoryScopes({ read: () => null, write: () => {} }),
      providers: {
        find: (id) => (id === provider.id ? provider : null),
        list: () => [{ definition: provider, origin: 'built-in' }],
      },
      broker,
      sessions,
      apiKeys: {
        submit: async ({ apiKey }) => {
          keys.push(apiKey.reveal());
          return { accountId: 'account', bundleId: 'bundle', maskedKey: '••••' };
        },
      },
      vault: {
        state: async () => ({
          backend: 'keychain',
          status: 'ready',
          fault: null,
          sealedFile: 'absent',
          entries: 0,
        }),
      },
      host: 'app',
      platform: process.platform,
      program: async () => ({ missing: false, version: null }),
      ...more,
    }),
  ]);
  onTestFinished(() => broker.stop());
  /** The sign-in that runs, when it does. */
  const attempt = async (index = 0): Promise<ScriptedAttempt> => {
    for (;;) {
      const found = method.attempts[index];
      if (found) return found;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  };
  return { scene, identities, broker, attempt, opened, keys };
}

/** The command in a terminal of its own. */
export function inTerminal(scene: CommandScene, args: readonly string[], env: Record<string, string> = {}) {
  const pty = spawnPty(
    {
      file: builtCommand(),
      args: [...args],
      cwd: scene.data,
      env: { PATH: process.env.PATH ?? '', HOME: scene.data, LANYARD_HOME: scene.data, ...env },
    },
    { columns: 200, rows: 30 },
  );
  let text = '';
  const looks = new Set<() => void>();
  const over = new Promise<number | null>((resolve) => pty.onExit(({ code }) => resolve(code)));
  pty.onOutput((bytes) => {
    text += Buffer.from(bytes).toString();
    for (const look of looks) look();
  });
  const until = (holds: () => boolean) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!holds()) return;
        looks.delete(look);
        resolve();
      };
      looks.add(look);
      look();
    });
  return {
    over,
    write: (typed: string) => pty.write(typed),
    /** Everything so far, with the terminal's line ends made plain. */
    text: () => text.replaceAll('\r\n', '\n'),
    says: (what: string) => until(() => text.includes(what)),
    /** The same text that many times. */
    saysTimes: (what: string, times: number) => until(() => text.split(what).length > times),
  };
}

export const link = {
  type: 'link',
  url: 'https://acme.test/login',
  trust: 'listed',
  source: 'printed',
} as const;
