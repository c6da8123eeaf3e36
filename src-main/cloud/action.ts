import { LanyardError } from '../failures.ts';

export const clouds = ['aws', 'gcp', 'azure'] as const;
export type Cloud = (typeof clouds)[number];

/** One permission in its cloud's own syntax, in two parts: what stands before the first separator, and the rest. */
export interface CloudAction {
  readonly cloud: Cloud;
  /** `s3`, `storage`, `Microsoft.Storage`; never with a wildcard. */
  readonly service: string;
  /** `GetObject`, `objects.get`, `storageAccounts/read`; may hold wildcards, as far as its cloud knows them. */
  readonly name: string;
}

const grammars: Record<Cloud, { separator: string; service: RegExp; name: RegExp; example: string }> = {
  aws: {
    separator: ':',
    service: /^[A-Za-z0-9-]{1,64}$/,
    name: /^[A-Za-z0-9*?-]{1,128}$/,
    example: 's3:GetObject',
  },
  gcp: {
    separator: '.',
    service: /^[a-z][A-Za-z0-9-]{0,63}$/,
    // Google's roles know no patterns: a permission is written in full.
    name: /^[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)+$/,
    example: 'storage.objects.get',
  },
  azure: {
    separator: '/',
    service: /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z0-9]+)*$/,
    name: /^(\*|[A-Za-z0-9._-]+)(\/(\*|[A-Za-z0-9._-]+))*$/,
    example: 'Microsoft.Storage/storageAccounts/read',
  },
};

const longest = 256;

/**
 * C-7: reads an action as it is written in its cloud; {@link renderAction} gives the same text back.
 *
 * @throws LanyardError `invalid_action`, and `wildcard_service` where the service itself is a pattern
 */
export function parseAction(cloud: Cloud, text: string): CloudAction {
  const { separator, service: servicePattern, name: namePattern, example } = grammars[cloud];
  const at = text.indexOf(separator);
  const service = at === -1 ? text : text.slice(0, at);
  const name = at === -1 ? '' : text.slice(at + 1);
  if (/[*?]/.test(service)) {
    throw new LanyardError({
      code: 'wildcard_service',
      title: `"${shown(text)}" is for every service.`,
      hint: `Name the service, as in ${example}.`,
    });
  }
  if (text.length > longest || !servicePattern.test(service) || !namePattern.test(name)) {
    throw new LanyardError({
      code: 'invalid_action',
      title: `"${shown(text)}" is not an action.`,
      hint:
        cloud === 'gcp' && text.includes('*')
          ? `Google Cloud knows no wildcards in permissions: write each in full, such as ${example}.`
          : `Write it as ${example}.`,
    });
  }
  return { cloud, service, name };
}

/** The text that {@link parseAction} read, unchanged. */
export function renderAction(action: CloudAction): string {
  return `${action.service}${grammars[action.cloud].separator}${action.name}`;
}

/** A text that somebody wrote, as far as a title can show it. */
function shown(text: string): string {
  const clean = text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}
