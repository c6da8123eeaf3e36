import { checkPolicy, type SessionPolicy } from './policy.ts';

/** A Credential Access Boundary as the token exchange takes it (`options` of a downscoped credential). */
export interface AccessBoundary {
  readonly accessBoundary: { readonly accessBoundaryRules: readonly BoundaryRule[] };
}

export interface BoundaryRule {
  readonly availableResource: string;
  readonly availablePermissions: readonly string[];
  readonly availabilityCondition?: { readonly expression: string };
}

/** What of a policy a boundary can hold. `gaps` say in words what it leaves open. */
export type BoundaryFit =
  | { readonly kind: 'whole'; readonly boundary: AccessBoundary }
  | { readonly kind: 'wider'; readonly boundary: AccessBoundary; readonly gaps: readonly string[] }
  | { readonly kind: 'none'; readonly gaps: readonly string[] };

/** A boundary has at most ten rules. */
const mostRules = 10;
const bucketPattern =
  /^\/\/storage\.googleapis\.com\/projects\/_\/buckets\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/objects\/(.+))?$/;

/** The one role that is a single permission. All others also hold some on folders and uploads. */
const exactRole = 'roles/storage.legacyObjectReader';

/**
 * What the predefined roles of Cloud Storage give on buckets and objects, from the narrow to the wide. A boundary
 * names roles and not permissions, so that the narrowest ones that hold the permissions are looked for here.
 */
const roles: Record<string, readonly string[]> = {
  [exactRole]: ['storage.objects.get'],
  'roles/storage.objectCreator': ['storage.objects.create'],
  'roles/storage.legacyBucketReader': ['storage.buckets.get', 'storage.objects.list'],
  'roles/storage.objectViewer': ['storage.objects.get', 'storage.objects.list'],
  'roles/storage.legacyBucketWriter': [
    'storage.buckets.get',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
  ],
  'roles/storage.objectUser': [
    'storage.objects.get',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
    'storage.objects.update',
  ],
  'roles/storage.objectAdmin': [
    'storage.objects.get',
    'storage.objects.list',
    'storage.objects.create',
    'storage.objects.delete',
    'storage.objects.update',
    'storage.objects.getIamPolicy',
    'storage.objects.setIamPolicy',
  ],
};

/**
 * The boundary that narrows a token of Google Cloud to a policy. Boundaries exist for Cloud Storage only, per bucket
 * or per prefix of object names; a token whose policy asks for anything else cannot be narrowed.
 *
 * @throws LanyardError of `checkPolicy`
 */
export function boundaryFor(policy: SessionPolicy): BoundaryFit {
  checkPolicy('gcp', policy);
  const wanted = [...new Set(policy.actions)].filter((action) => !policy.deny.includes(action));
  const buckets = [...new Set(policy.resources)];
  const chosen = narrowestRoles(wanted);
  const reasons = [
    ...(chosen === null ? ['Google Cloud narrows access to objects of Cloud Storage only.'] : []),
    ...(buckets.length === 0
      ? ['Google Cloud narrows access to named buckets only, and none is named.']
      : []),
    ...(buckets.some((resource) => !bucketPattern.test(resource))
      ? ['Google Cloud narrows access to buckets and prefixes of objects only.']
      : []),
    ...(buckets.length > mostRules ? [`Google Cloud narrows access to at most ${mostRules} buckets.`] : []),
    ...(wanted.length === 0 ? ['Every action is denied.'] : []),
  ];
  if (chosen === null || reasons.length > 0) return { kind: 'none', gaps: reasons };

  const boundary = {
    accessBoundary: { accessBoundaryRules: buckets.map((resource) => ruleFor(resource, chosen)) },
  };
  const extra = [...new Set(chosen.flatMap((role) => roles[role] ?? []))].filter(
    (permission) => !wanted.includes(permission),
  );
  const wide = chosen.filter((role) => role !== exactRole);
  const gaps = [
    ...(wide.length === 0
      ? []
      : [`Google Cloud narrows to roles: ${wide.join(', ')}, with their folders and uploads.`]),
    ...(extra.length === 0 ? [] : [`They also give ${extra.join(', ')}.`]),
    ...(policy.sourceIps.length === 0 ? [] : ['Google Cloud does not narrow by address.']),
  ];
  return gaps.length === 0 ? { kind: 'whole', boundary } : { kind: 'wider', boundary, gaps };
}

/** The roles that together hold all permissions and the fewest others; null when there are none. */
function narrowestRoles(wanted: readonly string[]): string[] | null {
  const names = Object.keys(roles);
  let best: { roles: string[]; extra: number } | null = null;
  for (let set = 1; set < 1 << names.length; set++) {
    const candidate = names.filter((_, index) => set & (1 << index));
    const given = new Set(candidate.flatMap((role) => roles[role] ?? []));
    if (!wanted.every((permission) => given.has(permission))) continue;
    const extra = given.size - wanted.length;
    const better =
      best === null || extra < best.extra || (extra === best.extra && candidate.length < best.roles.length);
    if (better) best = { roles: candidate, extra };
  }
  return best?.roles ?? null;
}

function ruleFor(resource: string, chosen: readonly string[]): BoundaryRule {
  const [, bucket = '', prefix] = bucketPattern.exec(resource) ?? [];
  const rule = {
    availableResource: `//storage.googleapis.com/projects/_/buckets/${bucket}`,
    availablePermissions: chosen.map((role) => `inRole:${role}`),
  };
  if (prefix === undefined || prefix === '*') return rule;
  const start = prefix.replace(/\*$/, '');
  const name = literal(`projects/_/buckets/${bucket}/objects/${start}`);
  // Listing has no object to look at: its prefix is an attribute of the request.
  const listed = `api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith(${literal(start)})`;
  return {
    ...rule,
    availabilityCondition: { expression: `resource.name.startsWith(${name}) || ${listed}` },
  };
}

/** A string of the Common Expression Language. */
function literal(text: string): string {
  return `'${text.replace(/[\\']/g, (sign) => `\\${sign}`)}'`;
}
