import type { PolicyAnswer, PrincipalKind } from '../../src-preload/contract/sessions.ts';
import { LanyardError } from '../failures.ts';
import { type Cloud, parseAction } from './action.ts';
import { type ActionCatalogue, coverageOf } from './action-catalogue.ts';
import { awsPolicyLength, awsPolicyLimit, awsPolicyText } from './aws-policy.ts';
import { cloudOf, enforcementOf, type IssueKind } from './enforcement.ts';
import { boundaryFor } from './gcp-boundary.ts';
import { policyProblems, type SessionPolicy } from './policy.ts';

const examplesShown = 5;

/** How credentials of a principal are had. */
export const issueKinds: Record<PrincipalKind, IssueKind> = {
  role: 'aws-assume-role',
  'federated-user': 'aws-federation-token',
  'own-user': 'aws-session-token',
  'service-account': 'gcp-impersonation',
  'azure-token': 'azure-token',
};

/**
 * What is known of a policy before anything is issued (C-7, C-10, C-11): what is wrong, what its actions stand for,
 * the text that would be sent, and whether the cloud would hold a session to it.
 *
 * @param catalogue null where AWS's actions are not known here
 */
export async function policyAnswer(
  cloud: Cloud,
  principal: PrincipalKind,
  policy: SessionPolicy,
  catalogue: ActionCatalogue | null,
): Promise<PolicyAnswer> {
  const kind = issueKinds[principal];
  if (cloudOf(kind) !== cloud) {
    throw new LanyardError({
      code: 'wrong_principal',
      title: 'This cloud has no principals of that kind.',
      hint: 'Choose another one.',
    });
  }
  const problems = policyProblems(cloud, policy);
  const size = sizeOf(kind, policy, problems.length === 0);
  if (size && size.length > size.limit) {
    problems.push({ field: 'actions', index: null, failure: tooLong(size) });
  }
  const text = problems.length === 0 ? textOf(kind, policy) : null;
  const enforcement = problems.length === 0 ? enforcementOf(kind, policy) : null;
  return {
    problems: problems.map((problem) => ({ ...problem })),
    coverage: cloud === 'aws' && catalogue ? await coverage(policy, catalogue) : [],
    ...(text === null ? {} : { text }),
    ...(size === null ? {} : { size }),
    ...(enforcement === null
      ? {}
      : {
          enforcement: {
            state: enforcement.state,
            gaps: enforcement.state === 'enforced' ? [] : [...enforcement.gaps],
          },
        }),
  };
}

function sizeOf(
  kind: IssueKind,
  policy: SessionPolicy,
  isSound: boolean,
): { length: number; limit: number } | null {
  if (!isSound || (kind !== 'aws-assume-role' && kind !== 'aws-federation-token')) return null;
  return { length: awsPolicyLength(policy), limit: awsPolicyLimit };
}

function tooLong({ length, limit }: { length: number; limit: number }) {
  return {
    code: 'policy_too_long',
    title: 'The policy is too long for AWS.',
    hint: `It has ${length} characters and AWS takes ${limit}: use fewer resources, or wildcards behind a service.`,
  };
}

function textOf(kind: IssueKind, policy: SessionPolicy): string | null {
  if (kind === 'aws-assume-role' || kind === 'aws-federation-token') return awsPolicyText(policy);
  if (kind !== 'gcp-impersonation') return null;
  const fit = boundaryFor(policy);
  return fit.kind === 'none' ? null : JSON.stringify(fit.boundary);
}

async function coverage(
  policy: SessionPolicy,
  catalogue: ActionCatalogue,
): Promise<PolicyAnswer['coverage']> {
  const entries = (['actions', 'deny'] as const).flatMap((field) =>
    policy[field].map((action) => ({ field, action })),
  );
  const answers = entries.map(async ({ field, action }) => {
    const parsed = parsedOrNull(action);
    if (!parsed) return null;
    const found = await coverageOf(parsed, catalogue);
    const actions = found.kind === 'known' ? found.actions : [];
    return {
      field,
      action,
      kind: found.kind,
      count: actions.length,
      examples: actions.slice(0, examplesShown),
    };
  });
  return (await Promise.all(answers)).filter((answer) => answer !== null);
}

/** What is wrong with it stands among the problems. */
function parsedOrNull(action: string) {
  try {
    return parseAction('aws', action);
  } catch {
    return null;
  }
}
