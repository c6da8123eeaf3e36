import type { SessionSnapshot } from '../../src-preload/contract/auth.ts';
import type { Failure } from '../../src-preload/contract/values.ts';
import type { Broker } from '../broker/broker.ts';
import { LanyardError } from '../failures.ts';
import type { Identities } from '../identities/identities.ts';
import { blankBundleId } from '../identities/model.ts';
import type { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import { defaultFlow, fits, fittingFirst, type KnownProgram } from '../programs/fitting-flows.ts';
import type { FlowDefinition, ProviderDefinition } from '../providers/definition.ts';
import { installCommandOn } from '../providers/describe-provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { ChosenVault } from '../vault/chosen-vault.ts';
import { Secret } from '../vault/secret.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { readArguments } from './arguments.ts';
import { type AskedFor, allValues, givenValues } from './asked-values.ts';
import { browserAt } from './browser-here.ts';
import type { Caller } from './caller.ts';
import { type Command, done, type Ending, UsageError } from './command.ts';
import { findBundle } from './named-bundle.ts';
import { didYouMean } from './near-miss.ts';
import { NewIdentities } from './new-identities.ts';
import { quoted } from './run.ts';
import { chooseScope, type ScopeParts, saysScope } from './scope.ts';
import type { SessionFeed } from './session-feed.ts';
import { cancelled, SignInDialogue } from './sign-in-dialogue.ts';

export interface ConnectParts extends ScopeParts {
  identities: Identities;
  providers: Pick<ProviderRegistry, 'find' | 'list'>;
  broker: Pick<Broker, 'start' | 'poll' | 'cancel' | 'submitCallback' | 'settled'>;
  sessions: Pick<SessionFeed, 'watch'>;
  apiKeys: Pick<ApiKeySignIn, 'submit'>;
  vault: Pick<ChosenVault, 'state'>;
  host: 'app' | 'serve';
  platform: NodeJS.Platform;
  /** What is known of a provider's program; looks for it where nobody has. */
  program: (provider: ProviderDefinition) => Promise<KnownProgram>;
}

const options = {
  as: { type: 'string' },
  device: { type: 'boolean' },
  flow: { type: 'string' },
  key: { type: 'boolean' },
  'no-check': { type: 'boolean' },
  set: { type: 'string', multiple: true },
} as const;

/** `lanyard connect`: a whole sign-in on a terminal, also on a machine without a browser. */
export function connectCommand(parts: ConnectParts): Command {
  const created = new NewIdentities(parts.identities);
  return {
    name: 'connect',
    usage:
      'lanyard connect <provider> [--as <identity>] [--device] [--flow <flow>] [--key [--no-check]] [--set <name>=<value>]',
    help: `Signs in. The link, or the code and where to enter it, are printed; open them in any browser. Where the
browser cannot come back to this machine, paste the address at which it ended, or the code that it shows.

  --as <identity>        by name; a new one is made when there is none of this name
  --device               with a code
  --flow <flow>          another of the provider's ways to sign in, by its id
  --key                  with an API key, which is asked for, or read from the standard input
  --no-check             saves the key without asking the provider about it
  --set <name>=<value>   what the provider needs to know first; asked for on a terminal`,
    run: async (args, caller) => {
      const { values, words } = readArguments(args, options, {
        needs: `Say which provider: ${idsOf(parts.providers)}.`,
        most: 1,
        tooMany: 'A name of several words needs quotes.',
      });
      const provider = parts.providers.find(words[0] ?? '');
      if (!provider) throw unknownProvider(words[0] ?? '', parts.providers);
      const given = givenValues(values.set ?? []);
      const flow = chosenFlow(provider, await parts.program(provider), values.flow, values.device ?? false);
      if (values['no-check'] && !values.key && provider.flows.length > 0) {
        throw new UsageError('--no-check is for a key: add --key.');
      }
      if (values.key && !provider.apiKey)
        throw new UsageError(`${provider.name} takes no API key: leave out --key.`);
      const byKey = values.key || provider.flows.length === 0;
      if (byKey) await keysHaveAPlace(parts);
      const line = ['connect', ...args];
      const bundleId = await target(parts, created, { as: values.as, caller, line });
      const over = created.use(bundleId);
      try {
        return byKey
          ? await withKey(parts, provider, { bundleId, caller, unchecked: values['no-check'] ?? false })
          : await withFlow(parts, provider, flow, { bundleId, given, caller, line });
      } catch (error) {
        await parts.broker.settled();
        throw error;
      } finally {
        // Nothing is left of a sign-in that came to nothing.
        const dropped = await over();
        if (dropped !== null) caller.say(`lanyard: the new identity, ${dropped}, is dropped again`);
      }
    },
  };
}

async function target(
  parts: ConnectParts,
  created: NewIdentities,
  { as, caller, line }: { as: string | undefined; caller: Caller; line: readonly string[] },
): Promise<string> {
  if (as !== undefined && !findBundle(parts.identities, as)) {
    const { id, name } = created.create(as);
    caller.say(`lanyard: a new identity, ${name}`);
    return id;
  }
  const scope = await chooseScope(parts, as, caller).catch((error: unknown) => {
    throw withNewIdentity(error, line);
  });
  const said = saysScope(scope);
  if (said !== null) caller.say(said);
  return scope.bundle.id;
}

/** There is nobody yet: what was typed, with the one thing that it lacks. */
function withNewIdentity(error: unknown, line: readonly string[]): unknown {
  if (!(error instanceof LanyardError) || error.failure.code !== 'no_identity_yet') return error;
  const whole = ['lanyard', ...line, '--as', 'Work'].map(quoted).join(' ');
  return new LanyardError({ ...error.failure, hint: `Make one by signing in: ${whole}` });
}

/** Before a key is asked for: it would be typed for nothing. Throws LanyardError of `vaultError`. */
async function keysHaveAPlace({ vault }: ConnectParts): Promise<void> {
  const { fault } = await vault.state();
  if (fault) throw vaultError(fault);
}

/** @returns null where there is none */
function chosenFlow(
  provider: ProviderDefinition,
  program: KnownProgram,
  id: string | undefined,
  device: boolean,
): FlowDefinition | null {
  const ids = provider.flows.map((flow) => flow.id).join(', ');
  if (id !== undefined) {
    const flow = provider.flows.find((each) => each.id === id);
    if (flow && device && flow.kind !== 'device-code') {
      throw new UsageError(`"${id}" is not a way to sign in with a code: leave out --device or --flow.`);
    }
    if (flow) return flow;
    throw new UsageError(`${provider.name} has no flow "${id}"; it has: ${ids || 'none'}.`);
  }
  if (!device) return defaultFlow(provider.flows, program) ?? null;
  const flow = fittingFirst(provider.flows, program).find(
    (each) => each.kind === 'device-code' && fits(each, program),
  );
  if (flow) return flow;
  throw new UsageError(`${provider.name} has no way to sign in with a code; it has: ${ids || 'none'}.`);
}

async function withKey(
  { apiKeys, identities }: ConnectParts,
  provider: ProviderDefinition,
  { bundleId, caller, unchecked }: { bundleId: string; caller: Caller; unchecked: boolean },
): Promise<Ending> {
  const typed = await caller.ask(`API key for ${provider.name}: `, { hidden: true });
  if (typed === null) throw new LanyardError(caller.tty.in ? cancelled : nobodySaysKey(provider));
  const key = typed.trim();
  if (!key) throw new UsageError('There is no key.');
  const { maskedKey } = await apiKeys.submit({
    provider,
    bundleId,
    apiKey: new Secret(key),
    accountName: /key$/i.test(provider.name) ? provider.name : `${provider.name} key`,
    saveWithoutChecking: unchecked,
  });
  const { name } = identities.bundle(bundleId);
  caller.say(
    `Saved${unchecked ? ', not checked' : ''}: ${provider.name}, ${maskedKey}, in the identity ${name}.`,
  );
  return done;
}

async function withFlow(
  parts: ConnectParts,
  provider: ProviderDefinition,
  flow: FlowDefinition | null,
  { bundleId, given, caller, line }: Pick<AskedFor, 'given' | 'line'> & { bundleId: string; caller: Caller },
): Promise<Ending> {
  const { broker, sessions } = parts;
  const ownDirectory = bundleId !== blankBundleId;
  const parameters = flow ? await allValues({ provider, flow, ownDirectory, given, caller, line }) : given;
  // Who has gone by now cannot cancel it any more.
  if (caller.gone.aborted) throw new LanyardError(cancelled);
  const early: SessionSnapshot[] = [];
  let follow = (snapshot: SessionSnapshot): void => void early.push(snapshot);
  const unwatch = sessions.watch((snapshot) => follow(snapshot));
  try {
    const browserHere = browserAt(parts.host, caller.environment, parts.platform);
    const { sessionId } = broker.start(
      {
        providerId: provider.id,
        intoBundleId: bundleId,
        ...(flow ? { flowId: flow.id } : {}),
        ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
      },
      { opensBrowser: browserHere },
    );
    caller.gone.addEventListener('abort', () => broker.cancel(sessionId));
    const dialogue = new SignInDialogue({ broker, provider, sessionId, caller, browserHere });
    follow = (snapshot) => dialogue.take(snapshot);
    for (const snapshot of early) follow(snapshot);
    // One that was joined (S-11) has told what it has to tell.
    dialogue.take(broker.poll(sessionId));
    const { email, login, bundleName } = await dialogue.over.catch((error: unknown) => {
      throw onTerminal(error, provider, parts.platform);
    });
    const who = email ?? login;
    caller.say(
      `Signed in to ${provider.name}${who === undefined ? '' : ` as ${who}`}${bundleName === undefined ? '' : `, in the identity ${bundleName}`}.`,
    );
    return done;
  } finally {
    unwatch();
  }
}

/** A failure whose hint leads through a window, with the words of a terminal. */
function onTerminal(error: unknown, provider: ProviderDefinition, platform: NodeJS.Platform): unknown {
  if (!(error instanceof LanyardError)) return error;
  if (error.failure.code === 'unexpected_person') {
    const hint = `Nothing was saved, and the old sign-in stays. Try again as the expected person, or keep this one as well: lanyard connect ${provider.id} --as <new name>`;
    return new LanyardError({ ...error.failure, hint });
  }
  if (error.failure.code !== 'program_not_found') return error;
  const install = installCommandOn(provider, platform);
  const without = provider.flows.find(({ by }) => by !== undefined);
  const installing =
    install === null
      ? 'Install it as its documentation says, then run this again.'
      : `Install it: ${install}\nThen run this again.`;
  return new LanyardError({
    ...error.failure,
    hint: without
      ? `Sign in without it: lanyard connect ${provider.id} --flow ${without.id}\n${installing}`
      : installing,
  });
}

function nobodySaysKey({ id }: ProviderDefinition): Failure {
  return {
    code: 'nobody_answers',
    title: 'An API key is asked for, and the standard input is closed.',
    hint: `Run it on a terminal, or write the key there: lanyard connect ${id} --key < file`,
  };
}

function idsOf(providers: Pick<ProviderRegistry, 'list'>): string {
  return providers
    .list()
    .map(({ definition }) => definition.id)
    .join(', ');
}

/** Says which there are (R-4). */
export function unknownProvider(name: string, providers: Pick<ProviderRegistry, 'list'>): LanyardError {
  const all = providers.list().map(({ definition }) => definition);
  const typed = all.flatMap(({ id, aliases }) => [id, ...aliases]);
  return new LanyardError({
    code: 'unknown_provider',
    title: `There is no provider "${name}".`,
    hint: `${didYouMean(name, typed)}There are: ${idsOf(providers)}`,
  });
}
