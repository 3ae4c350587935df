// Questions on a terminal: asked on a pseudo-terminal, answered by a person or not.
import { expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'
import { keys } from '../support/terminal.ts'

const project = useCliProject('prompts')

test('the word typed as asked goes on', async () => {
  const terminal = project.terminal(['delete', 'Book', ids.book(22)])
  await terminal.answer(`delete Book ${ids.book(22)} for good. Type ${ids.book(22)} to go on: `, ids.book(22))
  expect(await terminal.ended).toBe(0)
  expect(terminal.shown).toContain(`deleted Book ${ids.book(22)} for good`)
})

test.each([
  ['another word', `yes${keys.enter}`],
  ['nothing', keys.enter],
  ['Ctrl-C', keys.ctrlC],
  ['Ctrl-D', keys.ctrlD],
])('%s changes nothing and ends with 3', async (_, typed) => {
  const terminal = project.terminal(['delete', 'Book', ids.book(23)])
  await terminal.sees('to go on: ')
  terminal.press(typed)
  await terminal.sees('DECLINED')
  expect(await terminal.ended).toBe(3)
  expect(project.goose(['get', 'Book', ids.book(23)]).status).toBe(0)
})

test.each([
  ['CI says that nobody is there', [], { CI: '1' }],
  ['--no-input says not to ask', ['--no-input'], {}],
])('nobody is asked where %s', async (_, flags, env) => {
  const terminal = project.terminal(['delete', 'Book', ids.book(24), ...flags], { env })
  await terminal.sees(`add --confirm ${ids.book(24)}`)
  expect(await terminal.ended).toBe(4)
})
