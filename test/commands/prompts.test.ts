// Questions on a terminal: asked on a pseudo-terminal, answered by a person or not.
import { spawn, spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const program = resolve(import.meta.dirname, '../../bin/run.js')
const project = useCliProject('prompts')
const hasTerminal = spawnSync('script', ['--version']).status === 0

/** Deletes a book on a terminal, answers the question, and gives the exit code and what was shown. */
function deleting(
  number: number,
  answer: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; shown: string }> {
  const command = `'${process.execPath}' '${program}' delete Book ${ids.book(number)}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: project.folder,
    env: { ...project.env, CI: '', NO_COLOR: '1', SHELL: '/bin/bash', ...env },
  })
  let shown = ''
  child.stdout.on('data', chunk => {
    shown += chunk
    if (shown.includes('to go on: ') && child.stdin.writable && !child.stdin.writableEnded) child.stdin.end(answer)
  })
  return new Promise(settle => child.on('exit', code => settle({ code, shown })))
}

test.skipIf(!hasTerminal)('the word typed as asked goes on', async () => {
  const { code, shown } = await deleting(22, `${ids.book(22)}\n`)
  expect(shown).toContain(`delete Book ${ids.book(22)} for good. Type ${ids.book(22)} to go on:`)
  expect(shown).toContain(`deleted Book ${ids.book(22)} for good`)
  expect(code).toBe(0)
})

test.skipIf(!hasTerminal).each([
  ['another word', 'yes\n'],
  ['nothing', '\n'],
  ['Ctrl-C', '\u0003'],
])('%s changes nothing and ends with 3', async (_, answer) => {
  const { code, shown } = await deleting(23, answer)
  expect(shown).toContain('DECLINED')
  expect(code).toBe(3)
  expect(project.goose(['get', 'Book', ids.book(23)]).status).toBe(0)
})

test.skipIf(!hasTerminal)('nobody is asked where CI says that nobody is there', async () => {
  const { code, shown } = await deleting(24, '', { CI: '1' })
  expect(shown).toContain(`add --confirm ${ids.book(24)}`)
  expect(code).toBe(4)
})
