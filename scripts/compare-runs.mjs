// Fails where a test ran on the embedded database but not on the reference server, save for a list with reasons.
import { readFileSync } from 'node:fs'
import { relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const [embeddedFile, referenceFile] = process.argv.slice(2)
const embedded = executed(embeddedFile)
const reference = executed(referenceFile)
const exceptions = JSON.parse(readFileSync(resolve(root, 'test/reference-exceptions.json'), 'utf8'))

const excused = new Set(exceptions.map(exception => exception.test))
const missing = [...embedded].filter(test => !reference.has(test) && !excused.has(test))
const stale = exceptions.filter(({ test, reason }) => !reason || !embedded.has(test) || reference.has(test))

console.log(`embedded ran ${embedded.size} tests, the reference server ${reference.size}, excused ${exceptions.length}`)
for (const test of missing) console.error(`did not run on the reference server: ${test}`)
for (const { test } of stale)
  console.error(`test/reference-exceptions.json: not an exception, or without a reason: ${test}`)
process.exitCode = missing.length + stale.length === 0 ? 0 : 1

function executed(file) {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8'))
  return new Set(
    testResults.flatMap(suite =>
      suite.assertionResults
        .filter(({ status }) => status === 'passed' || status === 'failed')
        .map(({ fullName }) => `${relative(root, suite.name)} > ${fullName}`),
    ),
  )
}
