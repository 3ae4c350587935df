// Bulk changes at a prompt and in cron: what they refuse, what they ask for, and how they are stopped at once.
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'

const project = useCliProject('bulk-safety')
const { goose } = project

const update = ['bulk', 'update', 'Book', '--where', 'pages>0', '--set', 'tags=safe']
const guarded = ['-c', 'guarded']
const marked = () => Number(goose(['count', 'Book', '--where', 'tags=safe']).stdout.trim())

test('a protected connection wants the id of the plan, and its name for an undo; --yes is no consent', () => {
  const refused = goose([...update, ...guarded, '--yes'])
  expect(refused.status).toBe(4)
  const plan = /--confirm (plan_\w+)/.exec(refused.stderr)?.[1] ?? ''
  expect(goose(['apply', plan, ...guarded]).status).toBe(4)
  expect(goose(['apply', plan, ...guarded, '--confirm', 'guarded']).status).toBe(4)
  expect(marked()).toBe(0)
  const applied = goose(['apply', plan, ...guarded, '--confirm', plan, '--json'])
  expect(applied.status, applied.stderr).toBe(0)
  const { run } = JSON.parse(applied.stdout).data
  const undo = goose(['undo', run, ...guarded])
  expect([undo.status, undo.stderr]).toEqual([4, expect.stringContaining('--confirm guarded')])
  expect(marked()).toBeGreaterThan(0)
  expect(goose(['undo', run, ...guarded, '--confirm', 'guarded']).status).toBe(0)
  expect(marked()).toBe(0)
})

test('what goes to a protected connection, or comes from it, wants its name as well', () => {
  const archive = ['archive', 'run', 'Book', '--where', 'pages>0', '--to', 'conn:guarded.books_kept']
  const count = () => goose(['count', 'Book']).stdout.trim()
  const before = count()
  expect(goose([...archive, '--yes'])).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('--confirm guarded'),
  })
  expect(count()).toBe(before)
  expect(goose([...archive, '--confirm', 'guarded']).status).toBe(0)
  const restore = ['archive', 'restore', 'Book', '--all', '--from', 'conn:guarded.books_kept']
  expect(goose([...restore, '--yes']).status).toBe(4)
  expect(goose([...restore, '--confirm', 'guarded']).status).toBe(0)
  expect(count()).toBe(before)
})

test('more documents than may be, and encrypted fields, are refused before anything is changed', () => {
  const many = goose([...update, '--yes', '--max-docs', '3'])
  expect([many.status, many.stderr]).toEqual([2, expect.stringContaining('TOO_MANY_DOCUMENTS')])
  const hidden = goose(['bulk', 'update', 'Reader', '--all', '--set', 'city=Bonn', '--yes'])
  expect([hidden.status, hidden.stderr]).toEqual([2, expect.stringContaining('encrypted')])
  expect(marked()).toBe(0)
})

test('a second signal ends a run at once, and the run can be gone on with', async () => {
  const child = project.start([...update, '--batch', '3', '--rate', '2', '--yes'], { env: { CI: '1' } })
  // The first batch is done when the first documents are; the next one waits for the rate.
  await expect.poll(marked, { timeout: 60_000 }).toBeGreaterThan(0)
  child.kill('SIGINT')
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  expect([130, 143]).toContain(code)
  const [run = ''] = /run_\w+/.exec(goose(['jobs', 'list']).stdout) ?? []
  goose(['jobs', 'throttle', run, '--rate', '10000'])
  const resumed = goose(['jobs', 'resume', run, '--json'])
  expect(resumed.status, resumed.stderr).toBe(0)
  expect(JSON.parse(resumed.stdout).data.counters.matched).toBe(marked())
}, 120_000)
