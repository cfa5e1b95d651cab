import { TouchstoneError } from '@touchstone/client';
import { expect, test } from 'vitest';
import { BadInput, exitCodeOf, explainFailure, Failure, Interrupted } from './failure.ts';

test.each([
  [new BadInput('x'), 2],
  [new TouchstoneError('BAD_REQUEST', 'x', 400), 2],
  [new TouchstoneError('INVALID', 'x', 422), 2],
  [new TouchstoneError('TOO_LARGE', 'x', 413), 2],
  [new TouchstoneError('NOT_FOUND', 'x', 404), 1],
  [new TouchstoneError('CONFLICT', 'x', 409), 1],
  [new TouchstoneError('UNREACHABLE', 'x', 0), 1],
  [new TouchstoneError('INTERNAL_SERVER_ERROR', 'x', 500), 1],
  [new Failure('x'), 1],
  [new Interrupted('x'), 130],
  [new TypeError('x'), 1],
])('exit code of %o', (error, code) => {
  expect(exitCodeOf(error)).toBe(code);
});

test('a failure is its message alone, a defect comes with its stack', () => {
  expect(explainFailure(new Failure('Do this.'))).toBe('Do this.');
  expect(explainFailure(new TypeError('x'))).toContain('failure.test.ts');
  expect(explainFailure(new TouchstoneError('UNREACHABLE', 'No answer.', 0))).toBe(
    'No answer. Start it with `npm start`.',
  );
});
