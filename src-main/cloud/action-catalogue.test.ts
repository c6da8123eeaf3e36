import { describe, expect, it } from 'vitest';
import { awsActions } from '../../scripts/aws-actions.mjs';
import { parseAction } from './action.ts';
import { catalogueOfActions, coverageOf } from './action-catalogue.ts';

const services: Record<string, string[]> = {
  s3: ['GetObject', 'GetObjectAcl', 'PutObject', 'ListBucket', 'ListAllMyBuckets'],
  'vpc-lattice': ['AssociateViaAWSService-EventsAndStates', 'GetService'],
};
const catalogue = catalogueOfActions(services);
const coverage = (text: string) => coverageOf(parseAction('aws', text), catalogue);

describe('C-7: what an action covers', () => {
  it.each([
    ['s3:GetObject', ['s3:GetObject']],
    ['S3:getobject', ['S3:GetObject']],
    ['s3:GetObject*', ['s3:GetObject', 's3:GetObjectAcl']],
    ['s3:*', services.s3?.map((name) => `s3:${name}`)],
    ['s3:?utObject', ['s3:PutObject']],
    ['s3:*Object', ['s3:GetObject', 's3:PutObject']],
    ['s3:*ist*Bucket*', ['s3:ListBucket', 's3:ListAllMyBuckets']],
    ['vpc-lattice:*-Events*', ['vpc-lattice:AssociateViaAWSService-EventsAndStates']],
  ])('C-7: %s', async (text, actions) => {
    expect(await coverage(text)).toEqual({ kind: 'known', actions });
  });

  it('C-7: unknown services and actions are named', async () => {
    expect(await coverage('s4:GetObject')).toEqual({ kind: 'unknown-service', service: 's4' });
    expect(await coverage('s3:GetObjekt')).toEqual({ kind: 'unknown-action', action: 's3:GetObjekt' });
    expect(await coverage('s3:Del*')).toEqual({ kind: 'unknown-action', action: 's3:Del*' });
  });

  it('C-7: many wildcards take no time', async () => {
    expect(await coverage(`s3:${'*a'.repeat(60)}`)).toMatchObject({ kind: 'unknown-action' });
  });

  it('C-7: with what AWS has: hundreds of services, wildcards counted', async () => {
    const all = catalogueOfActions(await awsActions());
    const covered = async (text: string) => coverageOf(parseAction('aws', text), all);
    const s3 = await covered('s3:*');
    expect(s3.kind === 'known' && s3.actions.length).toBeGreaterThan(100);
    expect(await covered('logs:FilterLogEvents')).toMatchObject({ actions: ['logs:FilterLogEvents'] });
    expect(await covered('ec2:DescribeInstancez')).toMatchObject({ kind: 'unknown-action' });
    expect(await covered('constructor:Get')).toMatchObject({ kind: 'unknown-service' });
  });

  it('C-7: what is no table of actions is refused', () => {
    expect(() => catalogueOfActions({ s3: 'GetObject' })).toThrow();
    expect(() => catalogueOfActions(null)).toThrow();
  });
});
