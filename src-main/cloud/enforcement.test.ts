import { describe, expect, it } from 'vitest';
import { checkAccepted, enforcementOf } from './enforcement.ts';
import { boundaryFor } from './gcp-boundary.ts';
import type { SessionPolicy } from './policy.ts';

const bucket = '//storage.googleapis.com/projects/_/buckets/reports';
const none: SessionPolicy = { actions: [], deny: [], resources: [], sourceIps: [] };
const gcp = (actions: string[], changes: Partial<SessionPolicy> = {}): SessionPolicy => ({
  ...none,
  actions,
  resources: [bucket],
  ...changes,
});
const rules = (policy: SessionPolicy) => {
  const fit = boundaryFor(policy);
  return fit.kind === 'none' ? fit.gaps : fit.boundary.accessBoundary.accessBoundaryRules;
};

describe('C-11: enforcement is a state', () => {
  it('C-11: AWS holds a session to its policy, but not what comes from GetSessionToken', () => {
    const policy = { ...none, actions: ['s3:GetObject'] };
    expect(enforcementOf('aws-assume-role', policy)).toEqual({ state: 'enforced' });
    expect(enforcementOf('aws-federation-token', policy)).toEqual({ state: 'enforced' });
    expect(enforcementOf('aws-session-token', policy).state).toBe('not_enforced');
  });

  it('C-11: Azure never does, and it is issued only where that was accepted', () => {
    const enforcement = enforcementOf('azure-token', none);
    expect(enforcement.state).toBe('not_enforced');
    expect(() => checkAccepted(enforcement, false)).toThrow('not_enforced');
    expect(() => checkAccepted(enforcement, true)).not.toThrow();
    expect(() => checkAccepted({ state: 'partly', gaps: ['x'] }, false)).not.toThrow();
  });

  it('C-11: Google Cloud does where roles fit exactly', () => {
    expect(enforcementOf('gcp-impersonation', gcp(['storage.objects.get']))).toEqual({ state: 'enforced' });
    expect(rules(gcp(['storage.objects.get']))).toEqual([
      { availableResource: bucket, availablePermissions: ['inRole:roles/storage.legacyObjectReader'] },
    ]);
    const both = gcp(['storage.objects.list', 'storage.objects.get', 'storage.objects.get']);
    expect(enforcementOf('gcp-impersonation', both)).toEqual({
      state: 'partly',
      gaps: ['Google Cloud narrows to roles: roles/storage.objectViewer, with their folders and uploads.'],
    });
    expect(rules(both)).toMatchObject([{ availablePermissions: ['inRole:roles/storage.objectViewer'] }]);
  });

  it('C-9, C-11: what is denied is not in the boundary', () => {
    const policy = gcp(['storage.objects.get', 'storage.objects.list'], { deny: ['storage.objects.list'] });
    expect(rules(policy)).toMatchObject([
      { availablePermissions: ['inRole:roles/storage.legacyObjectReader'] },
    ]);
  });

  it('C-11: a role that gives more is said to', () => {
    expect(enforcementOf('gcp-impersonation', gcp(['storage.objects.list']))).toMatchObject({
      state: 'partly',
      gaps: [
        expect.stringContaining('with their folders'),
        expect.stringMatching(/storage\.(buckets|objects)\.get\./),
      ],
    });
    const narrowed = gcp(['storage.objects.get'], { sourceIps: ['203.0.113.0/24'] });
    expect(enforcementOf('gcp-impersonation', narrowed)).toMatchObject({
      state: 'partly',
      gaps: ['Google Cloud does not narrow by address.'],
    });
  });

  it.each([
    ['another service', gcp(['storage.objects.get', 'logging.logs.list'])],
    ['no bucket', gcp(['storage.objects.get'], { resources: [] })],
    [
      'another kind of resource',
      gcp(['storage.objects.get'], { resources: ['//compute.googleapis.com/projects/p'] }),
    ],
    [
      'eleven buckets',
      gcp(['storage.objects.get'], { resources: [...'abcdefghijk'].map((x) => `${bucket}-${x}`) }),
    ],
    ['everything denied', gcp(['storage.objects.get'], { deny: ['storage.objects.get'] })],
  ])('C-11: Google Cloud does not for %s', (_, policy) => {
    expect(enforcementOf('gcp-impersonation', policy)).toMatchObject({ state: 'not_enforced' });
    expect(boundaryFor(policy)).not.toHaveProperty('boundary');
  });

  it('C-11: a prefix of objects is a condition, and a quote in it stays in its string', () => {
    const [rule] = rules(gcp(['storage.objects.get'], { resources: [`${bucket}/objects/ada's/*`] }));
    expect(rule).toEqual({
      availableResource: bucket,
      availablePermissions: ['inRole:roles/storage.legacyObjectReader'],
      availabilityCondition: {
        expression:
          "resource.name.startsWith('projects/_/buckets/reports/objects/ada\\'s/') || api.getAttribute('storage.googleapis.com/objectListPrefix', '').startsWith('ada\\'s/')",
      },
    });
  });
});
