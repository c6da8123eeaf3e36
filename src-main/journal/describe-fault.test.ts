import { expect, it } from 'vitest';
import { describeFault } from './describe-fault.ts';

it('says class, code and place, never the message', () => {
  const error = Object.assign(new TypeError('token\n    at ghs_1234:1:1'), { code: 'EACCES' });
  const described = describeFault(error);
  expect(described).toEqual({
    error: 'TypeError',
    code: 'EACCES',
    thrownAt: expect.stringContaining('describe-fault.test.ts'),
  });
  expect(JSON.stringify(described)).not.toContain('ghs_');
  expect(describeFault('text')).toEqual({ error: 'string' });
});
