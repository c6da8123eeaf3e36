import * as v from 'valibot';
import type { Problem } from '../../src-preload/contract/values.ts';
import { type Cloud, clouds } from './action.ts';
import { policyProblems } from './policy.ts';

/** C-8: actions under a name. What a person defines in settings has the same form. */
export interface PolicyProfile {
  readonly id: string;
  readonly cloud: Cloud;
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly deny: readonly string[];
}

const builtIn: readonly PolicyProfile[] = [
  {
    id: 'aws-storage-read',
    cloud: 'aws',
    name: 'Read storage',
    description: 'List S3 buckets and read their objects.',
    actions: [
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:ListAllMyBuckets',
      's3:GetBucketLocation',
    ],
    deny: [],
  },
  {
    id: 'aws-storage-write',
    cloud: 'aws',
    name: 'Read and write storage',
    description: 'The same, and put and delete objects. Buckets stay.',
    actions: [
      's3:GetObject',
      's3:GetObjectVersion',
      's3:ListBucket',
      's3:ListAllMyBuckets',
      's3:GetBucketLocation',
      's3:PutObject',
      's3:DeleteObject',
      's3:AbortMultipartUpload',
    ],
    deny: ['s3:DeleteBucket', 's3:PutBucketPolicy'],
  },
  {
    id: 'aws-logs-read',
    cloud: 'aws',
    name: 'Read logs',
    description: 'Find and read CloudWatch logs.',
    actions: ['logs:Describe*', 'logs:FilterLogEvents', 'logs:Get*', 'logs:StartQuery', 'logs:StopQuery'],
    deny: [],
  },
  {
    id: 'aws-compute-read',
    cloud: 'aws',
    name: 'See servers',
    description: 'Describe EC2, ECS and EKS, and change nothing.',
    actions: ['ec2:Describe*', 'ecs:Describe*', 'ecs:List*', 'eks:Describe*', 'eks:List*'],
    deny: [],
  },
  {
    id: 'aws-deploy-functions',
    cloud: 'aws',
    name: 'Deploy functions',
    description: 'Update code and settings of Lambda functions that exist.',
    actions: [
      'lambda:GetFunction',
      'lambda:GetFunctionConfiguration',
      'lambda:ListFunctions',
      'lambda:UpdateFunctionCode',
      'lambda:UpdateFunctionConfiguration',
      'lambda:PublishVersion',
      'lambda:UpdateAlias',
    ],
    deny: ['lambda:DeleteFunction', 'lambda:AddPermission'],
  },
  {
    id: 'gcp-storage-read',
    cloud: 'gcp',
    name: 'Read storage',
    description: 'List and read objects of Cloud Storage.',
    actions: ['storage.objects.get', 'storage.objects.list'],
    deny: [],
  },
  {
    id: 'gcp-storage-write',
    cloud: 'gcp',
    name: 'Read and write storage',
    description: 'The same, and create and delete objects.',
    actions: [
      'storage.objects.get',
      'storage.objects.list',
      'storage.objects.create',
      'storage.objects.delete',
    ],
    deny: [],
  },
  {
    id: 'gcp-logs-read',
    cloud: 'gcp',
    name: 'Read logs',
    description: 'Find and read entries of Cloud Logging.',
    actions: ['logging.logEntries.list', 'logging.logs.list'],
    deny: [],
  },
  {
    id: 'azure-storage-read',
    cloud: 'azure',
    name: 'Read storage',
    description: 'See storage accounts and containers.',
    actions: [
      'Microsoft.Storage/storageAccounts/read',
      'Microsoft.Storage/storageAccounts/blobServices/containers/read',
    ],
    deny: [],
  },
  {
    id: 'azure-resources-read',
    cloud: 'azure',
    name: 'See resources',
    description: 'See resource groups and what is in them.',
    actions: [
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      'Microsoft.Resources/subscriptions/resources/read',
    ],
    deny: [],
  },
];

const Line = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
const ProfileSchema: v.GenericSchema<unknown, PolicyProfile> = v.object({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower case letters, digits and "-"')),
  cloud: v.picklist(clouds),
  name: Line,
  description: v.optional(v.pipe(v.string(), v.maxLength(200)), ''),
  actions: v.pipe(v.array(v.string()), v.minLength(1)),
  deny: v.optional(v.array(v.string()), []),
});

/**
 * The profiles that there are: the built-in ones, then those of a person's settings, which may replace a built-in one
 * by taking its id. What cannot be used is named and left out.
 *
 * @param own what the settings hold, as it was read
 */
export function policyProfiles(own: readonly unknown[]): {
  profiles: readonly PolicyProfile[];
  problems: Problem[];
} {
  const profiles = new Map(builtIn.map((profile) => [profile.id, profile]));
  const problems: Problem[] = [];
  const taken = new Set<string>();
  for (const [index, row] of own.entries()) {
    const parsed = v.safeParse(ProfileSchema, row);
    const reason = parsed.success ? faultOf(parsed.output, taken) : shapeFault(parsed.issues[0]);
    if (parsed.success && reason === null) {
      taken.add(parsed.output.id);
      profiles.set(parsed.output.id, parsed.output);
    } else {
      problems.push({ source: `Profile ${index + 1} in settings`, reason: reason ?? '' });
    }
  }
  return { profiles: [...profiles.values()], problems };
}

function faultOf(profile: PolicyProfile, taken: ReadonlySet<string>): string | null {
  if (taken.has(profile.id)) return 'Another profile has its id.';
  const [first] = policyProblems(profile.cloud, { ...profile, resources: [], sourceIps: [] });
  return first ? `${first.failure.title} ${first.failure.hint}` : null;
}

function shapeFault(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? 'The profile'} should be ${issue.expected ?? 'something else'}.`;
}
