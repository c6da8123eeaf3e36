import type { AccountView } from '../../src-preload/contract/bundles.ts';
import { LanyardError } from '../failures.ts';
import type { ListedBundle } from '../identities/identities.ts';
import { bundleView, type ViewNotes } from '../identities/views.ts';
import { problemLine } from '../providers/problem-line.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { ChosenVault } from '../vault/chosen-vault.ts';
import { vaultError } from '../vault/vault-failures.ts';
import { readArguments } from './arguments.ts';
import type { Caller } from './caller.ts';
import { type Command, done } from './command.ts';
import { quoted } from './run.ts';
import { chooseScope, type Scope, type ScopeParts } from './scope.ts';
import { inTerminalWords } from './terminal-words.ts';

export interface StatusParts extends ScopeParts {
  notes: ViewNotes;
  providerName: (providerId: string) => string;
  /** What is wrong with the person's provider files. */
  providerProblems: ProviderRegistry['problems'];
  vault: Pick<ChosenVault, 'state'>;
  /** Of the house. */
  version: string;
  host: 'app' | 'serve';
  /** The data directory, absolute. */
  data: string;
  /** Sign-ins that run now. */
  signIns: () => number;
}

/** `lanyard status`: who is signed in as the identity that holds here, and how Lanyard is. */
export function statusCommand(parts: StatusParts): Command {
  return {
    name: 'status',
    usage: 'lanyard status [--as <identity>] [--json]',
    help: `Says which identity holds in this directory, who is signed in to its accounts, and how Lanyard is.

  --as <identity>   that identity instead
  --json            for programs; docs/command.md has the schema`,
    run: async (args, caller) => {
      const options = { as: { type: 'string' }, json: { type: 'boolean' } } as const;
      const { values } = readArguments(args, options, { most: 0 });
      const { scope, why } = await scopeHere(parts, values.as, caller);
      const { backend, fault } = await parts.vault.state();
      const keys = fault ? inTerminalWords(vaultError(fault).failure) : null;
      if (values.json) {
        caller.out(
          json({
            version: parts.version,
            host: parts.host,
            pid: process.pid,
            data: parts.data,
            keys: { place: backend, problem: keys },
            signIns: parts.signIns(),
            providerProblems: parts
              .providerProblems()
              .map(({ source: file, ...what }) => ({ file, ...what })),
            identity: scope ? { ...identityJson(scope.bundle, parts), chosenBy: scope.from } : null,
            ...(why ? { noIdentity: why } : {}),
          }),
        );
        return done;
      }
      const lines = scope
        ? [
            `${scope.bundle.name}${scope.because === '' ? '' : ` (${scope.because})`}`,
            ...accountLines(scope.bundle, parts),
          ]
        : [why?.title ?? '', why?.hint ?? ''];
      const running = parts.signIns();
      caller.table(
        [
          ...lines,
          '',
          `Lanyard ${parts.version}, ${parts.host === 'app' ? 'the app' : 'without windows'}, process ${process.pid}`,
          `Keys: ${keys ? `${keys.title} ${keys.hint}` : backend === 'keychain' ? 'in the keychain' : 'in the sealed file'}`,
          `Data: ${parts.data}`,
          ...(running > 0 ? [`Sign-ins that run: ${running}`] : []),
          ...parts.providerProblems().map((problem) => `Provider file: ${problemLine(problem)}`),
        ]
          .map((line) => `${line}\n`)
          .join(''),
      );
      return done;
    },
  };
}

/** `lanyard list`: every identity with its accounts. */
export function listCommand(parts: StatusParts): Command {
  return {
    name: 'list',
    usage: 'lanyard list [--json]',
    help: `Lists all identities and who is signed in to their accounts.

  --json   for programs; docs/command.md has the schema`,
    run: async (args, caller) => {
      const { values } = readArguments(args, { json: { type: 'boolean' } } as const, { most: 0 });
      const { identities } = parts;
      const { bundles, problems } = identities.list();
      if (values.json) {
        caller.out(
          json({
            identities: bundles.map((bundle) => ({
              ...identityJson(bundle, parts),
              isDefault: bundle.id === identities.defaultBundleId,
            })),
          }),
        );
      } else {
        for (const bundle of bundles) {
          // R-2: the machine's own logins are nobody's fallback.
          const chosen = bundle.id === identities.defaultBundleId && !bundle.blank ? ' (default)' : '';
          caller.table(`${[bundle.name + chosen, ...accountLines(bundle, parts)].join('\n')}\n`);
        }
      }
      for (const { source, reason } of problems) caller.complain(`${source}: ${reason}`);
      return done;
    },
  };
}

/** That none is chosen is an answer here. */
async function scopeHere(
  parts: StatusParts,
  as: string | undefined,
  caller: Caller,
): Promise<{ scope: Scope | null; why: LanyardError['failure'] | null }> {
  try {
    return { scope: await chooseScope(parts, as, caller), why: null };
  } catch (error) {
    if (as !== undefined || !(error instanceof LanyardError)) throw error;
    return { scope: null, why: error.failure };
  }
}

/** The documented form: what is added later has other names, and these stay. */
function identityJson(bundle: ListedBundle, parts: StatusParts) {
  const { id, name, colour, blank, accounts } = bundleView(bundle, parts.notes);
  return {
    id,
    name,
    colour,
    blank,
    accounts: accounts.map((account) => {
      const { providerId, kind, displayName, email, organisation, plan, status, expiresAt } = account;
      return {
        id: account.id,
        provider: providerId,
        kind,
        name: displayName,
        status: account.unexpected ? 'somebody-else' : status,
        ...(email === undefined ? {} : { email }),
        ...(organisation === undefined ? {} : { organisation }),
        ...(plan === undefined ? {} : { plan }),
        ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
      };
    }),
  };
}

function accountLines(bundle: ListedBundle, parts: StatusParts): string[] {
  const { accounts, blank } = bundleView(bundle, parts.notes);
  if (blank) return ["  the machine's own logins"];
  const connect = (provider: string) => `lanyard connect ${provider} --as ${quoted(bundle.name)}`;
  if (accounts.length === 0) return [`  no accounts yet: ${connect('<provider>')}`];
  return accounts.map((account) => {
    const { providerId, email, displayName } = account;
    const state = stateWords(account, connect(providerId));
    return `  ${parts.providerName(providerId)}: ${email ?? displayName}${state}`;
  });
}

function stateWords({ status, unexpected, kind, checkedAt }: AccountView, connect: string): string {
  if (unexpected) return ` (somebody else is signed in: ${unexpected.found}; ${connect})`;
  switch (status) {
    case 'needs-sign-in':
      return ` (needs a new sign-in: ${connect})`;
    case 'expiring':
      return ` (needs a new sign-in soon: ${connect})`;
    case 'unknown':
      return kind !== 'oauth' && checkedAt === undefined ? ' (not checked)' : ' (not known now)';
    default:
      return '';
  }
}

function json(value: Record<string, unknown>): string {
  return `${JSON.stringify({ schemaVersion: 1, ...value }, null, 2)}\n`;
}
