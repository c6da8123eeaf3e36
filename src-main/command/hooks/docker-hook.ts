import * as v from 'valibot';
import { LanyardError } from '../../failures.ts';
import type { ListedBundle } from '../../identities/identities.ts';
import type { Audit } from '../../journal/audit.ts';
import { Secret } from '../../vault/secret.ts';
import { readArguments } from '../arguments.ts';
import type { Caller } from '../caller.ts';
import { done, type Ending, exitCodes, UsageError } from '../command.ts';
import { chooseScope, type ScopeParts } from '../scope.ts';
import type { Hook } from './credential.ts';
import { nobodyToKeepFor } from './git-hook.ts';
import type { HandOut } from './hand-out.ts';
import type { KeptCredentials } from './kept-credentials.ts';

export interface DockerHookParts extends ScopeParts {
  kept: Pick<KeptCredentials, 'find' | 'keep' | 'erase' | 'list'>;
  audit: Audit;
  handOut: HandOut;
}

const longestInput = 64 * 1024;
/** To the letter: docker knows a missing credential by it (docker-credential-helpers, credentials/error.go). */
const notFound = 'credentials not found in native keychain';

const CredentialsSchema = v.object({ ServerURL: v.string(), Username: v.string(), Secret: v.string() });

/** docker's credential helper protocol (docker-credential-helpers, as of 0.9). */
export function dockerHook(parts: DockerHookParts): Hook {
  return {
    name: 'docker',
    usage: 'lanyard credential docker [--as <identity>] get|store|erase|list',
    help: `docker speaks docker's credential helper protocol: what docker login kept for the identity, and nothing of
another identity's.`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' } } as const;
      const { values, words } = readArguments(args, options, {
        needs: 'Say get, store, erase or list.',
        most: 1,
      });
      const [word = ''] = words;
      const act = Object.hasOwn(acts, word) ? acts[word] : undefined;
      if (!act) throw new UsageError(`There is no "credential docker ${word}".`);
      const input = word === 'list' ? '' : (await caller.readInput(longestInput)).toString('utf8').trim();
      const { bundle } = await chooseScope(parts, values.as, caller);
      return act(parts, bundle, input, caller);
    },
  };
}

type Act = (parts: DockerHookParts, bundle: ListedBundle, input: string, caller: Caller) => Promise<Ending>;

const acts: Record<string, Act> = {
  get: async ({ kept, handOut }, bundle, input, caller) => {
    if (input === '') return refused(caller, 'no credentials server URL');
    const found = await kept.find(bundle.id, 'docker', wanted(input));
    if (!found) return refused(caller, notFound);
    const request = { hook: 'docker', bundle, host: input } as const;
    const secret = await handOut.give(caller, request, async () => found.secret);
    const answer = { ServerURL: input, Username: found.row.username, Secret: secret.reveal() };
    caller.out(`${JSON.stringify(answer)}\n`);
    return done;
  },
  store: async ({ kept, audit }, bundle, input, caller) => {
    const { ServerURL, Username, Secret: secret } = credentialsOf(input);
    if (ServerURL === '') return refused(caller, 'no credentials server URL');
    if (Username === '') return refused(caller, 'no credentials username');
    if (bundle.blank) throw nobodyToKeepFor(bundle);
    const before = kept.list(bundle.id, 'docker').filter(({ host }) => host === ServerURL);
    await kept.keep(bundle.id, 'docker', { ...wanted(ServerURL), username: Username }, new Secret(secret));
    // docker has one login per registry.
    for (const { username } of before)
      if (username !== Username) await kept.erase(bundle.id, 'docker', { ...wanted(ServerURL), username });
    audit.record({
      kind: 'credential.kept',
      bundleId: bundle.id,
      detail: { hook: 'docker', host: ServerURL },
    });
    return done;
  },
  erase: async ({ kept, audit }, bundle, input, caller) => {
    if (input === '') return refused(caller, 'no credentials server URL');
    if ((await kept.erase(bundle.id, 'docker', wanted(input))) > 0)
      audit.record({
        kind: 'credential.deleted',
        bundleId: bundle.id,
        detail: { hook: 'docker', host: input },
      });
    return done;
  },
  list: async ({ kept }, bundle, _input, caller) => {
    const all = kept.list(bundle.id, 'docker').map(({ host, username }) => [host, username] as const);
    caller.out(`${JSON.stringify(Object.fromEntries(all))}\n`);
    return done;
  },
};

function wanted(address: string) {
  return { protocol: '', host: address };
}

/** In the words that docker looks for, where it looks for them: on the standard output. */
function refused(caller: Caller, words: string): Ending {
  caller.out(`${words}\n`);
  return { kind: 'exit', code: exitCodes.failed };
}

function credentialsOf(input: string) {
  try {
    return v.parse(CredentialsSchema, JSON.parse(input));
  } catch {
    // Its own message would have parts of the input in it.
    throw new LanyardError({
      code: 'not_the_protocol',
      title: "This is not docker's credential helper protocol.",
      hint: 'docker calls this, when you use docker login.',
    });
  }
}
