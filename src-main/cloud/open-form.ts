import type * as v from 'valibot';
import type { OpenSessionSchema, SessionSource } from '../../src-preload/contract/sessions.ts';
import { LanyardError } from '../failures.ts';
import { blankBundleId } from '../identities/model.ts';
import type { OpenRequest } from './cloud-sessions.ts';
import { parseDuration } from './duration.ts';
import { checkPolicy, type SessionPolicy } from './policy.ts';
import type { PolicyProfile } from './profiles.ts';
import type { IssueInputs } from './reuse.ts';
import { federatedUser, ownUser } from './session-view.ts';
import { azureClientId } from './sources/session-sources.ts';

/** What a person filled in, checked against the contract. */
export type OpenForm = v.InferOutput<typeof OpenSessionSchema>;

export interface FormContext {
  source: SessionSource;
  /** The chosen profile; null for none. */
  profile: PolicyProfile | null;
  /** Seconds that a session of the identity may last. */
  capSeconds: number;
  /** Accepted for the identity before. */
  accepted: boolean;
}

/**
 * What is asked of the cloud for what a person filled in. Nothing is issued here.
 * @throws LanyardError of the policy, `wrong_source`, `wrong_principal`, `beyond_cap`, `invalid_duration`,
 *   `invalid_region`, `invalid_base_role`
 */
export function openRequest(form: OpenForm, context: FormContext): OpenRequest {
  const { source, profile, capSeconds, accepted } = context;
  const { principal } = form;
  if (source.cloud !== form.cloud) {
    throw new LanyardError({
      code: 'wrong_source',
      title: 'This account is of another cloud.',
      hint: 'Choose an account of the same cloud.',
    });
  }
  if (source.failure) throw new LanyardError(source.failure);
  if (!source.principals.includes(principal.kind)) {
    throw new LanyardError({
      code: 'wrong_principal',
      title: 'This account cannot give a session of that kind.',
      hint: 'Choose another account, or another principal.',
    });
  }
  const policy = policyOf(form, profile);
  checkPolicy(form.cloud, policy);
  const leaseSeconds = parseDuration(form.ttl);
  // Not a comparison with `>`: a cap that is no number must refuse.
  if (!(leaseSeconds <= capSeconds)) {
    throw new LanyardError({
      code: 'beyond_cap',
      title: 'This identity does not allow sessions that long.',
      hint: `Choose at most ${durationText(capSeconds)}, or raise the identity's cap: Settings > Cloud sessions in the app.`,
    });
  }
  return {
    inputs: inputsOf(form, source, policy),
    command: [],
    leaseSeconds,
    // One that ends soon is not what was asked for.
    atLeastSeconds: form.mayReuse ? Math.ceil(leaseSeconds / 2) : Number.POSITIVE_INFINITY,
    budget: form.estimate ?? null,
    accepted: accepted || form.acceptNotNarrowed,
  };
}

/** The policy that a form and its profile come to. */
export function policyOf(
  form: Pick<OpenForm, 'actions' | 'deny' | 'resources' | 'sourceIps'>,
  profile: PolicyProfile | null,
): SessionPolicy {
  const filled = (entries: readonly string[]) => [...new Set(entries.filter((entry) => entry !== ''))];
  return {
    actions: filled([...(profile?.actions ?? []), ...form.actions]),
    deny: filled([...(profile?.deny ?? []), ...form.deny]),
    resources: filled(form.resources),
    sourceIps: filled(form.sourceIps),
  };
}

function inputsOf(form: OpenForm, source: SessionSource, policy: SessionPolicy): IssueInputs {
  const { bundleId, tags, limits, credentialSeconds } = form;
  const region = form.cloud === 'aws' ? regionOf(form.region, source) : undefined;
  return {
    provider: form.cloud,
    policy,
    bundleId: bundleId === '' ? blankBundleId : bundleId,
    ...(source.accountId === undefined ? {} : { accountId: source.accountId }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
    ...(region === undefined ? {} : { region }),
    ...(Object.values(limits).some((limit) => limit !== undefined) ? { limits: present(limits) } : {}),
    ...(credentialSeconds === undefined || form.cloud === 'azure' ? {} : { credentialSeconds }),
    ...principalInputs(form, source),
  };
}

function principalInputs({ principal, baseRole }: OpenForm, source: SessionSource) {
  switch (principal.kind) {
    case 'role': {
      const base = baseRole ?? source.baseRole;
      if (source.kind === 'identity-center' && !base) throw noBaseRole();
      return {
        roleArn: principal.arn,
        ...(principal.externalId ? { externalId: principal.externalId } : {}),
        ...(principal.sourceIdentity ? { sourceIdentity: principal.sourceIdentity } : {}),
        ...(source.kind === 'identity-center' && base
          ? { baseRole: `${base.awsAccountId}/${base.roleName}` }
          : {}),
      };
    }
    case 'federated-user':
      return { roleArn: federatedUser };
    case 'own-user':
      return { roleArn: ownUser };
    case 'service-account':
      return { roleArn: principal.email };
    case 'azure-token':
      return {
        roleArn: principal.subscription,
        audience: principal.resource.replace(/\/+$/, ''),
        clientId: azureClientId,
        ...(source.tenantId === undefined ? {} : { tenantId: source.tenantId }),
      };
  }
}

function regionOf(written: string | undefined, source: SessionSource): string {
  const region = written || source.region || 'us-east-1';
  if (/^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$/.test(region)) return region;
  throw new LanyardError({
    code: 'invalid_region',
    title: 'This is not a region of AWS.',
    hint: 'Write it as eu-central-1.',
  });
}

function present(limits: OpenForm['limits']): NonNullable<IssueInputs['limits']> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}

function noBaseRole(): LanyardError {
  return new LanyardError({
    code: 'invalid_base_role',
    title: 'The account and role to start from are missing.',
    hint: 'Choose an account and a role of IAM Identity Center.',
  });
}

function durationText(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return [hours > 0 ? `${hours} h` : '', minutes > 0 ? `${minutes} min` : ''].filter(Boolean).join(' ');
}
