import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { identitiesIn, MemoryStoreFile } from '../../identities/identities.fixture.ts';
import { RecordedEvents } from '../../journal/recorded-events.fixture.ts';
import { builtInProviders } from '../../providers/built-in.ts';
import { demoProvider } from '../../providers/demo.ts';
import { ProviderRegistry } from '../../providers/registry.ts';
import { MemoryVault } from '../../vault/memory-vault.fixture.ts';
import { Secret } from '../../vault/secret.ts';
import { builtCommand, CommandScene, temporaryDirectory } from '../command.fixture.ts';
import { DirectoryScopes } from '../directory-scopes.ts';
import { credentialCommand } from './credential.ts';
import { dockerHook } from './docker-hook.ts';
import { gitHook } from './git-hook.ts';
import { HandOut } from './hand-out.ts';
import { KeptCredentials } from './kept-credentials.ts';

/** The hooks that keep credentials, over identities Work and Client A, and the programs by which git and docker call them. */
export async function keepingHooks() {
  const directory = temporaryDirectory();
  const { identities } = identitiesIn(directory, new MemoryStoreFile());
  const work = identities.createBundle('Work');
  const other = identities.createBundle('Client A');
  const vault = new MemoryVault('keychain');
  const events = new RecordedEvents();
  const file = { text: null as string | null };
  const keep = () => {
    let last = 0;
    return new KeptCredentials({
      file: {
        readStrictly: () => (file.text === null ? null : JSON.parse(file.text)),
        write: (value) => {
          file.text = JSON.stringify(value);
        },
      },
      vault,
      newId: () => `kept-${++last}`,
      now: () => 1_000,
      isBundle: (id) => identities.list().bundles.some((bundle) => bundle.id === id),
      onChanged: () => {},
    });
  };
  const kept = keep();
  const parts = {
    identities,
    directories: new DirectoryScopes({ read: () => null, write: () => {} }),
    providers: new ProviderRegistry(
      builtInProviders(demoProvider({ file: 'demo', args: [] }, 'http://127.0.0.1')),
      join(directory, 'providers'),
    ),
    vault,
    kept,
    audit: events,
    handOut: new HandOut({ audit: events, allow: async () => {} }),
  };
  const commands = await CommandScene.open([credentialCommand([gitHook(parts), dockerHook(parts)])]);
  const folder = temporaryDirectory();
  for (const tool of ['git', 'docker'])
    symlinkSync(builtCommand(), join(folder, `${tool}-credential-lanyard`));
  return {
    identities,
    work,
    other,
    vault,
    events,
    file,
    kept,
    again: keep,
    /** Where the programs are. */
    folder,
    home: commands.data,
    env: {
      PATH: `${folder}:${process.env.PATH ?? ''}`,
      HOME: commands.data,
      LANYARD_HOME: commands.data,
    },
    addGithubToken: async (token: string) => {
      const secret = { service: 'Lanyard', account: 'github/1' };
      await vault.set(secret, new Secret(token));
      const account = { providerId: 'github', kind: 'pat', displayName: 'ada', status: 'valid' } as const;
      await identities.saveApiKey({ ...account, bundleId: work.id, secret });
    },
    /** @returns code, what it printed, and what it said */
    call: async (tool: 'git' | 'docker', word: string, input: string, as: string | null = 'Work') => {
      const { code, out, err } = await commands.call(
        ['credential', tool, ...(as === null ? [] : ['--as', as]), word],
        { input },
      );
      return { code, out: out.toString(), err };
    },
  };
}
