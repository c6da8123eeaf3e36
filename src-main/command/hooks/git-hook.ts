import { LanyardError } from '../../failures.ts';
import type { ListedBundle } from '../../identities/identities.ts';
import type { Account } from '../../identities/model.ts';
import type { Audit } from '../../journal/audit.ts';
import { accountSecret } from '../../launch/account-secrets.ts';
import type { ProviderDefinition } from '../../providers/definition.ts';
import type { ProviderRegistry } from '../../providers/registry.ts';
import type { Vault } from '../../vault/vault.ts';
import { readArguments } from '../arguments.ts';
import type { Caller } from '../caller.ts';
import { done, UsageError } from '../command.ts';
import { chooseScope, type ScopeParts } from '../scope.ts';
import type { Hook } from './credential.ts';
import { type GitQuestion, gitAnswer, readGitQuestion } from './git-words.ts';
import type { HandOut } from './hand-out.ts';
import type { KeptCredentials } from './kept-credentials.ts';

export interface GitHookParts extends ScopeParts {
  providers: Pick<ProviderRegistry, 'find'>;
  vault: Pick<Vault, 'get'>;
  kept: Pick<KeptCredentials, 'find' | 'keep' | 'erase'>;
  audit: Audit;
  handOut: HandOut;
}

/** A conversation of git's is a few lines; its own limit for one is 64 KiB. Bytes. */
const longestQuestion = 64 * 1024;

/** git's credential helper protocol (gitcredentials(7), git-credential(1)). */
export function gitHook(parts: GitHookParts): Hook {
  return {
    name: 'git',
    usage: 'lanyard credential git [--as <identity>] get|store|erase',
    help: `git speaks git's credential helper protocol: the identity's GitHub token for github.com, and what git asked
to keep for the identity. For anything else it says nothing, and git asks you itself.`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' } } as const;
      const { values, words } = readArguments(args, options, { needs: 'Say get, store or erase.', most: 1 });
      const [word = ''] = words;
      // "Helpers must silently ignore unknown operations", so that git can add some.
      if (!/^[a-z-]+$/.test(word)) throw new UsageError(`There is no "credential git ${word}".`);
      const act = Object.hasOwn(acts, word) ? acts[word] : undefined;
      if (!act) return done;
      const question = readGitQuestion(await caller.readInput(longestQuestion));
      if (question === null) return done;
      const { bundle } = await chooseScope(parts, values.as, caller);
      await act(parts, bundle, question, caller);
      return done;
    },
  };
}

type Act = (
  parts: GitHookParts,
  bundle: ListedBundle,
  question: GitQuestion,
  caller: Caller,
) => Promise<void>;

const acts: Record<string, Act> = {
  get: async (parts, bundle, question, caller) => {
    const { host } = question;
    const request = { hook: 'git', bundle, host } as const;
    // What a person typed for this very place goes before what the identity has anyway.
    const found = await parts.kept.find(bundle.id, 'git', question);
    if (found) {
      const { username } = found.row;
      const secret = await parts.handOut.give(caller, request, async () => found.secret);
      return caller.out(gitAnswer(username, secret));
    }
    const github = githubTokenFor(bundle, question, parts.providers);
    if (!github) return;
    const { account, provider } = github;
    const username = question.username ?? account.context.login ?? 'x-access-token';
    const secret = await parts.handOut.give(caller, { ...request, accountId: account.id }, () =>
      accountSecret(account, provider, parts.vault),
    );
    caller.out(gitAnswer(username, secret));
  },
  store: async ({ kept, audit, vault, providers }, bundle, question) => {
    const { username, password, host } = question;
    if (username === undefined || password === undefined) return;
    // git tells us to keep what we have just told it.
    const github = githubTokenFor(bundle, question, providers);
    const token = github && (await accountSecret(github.account, github.provider, vault));
    if (token?.reveal() === password.reveal()) return;
    if (bundle.blank) throw nobodyToKeepFor(bundle);
    const known = await kept.find(bundle.id, 'git', question);
    if (known?.secret.reveal() === password.reveal()) return;
    await kept.keep(bundle.id, 'git', { ...question, username }, password);
    audit.record({ kind: 'credential.kept', bundleId: bundle.id, detail: { hook: 'git', host } });
  },
  erase: async ({ kept, audit }, bundle, question) => {
    const erased = await kept.erase(bundle.id, 'git', question, question.password);
    if (erased === 0) return;
    const detail = { hook: 'git', host: question.host, count: erased };
    audit.record({ kind: 'credential.deleted', bundleId: bundle.id, detail });
  },
};

/** Never over http, and not where git asks for somebody else. */
function githubTokenFor(
  bundle: ListedBundle,
  { protocol, host, username }: GitQuestion,
  providers: GitHookParts['providers'],
): { account: Account; provider: ProviderDefinition } | null {
  if (protocol !== 'https' || !/^(gist\.)?github\.com(:443)?$/i.test(host)) return null;
  const account = bundle.accounts.find(
    ({ provider, kind, secretRef }) =>
      kind === 'pat' && secretRef.kind === 'keychain' && providers.find(provider)?.id === 'github',
  );
  const provider = account && providers.find(account.provider);
  const login = account?.context.login;
  const isOther =
    login !== undefined && username !== undefined && ![login, 'x-access-token'].includes(username);
  return account && provider && !isOther ? { account, provider } : null;
}

export function nobodyToKeepFor({ name }: Pick<ListedBundle, 'name'>): LanyardError {
  return new LanyardError({
    code: 'blank_is_fixed',
    title: `Nothing is kept for "${name}".`,
    hint: 'Name an identity: --as <identity>, or LANYARD_AS.',
  });
}
