import { expect, it } from 'vitest';
import { couldNotSave } from './failures.ts';

it('what could not be saved says what, why by the system’s own name, and what to do', () => {
  const cause = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
  const error = couldNotSave('The list could not be saved.', cause);
  expect(error.failure).toEqual({
    code: 'could_not_save',
    title: 'The list could not be saved.',
    hint: expect.stringContaining('disk'),
    detail: 'ENOSPC',
  });
  expect(error.cause).toBe(cause);
  expect(couldNotSave('It could not be saved.', new Error('no')).failure.detail).toBeUndefined();
});
