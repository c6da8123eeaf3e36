import { describe, expect, it } from 'vitest';
import { aws } from '../providers/aws.ts';
import { github } from '../providers/github.ts';
import { defaultFlow, fittingFirst } from './fitting-flows.ts';

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
  ])('$id %s: %s', (provider, version, expected) => {
    expect(defaultFlow(provider.flows, version)?.id).toBe(expected);
  });

  it('none fits: the first, which then says why', () => {
    const flows = github.flows.map((flow) => ({ ...flow, needs: '>=9' }));
    expect(defaultFlow(flows, '2.23.0')?.id).toBe('device');
    expect(defaultFlow([], '2.23.0')).toBeUndefined();
  });

  it('those that do not fit come last', () => {
    expect(fittingFirst(aws.flows, '2.9.19').map(({ id }) => id)).toEqual([
      'device-before-2.22',
      'device',
      'browser',
    ]);
    expect(fittingFirst(aws.flows, '2.30.1').map(({ id }) => id)).toEqual([
      'device',
      'browser',
      'device-before-2.22',
    ]);
  });
});
