import type { SessionSource } from '../../../src-preload/contract/sessions.ts';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import { type Account, blankBundleId } from '../../identities/model.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { Secret } from '../../vault/secret.ts';
import type { Vault } from '../../vault/vault.ts';
import { vaultError } from '../../vault/vault-failures.ts';
import type { Cloud } from '../action.ts';
import type { AwsKeys } from '../aws-credentials.ts';
import type { SessionIssuer } from '../cloud-sessions.ts';
import { AwsIssuer } from '../issuers/aws.ts';
import { denyAtRole } from '../issuers/aws-role-deny.ts';
import { awsFederatedSessions, awsOwnSessions, awsRoleSessions } from '../issuers/aws-session.ts';
import { AzureIssuer } from '../issuers/azure.ts';
import { azureSessions } from '../issuers/azure-session.ts';
import { GcpIssuer, revokeGcpToken } from '../issuers/gcp.ts';
import { gcpSessions } from '../issuers/gcp-session.ts';
import type { IssueInputs } from '../reuse.ts';
import { federatedUser, ownUser } from '../session-view.ts';
import { awsKeysOf, machineAwsKeys } from './aws-keys.ts';
import type { AwsSso, SsoAccount, SsoLogin } from './aws-sso.ts';
import { azureCliCache, azureCliClient, tenantsIn } from './azure-cache.ts';

export interface SessionSourcesParts {
  /** The identity's accounts. @throws LanyardError `unknown_bundle` */
  accounts: (bundleId: string) => readonly Account[];
  /** Which kind of source an account's provider is; null for providers of other things. */
  kindOf: (account: Account) => SourceKind | null;
  sso: AwsSso;
  vault: Pick<Vault, 'get'>;
  /** An access token of a Google account; null for what the machine has by itself. */
  googleToken: (account: Account | null) => Promise<Secret>;
  /** The directories of the machine's own logins. */
  machine: { home: string; azure: string };
  clock: Clock;
  /** Makes the requests to the clouds; Node itself when absent. */
  fetch?: Fetch;
  /** Where STS is; the region's own when absent. */
  stsEndpoint?: string;
  /** Where IAM is; the partition's own when absent. */
  iamEndpoint?: string;
}

export type SourceKind = Exclude<SessionSource['kind'], 'machine'>;

const clouds: Record<SourceKind, Cloud> = {
  'identity-center': 'aws',
  'access-key': 'aws',
  'google-account': 'gcp',
  'azure-account': 'azure',
};
const usualAwsRegion = 'us-east-1';
/** One role into another lasts an hour at most: the session is renewed as often as it takes. */
const usualAwsSeconds = 3600;

type Source = { id: string; cloud: Cloud; account: Account | null; kind: SessionSource['kind'] };

/** Where base credentials come from: accounts of an identity, or the machine's own login for the blank one (C-12 to C-14). */
export class SessionSources {
  readonly #parts: SessionSourcesParts;

  constructor(parts: SessionSourcesParts) {
    this.#parts = parts;
  }

  /** @throws LanyardError `unknown_bundle` */
  async list(bundleId: string): Promise<SessionSource[]> {
    return Promise.all(this.#sources(bundleId).map((source) => this.#view(source)));
  }

  /** @throws LanyardError `unknown_bundle`, `unknown_source` */
  async one(bundleId: string, sourceId: string): Promise<SessionSource> {
    return this.#view(this.#find(bundleId, sourceId));
  }

  /** @throws LanyardError `unknown_source`, `not_identity_center`, of `AwsSso` */
  async awsAccounts(bundleId: string, sourceId: string): Promise<SsoAccount[]> {
    return this.#parts.sso.accounts(this.#ssoLogin(this.#find(bundleId, sourceId)));
  }

  /** @throws as {@link awsAccounts} */
  async awsRoles(bundleId: string, sourceId: string, awsAccountId: string): Promise<string[]> {
    return this.#parts.sso.roles(this.#ssoLogin(this.#find(bundleId, sourceId)), awsAccountId);
  }

  /**
   * How credentials for these inputs are had. The account is asked for its own when something is issued, each time
   * anew: one that was signed out since gives nothing.
   * @throws LanyardError `unknown_source`, of the issuers
   */
  issuerFor(inputs: IssueInputs): SessionIssuer {
    const { clock, stsEndpoint, iamEndpoint, fetch } = this.#parts;
    const by = fetch ? { fetch } : {};
    const find = () => this.#find(inputs.bundleId ?? blankBundleId, sourceIdOf(inputs));
    find();
    switch (inputs.provider) {
      case 'aws': {
        const region = inputs.region ?? usualAwsRegion;
        const issuer = new AwsIssuer({
          keys: () => this.#awsKeys(find(), inputs),
          region,
          clock,
          ...by,
          ...(stsEndpoint === undefined ? {} : { endpoint: stsEndpoint }),
        });
        const seconds = inputs.credentialSeconds ?? usualAwsSeconds;
        if (inputs.roleArn === federatedUser) return awsFederatedSessions(issuer, inputs, seconds);
        if (inputs.roleArn === ownUser) return awsOwnSessions(issuer, seconds);
        return awsRoleSessions(issuer, inputs, seconds, (session) =>
          denyAtRole(session, {
            keys: () => this.#awsKeys(find(), inputs),
            account: () => issuer.account(),
            clock,
            ...by,
            ...(iamEndpoint === undefined ? {} : { endpoint: iamEndpoint }),
          }),
        );
      }
      case 'gcp': {
        const issuer = new GcpIssuer({ token: () => this.#parts.googleToken(find().account), clock, ...by });
        return gcpSessions(issuer, inputs, { clock, revoke: (token) => revokeGcpToken(token, fetch) });
      }
      case 'azure': {
        const issuer = new AzureIssuer({
          clientId: inputs.clientId ?? '',
          tenantId: inputs.tenantId ?? '',
          cache: this.#azureCache(find()),
          clock,
          ...by,
        });
        return azureSessions(issuer, inputs.audience ?? '');
      }
    }
  }

  #sources(bundleId: string): Source[] {
    if (bundleId === blankBundleId) {
      return (['aws', 'gcp', 'azure'] as const).map((cloud) => ({
        id: `machine:${cloud}`,
        cloud,
        account: null,
        kind: 'machine' as const,
      }));
    }
    return this.#parts.accounts(bundleId).flatMap((account) => {
      const kind = this.#parts.kindOf(account);
      return kind === null ? [] : [{ id: account.id, cloud: clouds[kind], account, kind }];
    });
  }

  #find(bundleId: string, sourceId: string): Source {
    const source = this.#sources(bundleId).find(({ id }) => id === sourceId);
    if (source) return source;
    throw new LanyardError({
      code: 'unknown_source',
      title: 'This identity has no such cloud account any more.',
      hint: 'Choose another account, or sign in again.',
    });
  }

  async #view(source: Source): Promise<SessionSource> {
    const { id, cloud, account, kind } = source;
    const common = {
      id,
      cloud,
      kind,
      label: account ? labelOf(account) : "This machine's own login",
      ...(account ? { accountId: account.id } : {}),
      ...(account?.status === 'needs-sign-in' ? { failure: needsSignIn(account) } : {}),
    };
    if (cloud === 'gcp') return { ...common, principals: ['service-account'] };
    if (cloud === 'azure') {
      const tenantId = await this.#tenantOf(source).catch(() => null);
      return {
        ...common,
        principals: ['azure-token'],
        ...(tenantId === null ? { failure: common.failure ?? needsSignIn(account) } : { tenantId }),
      };
    }
    if (kind === 'identity-center') {
      const login = this.#ssoLogin(source);
      const { accountId: awsAccountId, roleName, ssoRegion } = account?.parameters ?? {};
      const region = this.#parts.sso.region(login) ?? ssoRegion;
      return {
        ...common,
        principals: ['role'],
        ...(awsAccountId && roleName ? { baseRole: { awsAccountId, roleName } } : {}),
        ...(region === undefined ? {} : { region }),
      };
    }
    return { ...common, principals: ['role', 'federated-user', 'own-user'] };
  }

  async #awsKeys(source: Source, inputs: IssueInputs): Promise<AwsKeys> {
    if (source.kind === 'identity-center') {
      return this.#parts.sso.keys(this.#ssoLogin(source), inputs.baseRole ?? '');
    }
    const { account } = source;
    if (!account) return machineAwsKeys(inputs.region ?? usualAwsRegion);
    return awsKeysOf(await this.#kept(account));
  }

  async #kept(account: Account): Promise<Secret> {
    if (account.secretRef.kind !== 'keychain') throw new LanyardError(needsSignIn(account));
    const { service, account: entry } = account.secretRef;
    const read = await this.#parts.vault.get({ service, account: entry });
    if (read.status === 'ok') return read.secret;
    throw read.status === 'not-found' ? new LanyardError(needsSignIn(account)) : vaultError(read);
  }

  #ssoLogin({ account, kind }: Source): SsoLogin {
    if (kind !== 'identity-center' || !account) {
      throw new LanyardError({
        code: 'not_identity_center',
        title: 'Only a sign-in at IAM Identity Center has accounts to pick from.',
        hint: 'Choose such a sign-in, or go on without.',
      });
    }
    const { secretRef } = account;
    if (secretRef.kind === 'oauth-config-dir') return { home: secretRef.dir, mayWrite: true };
    return { home: this.#parts.machine.home, mayWrite: false };
  }

  #azureCache({ account }: Source) {
    const own = account?.secretRef.kind === 'oauth-config-dir' ? account.secretRef.dir : null;
    return azureCliCache(own ?? this.#parts.machine.azure, own !== null);
  }

  /** @throws LanyardError `azure_sign_in_unreadable`; null when nobody is signed in */
  async #tenantOf(source: Source): Promise<string | null> {
    const tenants = await tenantsIn(this.#azureCache(source));
    const known = source.account?.context.organisationId;
    if (known !== undefined && tenants.includes(known)) return known;
    return tenants[0] ?? null;
  }
}

/** Which source a session's inputs name. */
export function sourceIdOf(inputs: Pick<IssueInputs, 'accountId' | 'provider'>): string {
  return inputs.accountId ?? `machine:${inputs.provider}`;
}

/** Of Azure: the client that tokens are asked for as. */
export const azureClientId = azureCliClient;

function labelOf(account: Account): string {
  const { email, login } = account.context;
  return email ?? login ?? account.displayName;
}

function needsSignIn(account: Account | null) {
  return {
    code: 'account_needs_sign_in',
    title: account ? `"${labelOf(account)}" needs to sign in again.` : 'Nobody is signed in on this machine.',
    hint: account ? 'Sign in again in Identities.' : "Sign in with the cloud's own program.",
  };
}
