import {
  DeleteRolePolicyCommand,
  IAMClient,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { Clock } from '../../clock.ts';
import { LanyardError } from '../../failures.ts';
import type { Fetch } from '../../oauth/provider-http.ts';
import type { AwsKeys } from '../aws-credentials.ts';
import { awsSessionDeny } from '../revoke.ts';
import type { CloudSession } from '../session-record.ts';
import { awsSessionName } from './aws.ts';
import { awsClientSettings } from './aws-client.ts';

export interface AwsRoleDenyParts {
  /** The base credentials that the session was issued with. */
  keys: () => Promise<AwsKeys>;
  /** The account that these are of. @throws LanyardError of `awsRefusal` */
  account: () => Promise<string>;
  clock: Clock;
  /** Where IAM is; the partition's own when absent. */
  endpoint?: string;
  /** Makes the requests; Node itself when absent. */
  fetch?: Fetch;
}

/** Our policies of a role: when the credentials that each is about have died, in seconds since the Unix epoch. */
const policyName = /^lanyard-revoked-(\d{10,12})-[0-9a-f]{8}$/;
/** They stay for an hour more, ms: by a clock that is fast, credentials that still live would seem dead. */
const clockErrorMs = 60 * 60_000;

/**
 * C-18: denies a session of a role everything, at the role: an inline policy for this one session, which those that
 * take on the role later are not touched by. A role has 10,240 characters for such policies, so earlier ones whose
 * credentials died an hour ago go first, as far as AWS lets us.
 *
 * @returns what was done, in words
 * @throws LanyardError `role_of_other_account`, `deny_refused`, `aws_unreachable`
 */
export async function denyAtRole(session: CloudSession, parts: AwsRoleDenyParts): Promise<{ how: string }> {
  const [, partition = '', accountId, path] =
    /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(.+)$/.exec(session.roleArn) ?? [];
  const role = path?.split('/').at(-1);
  // A role of the same name in the account of the credentials would be another one.
  if (!role || (await parts.account()) !== accountId) {
    throw new LanyardError({
      code: 'role_of_other_account',
      title: 'The role is of another account than the credentials',
      hint: 'Deny the session there, or wait until its credentials die.',
    });
  }
  const { fetch, endpoint, clock } = parts;
  const client = new IAMClient({
    ...iamOf(partition),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...awsClientSettings(await parts.keys(), fetch),
  });
  try {
    await removeDead(client, role, clock.now()).catch(() => {
      // They deny nobody anything any more. Who may not list policies may still write one.
    });
    await client.send(
      new PutRolePolicyCommand({
        RoleName: role,
        PolicyName: `lanyard-revoked-${Math.ceil(session.expiresAt / 1000)}-${session.id.slice(0, 8)}`,
        PolicyDocument: awsSessionDeny(awsSessionName(session.id)),
      }),
    );
    return {
      how: `the role ${role} denies it everything, as soon as AWS has spread that, within about a minute`,
    };
  } catch (error) {
    throw refusal(error);
  } finally {
    client.destroy();
  }
}

async function removeDead(client: IAMClient, role: string, now: number): Promise<void> {
  const { PolicyNames = [] } = await client.send(new ListRolePoliciesCommand({ RoleName: role }));
  for (const name of PolicyNames) {
    const [, diesAt] = policyName.exec(name) ?? [];
    if (diesAt === undefined || Number(diesAt) * 1000 + clockErrorMs >= now) continue;
    await client.send(new DeleteRolePolicyCommand({ RoleName: role, PolicyName: name }));
  }
}

/** IAM is one place per partition. Given in any case: the SDK would look for another one on the machine. */
function iamOf(partition: string): { region: string; endpoint: string } {
  switch (partition) {
    case 'aws-cn':
      return { region: 'cn-north-1', endpoint: 'https://iam.cn-north-1.amazonaws.com.cn' };
    case 'aws-us-gov':
      return { region: 'us-gov-west-1', endpoint: 'https://iam.us-gov.amazonaws.com' };
    default:
      return { region: 'us-east-1', endpoint: 'https://iam.amazonaws.com' };
  }
}

/** Its own text is not shown: it holds ARNs and account numbers. */
function refusal(error: unknown): LanyardError {
  const name = error instanceof Error ? error.name : 'unknown';
  const status = (error as { $metadata?: { httpStatusCode?: number } })?.$metadata?.httpStatusCode;
  if (status === undefined) {
    return new LanyardError(
      {
        code: 'aws_unreachable',
        title: 'AWS could not be reached',
        hint: 'Check the connection and try again.',
        detail: name,
      },
      { cause: error },
    );
  }
  return new LanyardError(
    {
      code: 'deny_refused',
      title: /^AccessDenied/.test(name)
        ? 'the account may not change policies of the role'
        : 'AWS did not take the policy for the role',
      hint: 'Allow the account iam:PutRolePolicy for the role, or wait until the credentials die.',
      detail: name,
    },
    { cause: error },
  );
}
