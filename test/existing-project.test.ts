// goose added to a project on Mongoose: the README of the example, command by command, from its own files alone.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { copyExample } from './support/copied-example.ts'
import { useDatabase } from './support/database.ts'

const root = resolve(import.meta.dirname, '..')
const example = join(root, 'examples/existing-project')
const page = join(example, 'README.md')
const folder = mkdtempSync(join(tmpdir(), 'goose-existing-'))
const database = useDatabase()
let program: string
const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, COLUMNS, FORCE_COLOR, ...clean } = process.env

beforeAll(() => {
  program = copyExample('existing-project', folder, ['app', 'side-by-side.mjs'])
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the README, in its order', () => {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```console\n\$ (.+)\n([\s\S]*?)```/g)]
  const played: string[] = []

  test.each(blocks.map(([, command = '', output = '']) => [command, output]))('$ %s', async (command, output) => {
    const printed = await play(command)
    played.push(`\`\`\`console\n$ ${command}\n${printed}\`\`\``)
    if (!process.env.UPDATE_TRANSCRIPTS) expect(printed).toBe(output)
  })

  test('has no command that was not tried', () => {
    expect(played).toHaveLength(blocks.length)
    if (!process.env.UPDATE_TRANSCRIPTS) return
    let next = 0
    const text = readFileSync(page, 'utf8')
    writeFileSync(
      page,
      text.replaceAll(/```console\n[\s\S]*?```/g, () => played[next++]!),
    )
  })
})

test('the models of the example are the ones that goose has written', () => {
  for (const name of ['goose.config.ts', ...readdirSync(join(folder, 'models')).map(file => `models/${file}`)]) {
    expect(existsSync(join(example, name)), name).toBe(true)
    expect(readFileSync(join(folder, name), 'utf8')).toBe(withoutFirstLine(readFileSync(join(example, name), 'utf8')))
  }
})

/** Ids as the page has them, by those of this time. */
const ids = new Map<string, string>()

/** Runs a command of the page and gives what it prints, with the page's ids. */
async function play(command: string): Promise<string> {
  const words = command.match(/'[^']*'|\S+/g)!.map(word => word.replaceAll("'", ''))
  const typed = words.map(word => [...ids].find(([, shown]) => shown === word)?.[0] ?? word)
  const args = typed[0] === 'npx' ? [program, ...typed.slice(2)] : typed.slice(1)
  const uri = new URL(database.uri)
  uri.pathname = `/${database.name}`
  const env = { ...clean, MONGODB_URI: uri.href }
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>(done => {
    const child = execFile(process.execPath, args, { cwd: folder, env }, (_, stdout, stderr) =>
      done({ stdout, stderr }),
    )
    child.stdin?.end()
  })
  return `${stdout}${stderr}`.replaceAll(/\b(plan|run)_[a-z0-9]+/g, id => shown(id)).replaceAll(/^TIME .*\n/gm, '')
}

function shown(id: string): string {
  if (!ids.has(id)) ids.set(id, id.startsWith('plan') ? 'plan_d79d366666' : `run_mwu6oayeb4b344821a4e`)
  return ids.get(id)!
}

// The checker of the repository wants every program to say what it is for.
function withoutFirstLine(text: string): string {
  return text.startsWith('//') ? text.slice(text.indexOf('\n') + 1) : text
}
