// Answers longer than the screen: turned page by page on a terminal, printed at once anywhere else.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { keys } from '../support/terminal.ts'

const project = useCliProject('pager')
const all = ['find', 'Book', '--limit', '0', '--sort', '_id', '--select', 'title']
const small = { rows: 12, env: { GOOSE_PAGER: undefined, PAGER: undefined, LESS: undefined } }
const hasLess = spawnSync('less', ['--version']).status === 0

test.skipIf(!hasLess)(
  'what is longer than the screen is turned by less, and what was said comes after it',
  async () => {
    const terminal = project.terminal(all, small)
    await terminal.sees('Book 7')
    expect(terminal.shown).not.toContain('Book 29')
    terminal.press('G')
    await terminal.sees('Book 29')
    expect(terminal.shown).not.toContain('30 rows')
    terminal.press('q')
    expect(await terminal.ended).toBe(0)
    expect(terminal.shown).toContain('30 rows')
  },
)

test.skipIf(!hasLess)('Ctrl-C belongs to the pager while it is open', async () => {
  const terminal = project.terminal(all, small)
  await terminal.sees('Book 7')
  await terminal.sees(':')
  terminal.press(keys.ctrlC)
  // Less throws away what is typed while it stops reading.
  const leaving = setInterval(() => terminal.press('q'), 200)
  expect(await terminal.ended).toBe(0)
  clearInterval(leaving)
  expect(terminal.shown).toContain('30 rows')
})

test('what fits the screen is printed as it is', async () => {
  const terminal = project.terminal(['find', 'Book', '--sort', '_id', '--limit', '3'], {
    ...small,
    env: { GOOSE_PAGER: 'echo PAGED' },
  })
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toContain('Ficciones')
  expect(terminal.shown).not.toContain('PAGED')
})

test('a pager that is left early ends goose quietly with 0', async () => {
  const data = Array.from({ length: 3000 }, (_, number) => JSON.stringify({ name: `C${number}${'x'.repeat(200)}` }))
  expect(project.goose(['insert', 'Category', '--data', '-'], { input: data.join('\n') }).status).toBe(0)
  const terminal = project.terminal(['find', 'Category', '--limit', '0'], { ...small, env: { GOOSE_PAGER: 'head -2' } })
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown.trim().split('\n')).toHaveLength(2)
})

test.each([
  ['GOOSE_PAGER goes before PAGER', { GOOSE_PAGER: 'sed s/^/own:/', PAGER: 'cat -A' }, /^own:│ …0b0029/m],
  ['PAGER is taken', { PAGER: 'sed s/^/other:/' }, /^other:│ …0b0029/m],
  ['an empty one is none', { GOOSE_PAGER: '', PAGER: 'echo PAGED' }, /^│ …0b0029/m],
  ['cat is none', { GOOSE_PAGER: 'cat' }, /^│ …0b0029/m],
  ['one that is not installed is none', { GOOSE_PAGER: 'no-such-pager -x' }, /^│ …0b0029/m],
  ['CI has none', { GOOSE_PAGER: 'echo PAGED', CI: '1' }, /^│ …0b0029/m],
])('%s', async (_, env, expected) => {
  const terminal = project.terminal(all, { ...small, env })
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toMatch(expected)
})

test('--no-pager prints at once, and a pipe never sees a pager', async () => {
  const env = { GOOSE_PAGER: 'echo PAGED' }
  const terminal = project.terminal([...all, '--no-pager'], { ...small, env })
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toContain('Book 29')
  const { stdout } = project.goose([...all, '-o', 'table'], { env })
  expect(stdout).toContain('Book 29')
  expect(stdout).not.toContain('PAGED')
})
