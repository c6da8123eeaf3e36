import type { Secret } from '../vault/secret.ts';

/** What signs requests to AWS. */
export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  /** Null for a long-lived key. */
  readonly sessionToken: Secret | null;
}

/** What STS issued. */
export interface IssuedAwsCredentials extends AwsKeys {
  readonly sessionToken: Secret;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly expiresAt: number;
  /** What STS granted, which is what is shown: seconds from the request. */
  readonly grantedSeconds: number;
  /** ARN of who they are; null where STS does not say (GetSessionToken). */
  readonly principal: string | null;
  /** The policy that was sent, to the letter (C-10). Null where none can be. */
  readonly policyText: string | null;
  /** How much of the space for policy and tags is taken, in percent; null where AWS does not say. */
  readonly packedPercent: number | null;
}
