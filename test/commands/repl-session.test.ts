// The session that docs/repl.md shows, typed again at a terminal: UPDATE_TRANSCRIPTS=1 writes what it shows now.
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'
import { keys } from '../support/terminal.ts'

const project = useCliProject('session')
const page = resolve(import.meta.dirname, '../../docs/repl.md')
const block = /(<!-- session -->\n```\n)([\s\S]*?)(```)/
const prompt = /^goose\(.*?\)> /

test('the session of docs/repl.md shows what the page says', async () => {
  const text = readFileSync(page, 'utf8')
  const recorded = block.exec(text)?.[2] ?? ''
  const lines = recorded.split('\n').filter(line => prompt.test(line))
  expect(lines.length).toBeGreaterThan(5)
  const shown = await played(lines.map(line => line.replace(prompt, '')))
  if (process.env.UPDATE_TRANSCRIPTS)
    writeFileSync(
      page,
      text.replace(block, (_, open, __, close) => open + shown + close),
    )
  else expect(shown).toBe(recorded)
})

/** Types lines one after the other, and gives what stands on the terminal, without times. */
async function played(lines: readonly string[]): Promise<string> {
  const terminal = project.terminal(['repl'], {
    columns: 100,
    rows: 40,
    env: { XDG_STATE_HOME: join(project.folder, 'state'), NO_COLOR: '1' },
  })
  const parts: string[] = []
  let at = (await terminal.sees(/goose\(.*?\)> /)).match(/goose\(.*?\)> $/)?.[0] ?? ''
  for (const line of lines) {
    terminal.press(line, keys.enter)
    const answer = (await terminal.sees(/\ngoose\(.*?\)> /)).replaceAll('\r', '')
    const next = /\n(goose\(.*?\)> )$/.exec(answer)?.[1] ?? ''
    const body = answer.slice(answer.indexOf('\n') + 1, answer.length - next.length)
    parts.push(`${at}${line}\n${body}`)
    at = next
  }
  terminal.press(keys.ctrlD)
  expect(await terminal.ended).toBe(0)
  return parts.join('').replaceAll(/\b\d+ ms\b/g, '4 ms')
}
