import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LanyardError } from '../failures.ts';
import { holdsFor } from '../property.fixture.ts';
import { type Cloud, parseAction, renderAction } from './action.ts';

function refusal(cloud: Cloud, text: string): string {
  try {
    parseAction(cloud, text);
    return 'accepted';
  } catch (error) {
    if (error instanceof LanyardError) return error.failure.code;
    throw error;
  }
}

describe('C-7: actions', () => {
  it.each([
    ['aws', 's3:GetObject', 's3', 'GetObject'],
    ['aws', 's3:*', 's3', '*'],
    ['aws', 'ec2:Describe*', 'ec2', 'Describe*'],
    ['aws', 'elasticmapreduce:ListInstance?', 'elasticmapreduce', 'ListInstance?'],
    [
      'aws',
      'vpc-lattice:AssociateViaAWSService-EventsAndStates',
      'vpc-lattice',
      'AssociateViaAWSService-EventsAndStates',
    ],
    ['gcp', 'storage.objects.get', 'storage', 'objects.get'],
    ['gcp', 'container.clusters.getCredentials', 'container', 'clusters.getCredentials'],
    ['azure', 'Microsoft.Storage/storageAccounts/read', 'Microsoft.Storage', 'storageAccounts/read'],
    ['azure', 'Microsoft.Compute/*', 'Microsoft.Compute', '*'],
    ['azure', 'Microsoft.Compute/*/read', 'Microsoft.Compute', '*/read'],
  ] as const)('C-7: %s %s is read and rendered back unchanged', (cloud, text, service, name) => {
    const action = parseAction(cloud, text);
    expect(action).toEqual({ cloud, service, name });
    expect(renderAction(action)).toBe(text);
  });

  it.each([
    ['aws', '*'],
    ['aws', '*:*'],
    ['aws', 's*:GetObject'],
    ['aws', 's?:GetObject'],
    ['gcp', '*'],
    ['gcp', '*.objects.get'],
    ['azure', '*'],
    ['azure', '*/read'],
    ['azure', 'Microsoft.*/read'],
  ] as const)('C-7: %s %s: a wildcard in the service part is refused', (cloud, text) => {
    expect(refusal(cloud, text)).toBe('wildcard_service');
  });

  it.each([
    ['aws', ''],
    ['aws', 's3'],
    ['aws', 's3:'],
    ['aws', ':GetObject'],
    ['aws', 's3:Get Object'],
    ['aws', ' s3:GetObject'],
    ['aws', 's3:GetObject\n'],
    ['aws', 's3:Get"Object'],
    ['aws', 'arn:aws:s3:::bucket'],
    ['aws', `s3:${'a'.repeat(300)}`],
    ['aws', 'storage.objects.get'],
    ['gcp', 'storage'],
    ['gcp', 'storage.objects'],
    ['gcp', 'storage.objects.*'],
    ['gcp', 'storage..get'],
    ['gcp', 's3:GetObject'],
    ['azure', 'Microsoft.Storage'],
    ['azure', 'Microsoft.Storage/'],
    ['azure', 'Microsoft.Storage//read'],
    ['azure', 's3:GetObject'],
  ] as const)('C-7: %s "%s" is no action', (cloud, text) => {
    expect(refusal(cloud, text)).toBe('invalid_action');
  });

  it('C-7: whatever is accepted comes back as it was, and nothing breaks on anything else', async () => {
    const pieces = fc.constantFrom(
      's3',
      'Get',
      '*',
      '?',
      ':',
      '.',
      '/',
      '-',
      '_',
      'a',
      'Z',
      '9',
      ' ',
      '"',
      '\n',
    );
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces, { maxLength: 8 }).map((parts) => parts.join('')),
    );
    await holdsFor(
      'actions',
      { seed: 6001, runs: 3000 },
      fc.tuple(fc.constantFrom<Cloud>('aws', 'gcp', 'azure'), texts),
      ([cloud, text]) => {
        if (refusal(cloud, text) !== 'accepted') return;
        const action = parseAction(cloud, text);
        expect(renderAction(action)).toBe(text);
        expect(action.service).not.toMatch(/[*?]/);
      },
    );
  });
});
