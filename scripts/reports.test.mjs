import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { formatCounts, readJunit, readPlaywright, readVitest } from './reports.mjs';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-reports-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(name, text) {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

test('vitest: a file that could not be loaded counts as a failure', () => {
  const report = {
    numPassedTests: 7,
    numFailedTests: 1,
    numPendingTests: 2,
    numTodoTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{ status: 'passed' }] },
    ],
  };
  expect(readVitest(written('vitest.json', JSON.stringify(report)))).toEqual({ passed: 7, failed: 2, skipped: 3 });
});

test('pytest: errors are failures, skipped tests are not passed', () => {
  const xml =
    '<?xml version="1.0"?><testsuites name="x"><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1"></testsuite></testsuites>';
  expect(readJunit(written('pytest.xml', xml))).toEqual({ passed: 4, failed: 3, skipped: 3 });
});

test('Playwright: errors outside tests are failures', () => {
  const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 }, errors: [{ message: 'global setup' }] };
  expect(readPlaywright(written('e2e.json', JSON.stringify(report)))).toEqual({ passed: 6, failed: 2, skipped: 2 });
});

test('no report, or one cut short, is null', () => {
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(readVitest(join(folder, 'missing.json'))).toBeNull();
  expect(readVitest(written('cut.json', '{"numPassed'))).toBeNull();
  expect(complain).toHaveBeenCalledOnce();
});

test('the last line names skipped tests only where there are some', () => {
  expect(formatCounts({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
  expect(formatCounts({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
});
