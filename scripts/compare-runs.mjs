// Fails where a test ran on the embedded database but not on the reference server, save for a list with reasons.
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const [embeddedFile, referenceFile] = process.argv.slice(2)
const embedded = executed(embeddedFile)
const reference = executed(referenceFile)
const exceptions = JSON.parse(readFileSync(resolve(root, 'test/reference-exceptions.json'), 'utf8'))

const fewer = [...embedded.keys()].filter(test => timesRun(reference, test) < timesRun(embedded, test))
const missing = fewer.filter(test => !exceptions.some(exception => excuses(exception, test)))
const stale = exceptions.filter(exception => !exception.reason || !fewer.some(test => excuses(exception, test)))

console.log(
  `embedded ran ${total(embedded)} tests, the reference server ${total(reference)}, excused ${fewer.length - missing.length}`,
)
for (const test of missing) console.error(`did not run on the reference server: ${test}`)
for (const { test } of stale)
  console.error(`test/reference-exceptions.json: not an exception, or without a reason: ${test}`)
process.exitCode = missing.length + stale.length === 0 ? 0 : 1

/** Tells whether an exception is about a test: by its whole name, or by its beginning where it ends in a star. */
function excuses(exception, test) {
  return exception.test.endsWith('*') ? test.startsWith(exception.test.slice(0, -1)) : exception.test === test
}

/** Counts how often each test ran; tests of a table may share a name. */
function executed(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  const times = new Map()
  for (const { name, assertionResults } of testResults)
    for (const { status, fullName } of assertionResults) {
      const test = `${relative(root, name)} > ${fullName}`
      if (status === 'passed' || status === 'failed') times.set(test, timesRun(times, test) + 1)
    }
  return times
}

function timesRun(run, test) {
  return run.get(test) ?? 0
}

function total(run) {
  return [...run.values()].reduce((sum, times) => sum + times, 0)
}
