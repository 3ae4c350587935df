// The examples as programs: the demo from nothing, the import of data not made for goose, and its README's commands.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keepLibraryFresh } from './support/built-library.ts'
import { keepFresh } from './support/cli.ts'
import { copyExample } from './support/copied-example.ts'

const root = resolve(import.meta.dirname, '..')
const analytics = join(root, 'examples/analytics')
const data = resolve(root, '../shared/data')
const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, COLUMNS, FORCE_COLOR, ...clean } = process.env

beforeAll(() => {
  keepFresh()
  keepLibraryFresh()
}, 240_000)

describe('npm run demo', () => {
  test('fills the blog and shows a table for each command it types', () => {
    const { stdout, stderr, status } = run([join(root, 'examples/blog/demo.mjs')])
    expect(status, stderr).toBe(0)

    const [filled, ...shown] = stdout.split(/^\$ (?=goose )/m)
    expect(filled).toContain('4 users, 4 categories, 8 posts, 5 comments')
    expect(shown.map(part => part.split('\n', 1)[0])).toContain(
      'goose find Post --populate author --sort -createdAt -o table',
    )
    const posts = shown.find(part => part.startsWith('goose find Post --populate author'))
    expect(posts).toMatch(/┌[─┬]+┐/)
    expect(posts).toContain('Streams in anger')
    expect(posts).toContain('Ada Lovelace')
    expect(posts).toContain('日本語のとても長いタイトル')
  })

  test('ignores a database that the environment names', () => {
    const env = { ...clean, MONGODB_URI: 'mongodb://127.0.0.1:1/never' }
    expect(run([join(root, 'examples/blog/demo.mjs')], { env }).status).toBe(0)
  })
})

test('the blog is filled and asked in a folder of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goose-blog-'))
  try {
    const program = copyExample('blog', folder)
    const filled = run([join(root, 'node_modules/jiti/lib/jiti-cli.mjs'), 'fill.ts'], { cwd: folder })
    expect(filled.stdout, filled.stderr).toBe('4 users, 4 categories, 8 posts, 5 comments\n')
    const readme = readFileSync(join(root, 'examples/blog/README.md'), 'utf8')
    const [, args = ''] = /^node \S+ (find Post .*)$/m.exec(readme) ?? []
    const found = run([program, ...args.split(' '), '-o', 'ndjson'], { cwd: folder })
    const titles = found.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line).title)
    expect(titles).toEqual(['Just for fun', 'The first bug was a moth', 'Notes on the analytical engine'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

describe('examples/analytics', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goose-analytics-'))
  const env = { ...clean, MONGODB_URI: `embedded:${folder}/data` }
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('says so when there is no data', () => {
    const { status, stderr } = run(['import.mjs'], { cwd: analytics, env })
    expect(status).toBe(2)
    expect(stderr).toContain('models but no data')
    expect(run(['import.mjs', folder], { cwd: analytics, env }).stderr).toContain('has no accounts.ndjson')
  })

  describe.skipIf(!existsSync(data))('with the data sets beside the checkout', () => {
    beforeAll(() => expect(run(['import.mjs', data], { cwd: analytics, env }).status).toBe(0))

    test('leaves a collection alone that has documents already', () => {
      expect(run(['import.mjs', data], { cwd: analytics, env }).stdout).toContain('there already, left alone')
    })

    test.each(transcripts())('$ %s', (command, output) => {
      const args = command.match(/'[^']*'|\S+/g)!.map(word => word.replaceAll("'", ''))
      const { stdout, stderr } = run([join(root, 'bin/run.js'), ...args.slice(1)], { cwd: analytics, env })
      expect(`${stdout}${stderr}`.trimEnd()).toBe(output)
    })
  })
})

/** The commands of the README with what it says they print. */
function transcripts(): (readonly [command: string, output: string])[] {
  const page = readFileSync(join(analytics, 'README.md'), 'utf8')
  return [...page.matchAll(/```console\n\$ (goose .+)\n([\s\S]*?)\n```/g)].map(match => [match[1]!, match[2]!])
}

function run(args: readonly string[], options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {}) {
  return spawnSync(process.execPath, args, { cwd: root, env: clean, encoding: 'utf8', input: '', ...options })
}
