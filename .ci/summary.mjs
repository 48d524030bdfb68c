// Prints "N passed, N failed, N skipped" from vitest's JSON report; fails where a test failed, was skipped or never ran.
import { readFileSync } from 'node:fs';

const report = read(process.argv[2]);
const passed = report.numPassedTests;
// A file that cannot even be loaded fails without a test of its own.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailed),
);
const failed = report.numFailedTests + broken.length;
const skipped = report.numPendingTests + report.numTodoTests;

for (const name of namesOf('pending').concat(namesOf('todo'))) console.log(` !     skipped: ${name}`);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = passed > 0 && failed + skipped === 0 ? 0 : 1;

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
  }
}

function isFailed({ status }) {
  return status === 'failed';
}

function namesOf(wanted) {
  return report.testResults.flatMap(({ assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === wanted || (wanted === 'pending' && status === 'skipped'))
      .map(({ fullName }) => fullName),
  );
}
