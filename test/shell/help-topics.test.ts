// The topics of help against what the sources do: what is read from the environment is named there.
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { topics } from '../../src/shell/help-topics.ts'

const root = resolve(import.meta.dirname, '../..')

// Of the terminal, of the machine, and what is handed to the pager unchanged.
const ofOthers = new Set(['COLUMNS', 'LESS', 'LV', 'PATH', 'TERM', 'USER'])

test('every variable that goose reads is in `goose help environment`', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(file =>
    file.endsWith('.ts'),
  )
  const text = files.map(file => readFileSync(join(root, 'src', file), 'utf8')).join('\n')
  const read = new Set([...text.matchAll(/\benv\.([A-Z][A-Z_]+)/g)].map(([, name]) => String(name)))
  expect(read.size).toBeGreaterThan(10)
  const missing = [...read].filter(name => !ofOthers.has(name) && !topics.environment?.includes(name))
  expect(missing).toEqual([])
})
