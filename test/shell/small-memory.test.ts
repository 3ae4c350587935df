// The memory of long operations: what is asked of V8 is something it knows.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

test('a long operation asks for small memory without a word on the terminal', () => {
  const file = new URL('../../dist/shell/small-memory.js', import.meta.url)
  const script = `import { keepMemorySmall } from '${file}'; keepMemorySmall(); console.log('done')`
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script])
  expect([String(stdout), String(stderr), status]).toEqual(['done\n', '', 0])
})
