/** Reads how many tests passed, failed and were skipped from the reports of the test runners. */
import { existsSync, readFileSync } from 'node:fs';

/** From vitest's JSON reporter; null when there is no report. */
export function readVitest(file) {
  return readReport(file, (text) => {
    const report = JSON.parse(text);
    const brokenFiles = report.testResults.filter(
      (one) => one.status === 'failed' && one.assertionResults.length === 0,
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + brokenFiles.length,
      skipped: report.numPendingTests + (report.numTodoTests ?? 0),
    };
  });
}

/** From pytest's JUnit XML. */
export function readJunit(file) {
  return readReport(file, (text) => {
    const suite = /<testsuite\b[^>]*>/.exec(text)?.[0] ?? '';
    const count = (name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? 0);
    const failed = count('failures') + count('errors');
    return { passed: count('tests') - failed - count('skipped'), failed, skipped: count('skipped') };
  });
}

/** From Playwright's JSON reporter. */
export function readPlaywright(file) {
  return readReport(file, (text) => {
    const { stats, errors } = JSON.parse(text);
    return { passed: stats.expected + stats.flaky, failed: stats.unexpected + errors.length, skipped: stats.skipped };
  });
}

export function addCounts(totals, counts) {
  for (const name of ['passed', 'failed', 'skipped']) totals[name] += counts[name];
}

export function formatCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function readReport(file, read) {
  if (!existsSync(file)) return null;
  try {
    return read(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(`${file} could not be read: ${error.message}`);
    return null;
  }
}
