import type {
  CloudName,
  OpenSessionForm,
  PolicyAnswer,
  PrincipalKind,
} from '../../src-preload/contract/sessions.ts';
import { type LimitUnit, limitUnits } from './session-usage.ts';
import { coverageWords } from './session-words.ts';

/** What was typed into the New session sheet, as it was typed. Kept while the sheet is closed. */
export interface SessionDraft {
  bundleId: string;
  sourceId: string;
  awsAccountId: string;
  roleName: string;
  /** Empty until the source is known. */
  principal: PrincipalKind | '';
  roleArn: string;
  externalId: string;
  sourceIdentity: string;
  email: string;
  subscription: string;
  resource: string;
  /** Empty for none. */
  profileId: string;
  actions: string[];
  deny: string[];
  resources: string[];
  sourceIps: string[];
  /** Each `key=value`. */
  tags: string[];
  region: string;
  /** Seconds as text, or `own`. */
  ttl: string;
  ownTtl: string;
  /** Empty for what the cloud does by itself. */
  credentialSeconds: '' | '900' | '3600';
  limits: Record<LimitUnit, string>;
  estimate: string;
  mayReuse: boolean;
  acceptNotNarrowed: boolean;
}

/** Lists of the policy, each with one row per entry. */
export type PolicyList = 'actions' | 'deny' | 'resources' | 'sourceIps';

export const emptyDraft = (bundleId: string): SessionDraft => ({
  bundleId,
  sourceId: '',
  awsAccountId: '',
  roleName: '',
  principal: '',
  roleArn: '',
  externalId: '',
  sourceIdentity: '',
  email: '',
  subscription: '',
  resource: 'https://management.azure.com',
  profileId: '',
  actions: [''],
  deny: [''],
  resources: [''],
  sourceIps: [''],
  tags: [''],
  region: '',
  ttl: '3600',
  ownTtl: '',
  credentialSeconds: '',
  limits: { minutes: '', credentialRequests: '', renewals: '', commands: '' },
  estimate: '',
  mayReuse: true,
  acceptNotNarrowed: false,
});

/** Rows that say something, trimmed, each with the number of the row that it stands in. */
export function entriesOf(rows: readonly string[]): { entries: string[]; rowOf: number[] } {
  const filled = rows.flatMap((row, index) => (row.trim() === '' ? [] : [{ text: row.trim(), index }]));
  return { entries: filled.map(({ text }) => text), rowOf: filled.map(({ index }) => index) };
}

/** Several entries that were pasted into one row; at least one. */
export function splitPasted(text: string): string[] {
  const parts = text
    .split(/[\s,;]+/)
    .map((part) => part.replace(/^["']|["']$/g, ''))
    .filter((part) => part !== '');
  return parts.length === 0 ? [''] : parts;
}

/** The policy as it stands in the draft. */
export function policyOf(draft: SessionDraft, cloud: CloudName) {
  return {
    cloud,
    ...(draft.profileId === '' ? {} : { profileId: draft.profileId }),
    actions: entriesOf(draft.actions).entries,
    deny: entriesOf(draft.deny).entries,
    resources: entriesOf(draft.resources).entries,
    sourceIps: entriesOf(draft.sourceIps).entries,
  };
}

/** What is said of one row of a list. */
export interface RowNote {
  text: string;
  tone: 'quiet' | 'warn' | 'bad';
}

/** What main said of each row of a list, and of the list as a whole. */
export function notesOf(
  answer: PolicyAnswer | null,
  list: PolicyList,
  rows: readonly string[],
): { rows: Map<number, RowNote>; whole: string[] } {
  const { entries, rowOf } = entriesOf(rows);
  const notes = new Map<number, RowNote>();
  const whole: string[] = [];
  if (answer === null) return { rows: notes, whole };
  for (const { field, action, ...coverage } of answer.coverage) {
    if (field !== list) continue;
    const words = coverageWords({ field, action, ...coverage });
    entries.forEach((entry, at) => {
      if (words && entry === action) notes.set(rowOf[at] ?? -1, words);
    });
  }
  for (const { field, index, failure } of answer.problems) {
    if (field !== list) continue;
    const row = index === null ? undefined : rowOf[index];
    const text = `${failure.title} ${failure.hint}`;
    if (row === undefined) whole.push(text);
    else notes.set(row, { text, tone: 'bad' });
  }
  return { rows: notes, whole };
}

export type DraftField =
  | 'sourceId'
  | 'awsAccountId'
  | 'roleName'
  | 'roleArn'
  | 'email'
  | 'subscription'
  | 'resource'
  | 'tags'
  | 'ownTtl'
  | 'estimate'
  | 'acceptNotNarrowed'
  | LimitUnit;

export type DraftProblems = Partial<Record<DraftField, string>>;

/** Where a draft goes to: its cloud, and whether an account and role have to be picked first. */
export interface DraftTarget {
  cloud: CloudName;
  picksRole: boolean;
}

/** The draft as a request, or what is missing from it. What is right for a cloud is main's to say. */
export function requestOf(
  draft: SessionDraft,
  target: DraftTarget | null,
): { request: OpenSessionForm } | { problems: DraftProblems } {
  const problems: DraftProblems = {};
  if (target === null) problems.sourceId = 'Choose where its credentials come from.';
  if (target?.picksRole && draft.awsAccountId === '') problems.awsAccountId = 'Choose an account.';
  if (target?.picksRole && draft.roleName === '') problems.roleName = 'Choose a role.';
  const principal = principalOf(draft, problems);
  const limits: OpenSessionForm['limits'] = {};
  for (const unit of limitUnits) {
    const count = countOf(draft.limits[unit]);
    if (count === 'wrong') problems[unit] = 'Write a whole number from 1, or nothing.';
    else if (count !== null) limits[unit] = count;
  }
  const estimate = draft.estimate.trim() === '' ? null : Number(draft.estimate);
  if (estimate !== null && !(estimate >= 0 && estimate <= 1_000_000)) {
    problems.estimate = 'Write an amount such as 2.50, or nothing.';
  }
  const tags = tagsOf(draft.tags);
  if (tags === null) problems.tags = 'Write each tag as key=value.';
  if (draft.ttl === 'own' && draft.ownTtl.trim() === '')
    problems.ownTtl = 'Write a length of time, such as 45m.';
  if (target === null || principal === null || tags === null || Object.keys(problems).length > 0) {
    return { problems };
  }
  return {
    request: {
      ...policyOf(draft, target.cloud),
      bundleId: draft.bundleId,
      sourceId: draft.sourceId,
      principal,
      ...(target.picksRole
        ? { baseRole: { awsAccountId: draft.awsAccountId, roleName: draft.roleName } }
        : {}),
      ...(draft.region.trim() === '' ? {} : { region: draft.region.trim() }),
      tags,
      ttl: draft.ttl === 'own' ? draft.ownTtl.trim() : draft.ttl,
      limits,
      ...(estimate === null ? {} : { estimate }),
      ...(draft.credentialSeconds === ''
        ? {}
        : { credentialSeconds: draft.credentialSeconds === '900' ? 900 : 3600 }),
      mayReuse: draft.mayReuse,
      acceptNotNarrowed: draft.acceptNotNarrowed,
    },
  };
}

function principalOf(draft: SessionDraft, problems: DraftProblems): OpenSessionForm['principal'] | null {
  const needed = (field: 'roleArn' | 'email' | 'subscription' | 'resource', text: string): string => {
    const value = draft[field].trim();
    if (value === '') problems[field] = text;
    return value;
  };
  switch (draft.principal) {
    case 'role': {
      const [externalId, sourceIdentity] = [draft.externalId.trim(), draft.sourceIdentity.trim()];
      return {
        kind: 'role',
        arn: needed('roleArn', 'Write the ARN of the role.'),
        ...(externalId === '' ? {} : { externalId }),
        ...(sourceIdentity === '' ? {} : { sourceIdentity }),
      };
    }
    case 'service-account':
      return {
        kind: 'service-account',
        email: needed('email', 'Write the email address of the service account.'),
      };
    case 'azure-token':
      return {
        kind: 'azure-token',
        subscription: needed('subscription', 'Write the id of the subscription.'),
        resource: needed('resource', 'Write the address of the resource.'),
      };
    case 'federated-user':
    case 'own-user':
      return { kind: draft.principal };
    case '':
      return null;
  }
}

/** A limit as typed: none, a whole number, or something else. */
function countOf(text: string): number | null | 'wrong' {
  const clean = text.trim();
  if (clean === '') return null;
  const count = Number(clean);
  return /^\d{1,7}$/.test(clean) && count >= 1 && count <= 1_000_000 ? count : 'wrong';
}

/** Tags as typed; `null` when one of them is no pair. */
function tagsOf(rows: readonly string[]): Record<string, string> | null {
  const pairs = entriesOf(rows).entries.map((entry) => {
    const at = entry.indexOf('=');
    return [entry.slice(0, Math.max(0, at)).trim(), entry.slice(at + 1).trim()] as const;
  });
  return pairs.some(([key]) => key === '') ? null : Object.fromEntries(pairs);
}
