import { expect, test } from 'vitest';
import { readAnswer } from './upload-file.ts';

const dataset = {
  id: '6f0f8d4e-0d0c-4d0a-9a52-0b6f3f3c7a11',
  root_id: '6f0f8d4e-0d0c-4d0a-9a52-0b6f3f3c7a11',
  version: 1,
  version_count: 1,
  note: '',
  provenance: { kind: 'uploaded' },
  name: 'dialogues',
  description: '',
  filename: 'dialogues.csv',
  format: 'csv',
  size_bytes: 812,
  sha256: 'a'.repeat(64),
  row_count: 2,
  columns: [{ name: 'examples', blank: 0 }],
  created_at: '2026-11-24T12:00:00.000Z',
  experiment_count: 0,
  job_count: 0,
};

test('the dataset that was made', () => {
  expect(readAnswer(201, JSON.stringify(dataset))).toEqual(dataset);
});

test("a refusal in the server's words", () => {
  const refusal = { error: { code: 'INVALID', message: 'Line 17: 4 fields, but the header has 3.' } };
  expect(() => readAnswer(422, JSON.stringify(refusal))).toThrow('Line 17: 4 fields, but the header has 3.');
});

test.each([
  [413, '<html>too large</html>', 'larger than this Touchstone accepts'],
  [401, '', 'signed out'],
  [502, 'Bad gateway', 'status 502'],
])('status %s from something else than our server', (status, body, message) => {
  expect(() => readAnswer(status, body)).toThrow(message);
});
