import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../broker/broker.ts';
import type { Clock } from '../clock.ts';
import type { SessionDesk } from '../cloud/session-desk.ts';
import { ApprovalSettings } from '../command/approval-settings.ts';
import { Approvals } from '../command/approvals.ts';
import { askerOf } from '../command/asker.ts';
import type { Command } from '../command/command.ts';
import { candidatesCommand, completionCommand } from '../command/completion.ts';
import { connectCommand } from '../command/connect.ts';
import { DirectoryScopes } from '../command/directory-scopes.ts';
import { envCommand } from '../command/env.ts';
import { directoryCommand, HookRevision, hookCommand } from '../command/hook.ts';
import { askCommand } from '../command/hooks/ask-command.ts';
import { awsHook } from '../command/hooks/aws-hook.ts';
import { credentialCommand } from '../command/hooks/credential.ts';
import { dockerHook } from '../command/hooks/docker-hook.ts';
import { gcpHook } from '../command/hooks/gcp-hook.ts';
import { gitHook } from '../command/hooks/git-hook.ts';
import { HandOut } from '../command/hooks/hand-out.ts';
import { HookGuides } from '../command/hooks/hook-guide.ts';
import { KeptCredentials } from '../command/hooks/kept-credentials.ts';
import { kubernetesHook } from '../command/hooks/kubernetes-hook.ts';
import { CommandInstallation } from '../command/installation.ts';
import { logoutCommand } from '../command/logout.ts';
import { peerOf } from '../command/peer.ts';
import { runCommand, shellCommand } from '../command/run.ts';
import { CommandServer } from '../command/server.ts';
import { type CommandDesk, sessionCommand } from '../command/session.ts';
import type { SessionFeed } from '../command/session-feed.ts';
import { shimCommand } from '../command/shim.ts';
import { Shims } from '../command/shims.ts';
import { stopCommand, trustCommand, unlockCommand } from '../command/small-commands.ts';
import { socketPlace } from '../command/socket-place.ts';
import { type RunningList, StartedPrograms, type StartedProgramsParts } from '../command/started-programs.ts';
import { listCommand, statusCommand } from '../command/status.ts';
import { tokenCommand } from '../command/token.ts';
import type { AccountHealth } from '../identities/health.ts';
import type { Identities } from '../identities/identities.ts';
import type { Audit } from '../journal/audit.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { Log } from '../journal/log.ts';
import type { AccountUsers } from '../launch/account-users.ts';
import type { LaunchPreparation } from '../launch/launch-preparation.ts';
import { providersOf } from '../launch/machine-logins.ts';
import type { ShellPreparation } from '../launch/shell-preparation.ts';
import type { ApiKeySignIn } from '../methods/api-key/api-key.ts';
import type { TokenKeeper } from '../oauth/token-keeper.ts';
import { fileOf, type RunningProgram } from '../process/ancestry.ts';
import { processStartTime } from '../process/kill-tree.ts';
import { openJsonFile } from '../programs/json-file.ts';
import type { ProgramStates } from '../programs/program-states.ts';
import { installCommandOn } from '../providers/describe-provider.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { ChosenVault } from '../vault/chosen-vault.ts';
import type { Redactor } from '../vault/redact.ts';

/** What the command's side of the house needs to know of where it runs. */
export interface CommandHost {
  kind: 'app' | 'serve';
  /** Of Lanyard. */
  version: string;
  /** The `lanyard` program that ships with us, absolute; null where there is none, and then nobody is served. */
  program: string | null;
  /** Ends the house that is no app. */
  quit: () => void;
  /** Brings up the window in which a person answers; absent where there is none. */
  bringUp?: () => void;
}

export interface CommandHouseParts {
  host: CommandHost;
  data: string;
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  /** The PATH of the person's login shell, or null when nobody knows. */
  loginPath: () => Promise<string | null>;
  platform: NodeJS.Platform;
  clock: Clock;
  log: Log;
  identities: Identities;
  providers: ProviderRegistry;
  programStates: ProgramStates;
  broker: Broker;
  sessions: SessionFeed;
  apiKeys: ApiKeySignIn;
  keeper: TokenKeeper;
  vault: ChosenVault;
  users: AccountUsers;
  health: AccountHealth;
  preparation: LaunchPreparation;
  /** What shells get that follow `.lanyard` files. */
  shell: Pick<ShellPreparation, 'open' | 'closed'>;
  running: RunningList;
  /** Cloud sessions, loaded when they are first needed. */
  desk: () => Promise<CommandDesk & Pick<SessionDesk, 'credentials'>>;
  cloudRuns: StartedProgramsParts['cloudRuns'];
  redactor: Pick<Redactor, 'redact'>;
  audit: Audit;
  /** Another request of a program waits for the person, or none. */
  onApprovals: () => void;
  /** Another tool had us keep or delete a credential. */
  onKept: () => void;
}

/** The `lanyard` command's side of the house, put together. */
export function composeCommand(parts: CommandHouseParts) {
  const { host, data, environment, platform, clock, log, identities, providers, broker, health } = parts;
  const directory = join(data, 'command');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const revision = new HookRevision(join(directory, 'hook-revision'));
  const changed = () =>
    revision.changed().catch((error: unknown) => log.error('command.hook_fault', describeFault(error)));
  const directories = new DirectoryScopes(openJsonFile(join(directory, 'trusted.json')), changed);
  const started = new StartedPrograms({
    running: parts.running,
    cloudRuns: parts.cloudRuns,
    onFault: (error) => log.error('command.run_fault', describeFault(error)),
    startTime: processStartTime,
    clock,
    newId: randomUUID,
  });
  const { program } = host;
  const approvalSettings = openApprovalSettings(join(directory, 'approvals.json'), identities);
  const approvals = new Approvals({
    settings: approvalSettings,
    asker: (pid) => askerOf(pid, isFile(program), platform),
    fromKernel: platform !== 'win32',
    bringUp: host.bringUp ?? null,
    redact: (text) => parts.redactor.redact(text),
    clock,
    newId: randomUUID,
    audit: parts.audit,
    onChanged: parts.onApprovals,
  });
  const scope = { identities, directories };
  const launch = {
    ...scope,
    preparation: parts.preparation,
    approvals,
    started,
    platform,
    providerName: (id: string) => providers.find(id)?.name ?? id,
    installCommand: (file: string) => {
      const [provider] = providersOf(file, providers);
      return provider ? installCommandOn(provider, platform) : null;
    },
    desk: parts.desk,
    now: clock.now,
  };
  const status = {
    ...scope,
    notes: {
      isOnThisMachine: (account: Parameters<Identities['isOnThisMachine']>[0]) =>
        identities.isOnThisMachine(account),
      noteOf: (account: Parameters<AccountHealth['note']>[0]) => health.note(account),
    },
    providerName: (id: string) => providers.find(id)?.name ?? id,
    providerProblems: () => providers.problems(),
    vault: parts.vault,
    version: host.version,
    host: host.kind,
    data,
    signIns: () => broker.list().filter(({ status }) => status !== 'success' && status !== 'failed').length,
  };
  const kept = new KeptCredentials({
    file: openJsonFile(join(directory, 'kept-credentials.json')),
    vault: parts.vault,
    newId: randomUUID,
    now: clock.now,
    isBundle: (id) => {
      const { bundles, problems } = identities.list();
      // One that cannot be read is not gone.
      return problems.length > 0 || bundles.some((bundle) => bundle.id === id);
    },
    onChanged: parts.onKept,
  });
  const handOut = new HandOut({
    audit: parts.audit,
    allow: (caller, asked) => approvals.require(caller, { what: 'credential', ...asked }),
  });
  const { keeper, vault } = parts;
  const tokenHook = { ...scope, keeper, vault, providers, now: clock.now, handOut };
  const installation = new CommandInstallation({ ...parts, program });
  const commands: Command[] = [
    runCommand(launch),
    shellCommand(launch),
    envCommand(launch),
    connectCommand({
      ...scope,
      providers,
      broker,
      sessions: parts.sessions,
      apiKeys: parts.apiKeys,
      vault: parts.vault,
      host: host.kind,
      platform,
      program: async (provider) => {
        const { programStates } = parts;
        // Right after the start it is still being looked for.
        if (programStates.of(provider).state === 'searching') await programStates.lookAt(provider);
        return programStates.known(provider);
      },
    }),
    statusCommand(status),
    listCommand(status),
    tokenCommand({ ...scope, approvals, keeper: parts.keeper, providers }),
    logoutCommand({
      ...scope,
      providers,
      users: parts.users,
      stopLooking: (accountId) => health.forget(accountId),
    }),
    sessionCommand({ ...scope, approvals, desk: parts.desk }),
    credentialCommand([
      awsHook({ ...scope, desk: parts.desk, handOut }),
      gitHook({ ...scope, providers, vault: parts.vault, kept, audit: parts.audit, handOut }),
      dockerHook({ ...scope, kept, audit: parts.audit, handOut }),
      kubernetesHook(tokenHook),
      gcpHook(tokenHook),
    ]),
    unlockCommand(parts.vault),
    trustCommand(scope),
    shimCommand({ ...scope, platform, shims: new Shims(installation.folder, () => installation.command()) }),
    hookCommand(),
    directoryCommand({
      ...scope,
      shell: parts.shell,
      revision,
      asksFirst: (bundleId) => approvalSettings.modeOf(bundleId) !== 'off',
    }),
    completionCommand(),
    stopCommand(host.kind, host.quit),
    candidatesCommand({ identities, providers, commands: () => commands }),
  ];
  const uid = process.getuid?.() ?? 0;
  const server = new CommandServer({
    place: socketPlace(data, { environment, platform, uid }),
    commands,
    peerOf: async (socket) =>
      platform === 'win32' ? 'not-asked' : program === null ? null : peerOf(socket, program, clock),
    uid,
    clock,
    log,
  });
  const guides = new HookGuides({
    identities,
    ask:
      program === null
        ? null
        : (args, input) => askCommand(program, args, input, { ...environment, LANYARD_HOME: data }),
    showTime: (time) => new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
  });
  return {
    installation,
    approvals,
    approvalSettings,
    guides,
    /** What other tools had us keep. */
    kept,
    /** Deletes what was kept for identities that are gone; again when the vault was opened. */
    sweepKept: () =>
      void kept.sweep().catch((error: unknown) => log.error('command.kept_fault', describeFault(error))),
    /** Something that a shell in a directory was told of is different now: accounts, identities, the vault. */
    changed: () => void changed(),
    /** Listens. What is in the way of that is in the log: the house works without the command. */
    start: async () => {
      if (program === null) {
        log.warn('command.not_served', { reason: 'the program is not there' });
        return;
      }
      await server.start().catch((error: unknown) => log.error('command.not_served', describeFault(error)));
    },
    stop: async () => {
      approvals.stop();
      started.stop();
      await server.stop();
    },
  };
}

function openApprovalSettings(path: string, identities: Identities): ApprovalSettings {
  return new ApprovalSettings({
    read: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    write: (modes) => openJsonFile(path).write(modes),
    bundleIds: () => identities.list().bundles.map(({ id }) => id),
  });
}

/** Whether a running program is this very file. */
function isFile(path: string | null): (running: RunningProgram) => Promise<boolean> {
  return async ({ file }) => path !== null && file !== null && file === (await fileOf(path));
}
