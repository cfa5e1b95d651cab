import { expect, test } from 'vitest';
import { localPath, signInAddress } from './paths.ts';

test.each([
  ['/jobs?kind=inference#log', '/jobs?kind=inference#log'],
  ['/experiments/1', '/experiments/1'],
  ['https://example.com/', '/home'],
  ['//example.com/', '/home'],
  ['/\\example.com', '/home'],
  ['/./\\example.com', '/home'],
  ['/\t/example.com', '/home'],
  ['/.//example.com', '/home'],
  ['javascript:alert(1)', '/home'],
  ['', '/home'],
  [null, '/home'],
])('localPath(%j) is %s', (value, path) => expect(localPath(value, '/home')).toBe(path));

test('the sign-in page leads back to where one was', () => {
  const address = signInAddress({ pathname: '/jobs', search: '?kind=inference' });
  expect(localPath(new URL(address, 'http://localhost').searchParams.get('next'), '/')).toBe('/jobs?kind=inference');
});
