// Adds up the result files of vitest runs and failed steps, and prints `N passed, N failed`.
import { readFileSync } from 'node:fs'

const [failedSteps = '0', ...files] = process.argv.slice(2)
let passed = 0
let failed = Number(failedSteps)
for (const file of files) {
  const run = read(file)
  if (!run) failed++
  else {
    passed += run.numPassedTests
    failed += run.numFailedTests + suitesWithoutTests(run)
    if (!run.success && run.numFailedTests === 0 && suitesWithoutTests(run) === 0) failed++
  }
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1

function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    console.error(`${file}: no result of a test run`)
    return undefined
  }
}

/** Counts test files that broke before their first test, which vitest does not count as failed tests. */
function suitesWithoutTests(run) {
  return run.testResults.filter(suite => suite.status === 'failed' && suite.assertionResults.length === 0).length
}
