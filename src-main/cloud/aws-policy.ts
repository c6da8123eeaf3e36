import { LanyardError } from '../failures.ts';
import { checkPolicy, type SessionPolicy } from './policy.ts';

/** Characters of an inline session policy that STS takes (AssumeRole, GetFederationToken: `Policy`). */
export const awsPolicyLimit = 2048;

/**
 * The session policy as it goes to STS: what this returns is measured, shown and sent (C-10). Deny is a statement of
 * its own on all resources, so that `s3:*` without `s3:DeleteBucket` means it (C-9).
 *
 * @returns JSON without blanks, in ASCII
 * @throws LanyardError of `checkPolicy`; `policy_too_long`
 */
export function awsPolicyText(policy: SessionPolicy): string {
  const text = unchecked(policy);
  if (text.length > awsPolicyLimit) {
    throw new LanyardError({
      code: 'policy_too_long',
      title: 'The policy is too long for AWS.',
      hint: `It has ${text.length} characters and AWS takes ${awsPolicyLimit}: use fewer resources, or wildcards behind a service.`,
    });
  }
  return text;
}

/** The length of the text that would be sent, also where it is too long. @throws LanyardError of `checkPolicy` */
export function awsPolicyLength(policy: SessionPolicy): number {
  return unchecked(policy).length;
}

function unchecked(policy: SessionPolicy): string {
  checkPolicy('aws', policy);
  const { actions, deny, resources, sourceIps } = policy;
  const allow = {
    Effect: 'Allow',
    Action: distinct(actions),
    Resource: resources.length === 0 ? '*' : distinct(resources),
    ...(sourceIps.length === 0 ? {} : { Condition: { IpAddress: { 'aws:SourceIp': distinct(sourceIps) } } }),
  };
  const statements =
    deny.length === 0 ? [allow] : [allow, { Effect: 'Deny', Action: distinct(deny), Resource: '*' }];
  // STS takes no characters beyond U+00FF.
  return JSON.stringify({ Version: '2012-10-17', Statement: statements }).replace(
    /[^\x20-\x7e]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function distinct(entries: readonly string[]): string[] {
  return [...new Set(entries)];
}
