import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GoogleAuth } from 'google-auth-library';
import type { Clock } from '../clock.ts';
import { type ActionCatalogue, catalogueOfActions } from '../cloud/action-catalogue.ts';
import { CloudSessions } from '../cloud/cloud-sessions.ts';
import { SessionAudit } from '../cloud/session-audit.ts';
import { SessionDesk } from '../cloud/session-desk.ts';
import { sessionMark } from '../cloud/session-environment.ts';
import type { CloudSession, SessionProcess } from '../cloud/session-record.ts';
import { SessionSettings } from '../cloud/session-settings.ts';
import { SessionStore } from '../cloud/session-store.ts';
import { AwsSso } from '../cloud/sources/aws-sso.ts';
import { SessionSources, type SourceKind } from '../cloud/sources/session-sources.ts';
import { LanyardError } from '../failures.ts';
import type { Identities } from '../identities/identities.ts';
import type { Account } from '../identities/model.ts';
import type { Audit } from '../journal/audit.ts';
import { describeFault } from '../journal/describe-fault.ts';
import type { Log } from '../journal/log.ts';
import type { LaunchPreparation } from '../launch/launch-preparation.ts';
import { SessionRuns } from '../launch/session-runs.ts';
import { CliPrintedToken } from '../methods/cli/printed-token.ts';
import { tokenAccountOf } from '../oauth/account-tokens.ts';
import type { Fetch } from '../oauth/provider-http.ts';
import type { TokenKeeper } from '../oauth/token-keeper.ts';
import { environmentHolders } from '../process/environment-holders.ts';
import { isAlive, killRecorded, killTree, processStartTime } from '../process/kill-tree.ts';
import type { ProviderRegistry } from '../providers/registry.ts';
import type { Redactor } from '../vault/redact.ts';
import { Secret } from '../vault/secret.ts';
import type { Vault } from '../vault/vault.ts';
import { openCloudSettingsFile } from './cloud-settings-file.ts';
import { ssoServices } from './sso-services.ts';

/** Where clouds are, in tests and on a developer's machine; their own addresses when absent. */
export interface CloudEndpoints {
  sts?: string;
  iam?: string;
  ssoPortal?: string;
  ssoOidc?: string;
}

export interface CloudHouseParts {
  data: string;
  clock: Clock;
  log: Log;
  redactor: Redactor;
  homeDirectory: string;
  environment: NodeJS.ProcessEnv;
  /** The file of AWS's actions that is made with the app; absolute. */
  awsActions: string;
  endpoints: CloudEndpoints;
  /** Makes the requests to the clouds; Node itself when absent. */
  fetch?: Fetch;
  identities: Identities;
  providers: ProviderRegistry;
  vault: Pick<Vault, 'get'>;
  keeper: TokenKeeper;
  cli: ConstructorParameters<typeof CliPrintedToken>[0];
  preparation: Pick<LaunchPreparation, 'of'>;
  audit: Audit;
  /** Something about the sessions changed. */
  onChanged: () => void;
  onWarning: (warning: ReturnType<SessionDesk['warning']>) => void;
}

export type CloudHouse = Awaited<ReturnType<typeof composeCloud>>;

/** A burst of changes (each request for credentials is one) is told once. */
const tellAfterMs = 150;
/** What has left its command's tree is asked politely for this long: all of it is to be gone within two seconds. */
const leftoverGraceMs = 500;

const kinds = new Map<string, SourceKind>([
  ['aws', 'identity-center'],
  ['aws-key', 'access-key'],
  ['gcloud', 'google-account'],
  ['azure', 'azure-account'],
]);

/** Cloud sessions, put together. Loaded when it is first needed: the SDKs of three clouds are in here. */
export async function composeCloud(parts: CloudHouseParts) {
  const { data, clock, log, identities } = parts;
  const settings = new SessionSettings(openCloudSettingsFile(join(data, 'cloud-sessions.json')));
  const store = new SessionStore(join(data, 'sessions'), clock);
  const audit = new SessionAudit(parts.audit);
  const sources = sessionSources(parts);
  const endProcess = (run: SessionProcess) => killRecorded(run, { clock });
  const endLeftovers = async (sessionId: string) => {
    const left = await environmentHolders({ directories: [], variables: [sessionMark(sessionId)] });
    await Promise.all((left ?? []).map(({ pid }) => killTree(pid, { clock, graceMs: leftoverGraceMs })));
  };
  const sessions = new CloudSessions({
    clock,
    store,
    newId: randomUUID,
    owner: { pid: process.pid, startTime: (await processStartTime(process.pid)) ?? '' },
    directory: join(data, 'run', 'sessions'),
    issuerFor: (inputs) => sources.issuerFor(inputs),
    isThere: ({ bundleId, accountId }) => {
      const { bundles } = identities.list();
      return (
        (bundleId === undefined || bundles.some(({ id }) => id === bundleId)) &&
        (accountId === undefined ||
          bundles.some(({ accounts }) => accounts.some(({ id }) => id === accountId)))
      );
    },
    isAlive,
    endProcess,
    endLeftovers,
    onRenewed: (session) => audit.renewed(session),
    onWarning: (session) => parts.onWarning(desk.warning(session)),
    onEnded: (session) => audit.ended(store.get(session.id) ?? session),
    onFault: (session, error) => log.error('cloud.fault', { session: session.id, ...describeFault(error) }),
  });
  const desk: SessionDesk = new SessionDesk({
    clock,
    store,
    sessions,
    settings,
    sources,
    audit,
    catalogue: lazily(() => readCatalogue(parts.awsActions, log)),
    bundleName: (id) => identities.list().bundles.find((bundle) => bundle.id === id)?.name ?? null,
    showTime: (time) => new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }),
    redact: (text) => parts.redactor.redact(text),
  });
  const runs = new SessionRuns({
    sessions,
    store,
    preparation: parts.preparation,
    endProcess,
    redact: (text) => parts.redactor.redact(text),
  });

  let cancelTelling: (() => void) | null = null;
  store.onChange(() => {
    cancelTelling ??= clock.after(tellAfterMs, () => {
      cancelTelling = null;
      parts.onChanged();
    });
  });

  return {
    desk,
    store,
    sessions,
    runs,
    /** What a session adds to the environment of something that runs as its identity. @throws LanyardError `session_ended`, `other_identity` */
    variables: (bundleId: string, sessionId: string, parent: NodeJS.ProcessEnv) => {
      if (store.get(sessionId)?.bundleId !== bundleId) throw otherIdentity();
      return sessions.variables(sessionId, parent);
    },
    /** I-11: what was opened while its identity or account was being removed goes as well. */
    revokeOrphaned: async () => {
      for (const id of sessions.orphaned()) {
        await desk.revoke(id).catch((error: unknown) => {
          log.error('cloud.fault', { session: id, ...describeFault(error) });
        });
      }
    },
    /** C-21: ends what an earlier run left. To be called once, before anything is opened. */
    recover: async () => {
      const before = new Map(store.sessions.map((session) => [session.id, session]));
      const { ended, failed } = await sessions.recover();
      for (const id of ended) {
        const session: CloudSession | null = store.get(id) ?? before.get(id) ?? null;
        if (session) audit.ended(session);
      }
      for (const { id, cause } of failed)
        log.error('cloud.recovery', { session: id, ...describeFault(cause) });
    },
    /** Ends all sessions of this app. */
    stop: async () => {
      await sessions.close();
      cancelTelling?.();
      store.close();
    },
  };
}

function sessionSources(parts: CloudHouseParts): SessionSources {
  const { clock, endpoints, identities, providers, vault, keeper, homeDirectory, environment } = parts;
  const printed = new CliPrintedToken(parts.cli);
  return new SessionSources({
    accounts: (bundleId) => identities.bundle(bundleId).accounts,
    kindOf: ({ provider: id }) => {
      const provider = providers.find(id);
      if (provider?.issuer) return isGoogle(provider.issuer.url) ? 'google-account' : null;
      return kinds.get(provider?.id ?? '') ?? null;
    },
    ...(parts.fetch ? { fetch: parts.fetch } : {}),
    sso: new AwsSso({ clock, ...ssoServices(endpoints, parts.fetch) }),
    vault,
    googleToken: async (account) => {
      if (!account) return machineGoogleToken();
      const provider = providers.find(account.provider);
      const tokens = tokenAccountOf(account, provider);
      if (tokens) {
        const bearer = await keeper.currentBearer(tokens);
        if (bearer.status === 'ok') return bearer.token;
        throw new LanyardError(bearer.failure);
      }
      if (!provider) throw goneProvider(account);
      return printed.of(provider, account, ['auth', 'print-access-token']);
    },
    machine: { home: homeDirectory, azure: environment.AZURE_CONFIG_DIR ?? join(homeDirectory, '.azure') },
    clock,
    ...(endpoints.sts === undefined ? {} : { stsEndpoint: endpoints.sts }),
    ...(endpoints.iam === undefined ? {} : { iamEndpoint: endpoints.iam }),
  });
}

function isGoogle(issuer: string): boolean {
  return new URL(issuer).host === 'accounts.google.com';
}

/** What Google's own chain finds on this machine. @throws LanyardError `no_machine_credentials` */
async function machineGoogleToken(): Promise<Secret> {
  try {
    const auth = new GoogleAuth({ scopes: ['https://www.googleapis.com/auth/cloud-platform'] });
    const token = await auth.getAccessToken();
    if (!token) throw new Error('no token');
    return new Secret(token);
  } catch (cause) {
    throw new LanyardError(
      {
        code: 'no_machine_credentials',
        title: 'This machine has no Google Cloud login of its own.',
        hint: 'Choose an identity with a Google account, or run gcloud auth application-default login.',
      },
      { cause },
    );
  }
}

/** Null when the file is not there: then actions are not looked up, and nothing else is missing. */
async function readCatalogue(file: string, log: Log): Promise<ActionCatalogue | null> {
  try {
    return catalogueOfActions(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    log.error('cloud.actions', describeFault(error));
    return null;
  }
}

function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function otherIdentity(): LanyardError {
  return new LanyardError({
    code: 'other_identity',
    title: 'This session is of another identity.',
    hint: 'Run it as the identity that it was opened for.',
  });
}

function goneProvider(account: Account): LanyardError {
  return new LanyardError({
    code: 'provider_gone',
    title: `Nothing is known any more of the provider "${account.provider}", which this identity has an account of.`,
    hint: 'Put its provider file back, or sign the account out.',
  });
}
