import { assertNever, LanyardError } from '../failures.ts';
import type { Cloud } from './action.ts';
import { boundaryFor } from './gcp-boundary.ts';
import { checkPolicy, type SessionPolicy } from './policy.ts';

/**
 * C-11: whether the cloud itself holds a session to its policy. Known before anything is issued, kept with the
 * session, and shown as it is.
 */
export type Enforcement =
  | { readonly state: 'enforced' }
  /** `gaps`: what the credentials can do beyond the policy, in words. */
  | { readonly state: 'partly'; readonly gaps: readonly string[] }
  | { readonly state: 'not_enforced'; readonly gaps: readonly string[] };

/** How credentials are to be had: a role or service account taken on, the person's own, or a token of a resource. */
export type IssueKind =
  | 'aws-assume-role'
  | 'aws-federation-token'
  | 'aws-session-token'
  | 'gcp-impersonation'
  | 'azure-token';

/** @throws LanyardError of `checkPolicy` */
export function enforcementOf(kind: IssueKind, policy: SessionPolicy): Enforcement {
  checkPolicy(cloudOf(kind), policy);
  switch (kind) {
    case 'aws-assume-role':
    case 'aws-federation-token':
      return { state: 'enforced' };
    case 'aws-session-token':
      return {
        state: 'not_enforced',
        gaps: [
          "AWS gives GetSessionToken no policy: the session can do what the user's own key can, but for IAM.",
        ],
      };
    case 'gcp-impersonation': {
      const fit = boundaryFor(policy);
      switch (fit.kind) {
        case 'whole':
          return { state: 'enforced' };
        case 'wider':
          return { state: 'partly', gaps: fit.gaps };
        case 'none':
          return { state: 'not_enforced', gaps: fit.gaps };
        default:
          return assertNever(fit);
      }
    }
    case 'azure-token':
      return {
        state: 'not_enforced',
        gaps: ["Azure's tokens cannot be narrowed: the session can do what the account can."],
      };
    default:
      return assertNever(kind);
  }
}

/**
 * What the cloud does not enforce is issued only where the person has accepted that for the identity (once).
 * @throws LanyardError `not_enforced`
 */
export function checkAccepted(enforcement: Enforcement, accepted: boolean): void {
  if (enforcement.state !== 'not_enforced' || accepted) return;
  throw new LanyardError({
    code: 'not_enforced',
    title: 'The cloud does not hold this session to its actions.',
    hint: `${enforcement.gaps.join(' ')} Accept that for this identity, or choose another principal.`,
  });
}

export function cloudOf(kind: IssueKind): Cloud {
  if (kind === 'gcp-impersonation') return 'gcp';
  return kind === 'azure-token' ? 'azure' : 'aws';
}
