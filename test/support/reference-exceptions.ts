// Skips, on a MongoDB server, the tests that test/reference-exceptions.json excuses there, each with its reason.
import { relative, resolve } from 'node:path'
import { beforeEach, type TestContext } from 'vitest'
import exceptions from '../reference-exceptions.json' with { type: 'json' }

const root = resolve(import.meta.dirname, '../..')

beforeEach(context => {
  const name = nameOf(context.task)
  const excused = exceptions.find(({ test }) =>
    test.endsWith('*') ? name.startsWith(test.slice(0, -1)) : name === test,
  )
  if (excused) context.skip(excused.reason)
})

/** Names a test as scripts/compare-runs.mjs does: its file, then the titles from outside in. */
function nameOf(task: TestContext['task']): string {
  const titles = [task.name]
  for (let suite = task.suite; suite; suite = suite.suite) if (suite.name) titles.unshift(suite.name)
  return `${relative(root, task.file.filepath)} > ${titles.join(' ')}`
}
