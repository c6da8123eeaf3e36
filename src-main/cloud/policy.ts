import { isIP } from 'node:net';
import { LanyardError } from '../failures.ts';
import { type Cloud, parseAction } from './action.ts';

/** What a session may do. Texts are kept as they were written. */
export interface SessionPolicy {
  readonly actions: readonly string[];
  /** What it may not do although an action covers it (C-9). */
  readonly deny: readonly string[];
  /** AWS ARNs, Google Cloud full resource names, Azure resource ids; empty for all. */
  readonly resources: readonly string[];
  /** Addresses or CIDR ranges that requests must come from; empty for any. */
  readonly sourceIps: readonly string[];
}

/** Where in a policy something is wrong, for the field that holds it. */
export interface PolicyProblem {
  readonly field: keyof SessionPolicy;
  /** Of the entry in its list; null for the list itself. */
  readonly index: number | null;
  readonly failure: LanyardError['failure'];
}

const longestResource = 1024;
const mostEntries = 500;

const resourceForms: Record<Cloud, { pattern: RegExp; example: string }> = {
  aws: { pattern: /^(\*|arn:aws[a-z-]*:[a-z0-9-]+:[^:]*:[^:]*:.+)$/, example: 'arn:aws:s3:::my-bucket/*' },
  gcp: {
    pattern: /^\/\/[a-z0-9.-]+\.googleapis\.com\/.+$/,
    example: '//storage.googleapis.com/projects/_/buckets/my-bucket',
  },
  azure: {
    pattern: /^\/subscriptions\/[^/]+(\/.+)?$/i,
    example: '/subscriptions/<id>/resourceGroups/my-group',
  },
};

/** All that is wrong with a policy, entry by entry; nothing when it may be issued. */
export function policyProblems(cloud: Cloud, policy: SessionPolicy): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const check = (field: keyof SessionPolicy, test: (entry: string) => void): void => {
    policy[field].forEach((entry, index) => {
      try {
        test(entry);
      } catch (error) {
        if (!(error instanceof LanyardError)) throw error;
        problems.push({ field, index, failure: error.failure });
      }
    });
    if (policy[field].length > mostEntries) {
      problems.push({
        field,
        index: null,
        failure: {
          code: 'too_many_entries',
          title: 'There are too many entries.',
          hint: `Use at most ${mostEntries}.`,
        },
      });
    }
  };
  // An Azure token cannot be narrowed, with actions or without.
  if (policy.actions.length === 0 && cloud !== 'azure') {
    problems.push({
      field: 'actions',
      index: null,
      failure: {
        code: 'no_actions',
        title: 'The session could do nothing.',
        hint: 'Choose a profile or name at least one action.',
      },
    });
  }
  check('actions', (entry) => parseAction(cloud, entry));
  check('deny', (entry) => parseAction(cloud, entry));
  check('resources', (entry) => checkResource(cloud, entry));
  check('sourceIps', checkRange);
  return problems;
}

/** @throws LanyardError the first of {@link policyProblems} */
export function checkPolicy(cloud: Cloud, policy: SessionPolicy): void {
  const [first] = policyProblems(cloud, policy);
  if (first) throw new LanyardError(first.failure);
}

function checkResource(cloud: Cloud, text: string): void {
  const { pattern, example } = resourceForms[cloud];
  if (text.length <= longestResource && pattern.test(text) && !/[\p{Cc}\u2028\u2029]|^\s|\s$/u.test(text))
    return;
  throw new LanyardError({
    code: 'invalid_resource',
    title: 'This is not a resource.',
    hint: `Write it as ${example}.`,
  });
}

/** An address, or one with the number of its leading bits that count. */
function checkRange(text: string): void {
  const [address = '', bits, ...more] = text.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const bitsFit = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= longest);
  if (version !== 0 && !address.includes('%') && bitsFit && more.length === 0) return;
  throw new LanyardError({
    code: 'invalid_source_ip',
    title: 'This is not an address range.',
    hint: 'Write it as 203.0.113.0/24.',
  });
}
