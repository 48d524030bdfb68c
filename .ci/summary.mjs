// Prints what failed, and "N passed, N failed, N skipped", from vitest's JSON report; fails where a test failed, was skipped or
// never ran.
import { readFileSync } from 'node:fs';

const report = read(process.argv[2]);
const passed = report.numPassedTests;
// A file that cannot even be loaded fails without a test of its own.
const broken = report.testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some(isFailed),
);
const failed = report.numFailedTests + broken.length;
const skipped = report.numPendingTests + report.numTodoTests;

for (const { name, message } of broken) console.log(` !     failed: ${name}\n${excerpt([message])}`);
for (const { fullName, failureMessages } of testsOf(isFailed)) tell('failed', fullName, failureMessages);
for (const { fullName, failureMessages } of testsOf(isFlaky))
  tell('passed at the second try', fullName, failureMessages);
for (const { fullName } of testsOf(isSkipped)) tell('skipped', fullName, []);
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

function isFlaky({ status, failureMessages }) {
  return status === 'passed' && failureMessages.length > 0;
}

function isSkipped({ status }) {
  return ['pending', 'skipped', 'todo'].includes(status);
}

function testsOf(wanted) {
  return report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(wanted));
}

function tell(what, name, messages) {
  console.log(` !     ${what}: ${name}`);
  if (messages.length > 0) console.log(excerpt(messages));
}

function excerpt(messages) {
  return messages
    .join('\n')
    .split('\n')
    .filter((line) => !line.includes('node_modules'))
    .map((line) => `         ${line.slice(0, 1000)}`)
    .slice(0, 20)
    .join('\n');
}
