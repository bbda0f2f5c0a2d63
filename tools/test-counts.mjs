// Reads vitest's JSON report and prints its counts on one line: `N passed, N failed[, N skipped]`. A test file that
// could not run at all counts as one failure, and so does each further failure given as the argument.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './setup.mjs'

function report() {
  try {
    return JSON.parse(readFileSync(join(root, 'node_modules/.cache/vitest-results.json'), 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] }
  }
}

const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = report()
const unrun = testResults.filter(
  ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
)
const failed = numFailedTests + unrun.length + Number(process.argv[2] ?? 0)
const skipped = numPendingTests + numTodoTests
process.stdout.write(`${numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
