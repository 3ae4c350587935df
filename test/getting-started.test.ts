// docs/getting-started.md as somebody follows it: an empty folder, the packed package, and every command in its order.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { installed } from './support/installed.ts'

const page = readFileSync(resolve(import.meta.dirname, '../docs/getting-started.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'goose-started-'))
// What asks for a server of one's own is tried elsewhere.
const [own = ''] = page.split('## 6.')
const steps = [...own.matchAll(/```(sh|ts)\n([\s\S]*?)```/g)].flatMap(([, kind, text = '']) =>
  kind === 'ts' ? [text] : text.trim().split('\n'),
)
const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, COLUMNS, FORCE_COLOR, ...env } = process.env

beforeAll(() => {
  const { project } = installed()
  cpSync(join(project, 'node_modules'), join(folder, 'node_modules'), { recursive: true, verbatimSymlinks: true })
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every step works, one after the other', { timeout: 120_000 }, () => {
  let id = ''
  const tried: string[] = []
  for (const step of steps) {
    const file = /^\/\/ (\S+\.ts)\n/.exec(step)?.[1]
    if (file) {
      mkdirSync(join(folder, dirname(file)), { recursive: true })
      writeFileSync(join(folder, file), step)
    }
    const line = file ? undefined : /^npx goose (.+)$/.exec(step)?.[1]
    if (line === undefined) continue
    const { stdout, stderr, status } = goose(line.replace(/\bID\b/, id))
    expect([step, status, stderr]).toEqual([step, 0, expect.not.stringContaining('✖')])
    id = /"_id":"([0-9a-f]{24})"/.exec(stdout)?.[1] ?? id
    tried.push(stdout)
  }
  expect(tried.length).toBeGreaterThanOrEqual(7)
  expect(tried.at(-1)).toContain('"title":"The Dispossessed"')
  expect(goose('models check').status).toBe(0)
})

test('the files that it says are there are in the package', () => {
  for (const [, name = ''] of page.matchAll(/\]\(([\w-]+\.md)\)/g))
    expect(() => readFileSync(join(folder, 'node_modules/goose-odm/docs', name))).not.toThrow()
})

/** Runs a line of the page as a shell does, with goose as it is installed. */
function goose(line: string) {
  const program = join(folder, 'node_modules/goose-odm/bin/run.js')
  const script = `npx() { shift; "${process.execPath}" "${program}" "$@"; }; npx goose ${line}`
  return spawnSync('bash', ['-c', script], { cwd: folder, env, encoding: 'utf8', input: '' })
}
