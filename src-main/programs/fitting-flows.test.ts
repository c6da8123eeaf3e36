import { describe, expect, it } from 'vitest';
import { aws } from '../providers/aws.ts';
import { github } from '../providers/github.ts';
import { defaultFlow, fittingFirst } from './fitting-flows.ts';

const installed = (version: string | null) => ({ missing: false, version });
const missing = { missing: true, version: null };

describe('X-6: the way that Connect takes fits the program that is installed', () => {
  it.each([
    [github, '2.23.0', 'device-before-2.26'],
    [github, '2.25.9', 'device-before-2.26'],
    [github, '2.26.0', 'device'],
    [github, '2.81.0', 'device'],
    [github, null, 'device'],
    [github, 'next', 'device'],
    [aws, '2.9.19', 'device-before-2.22'],
    [aws, '2.22.0', 'device'],
    [aws, null, 'device'],
  ])('$id %s: %s', (provider, version, expected) => {
    expect(defaultFlow(provider.flows, installed(version))?.id).toBe(expected);
  });

  it('C-12: where the program is missing, a way without it', () => {
    expect(defaultFlow(aws.flows, missing)?.id).toBe('identity-center');
    expect(fittingFirst(aws.flows, missing)).toHaveLength(aws.flows.length);
    expect(defaultFlow(github.flows, missing)?.id).toBe('device');
  });

  it('none fits: the first, which then says why', () => {
    const flows = github.flows.map((flow) => ({ ...flow, needs: '>=9' }));
    expect(defaultFlow(flows, installed('2.23.0'))?.id).toBe('device');
    expect(defaultFlow([], installed('2.23.0'))).toBeUndefined();
  });

  it('those that do not fit come last', () => {
    expect(fittingFirst(aws.flows, installed('2.9.19')).map(({ id }) => id)).toEqual([
      'device-before-2.22',
      'identity-center',
      'device',
      'browser',
    ]);
    expect(fittingFirst(aws.flows, installed('2.30.1')).map(({ id }) => id)).toEqual([
      'device',
      'browser',
      'identity-center',
      'device-before-2.22',
    ]);
  });
});
