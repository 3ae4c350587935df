// Every example in the README, in docs/ and in docstrings: it compiles, and it runs on the test database.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { errorTable } from '../src/errors.ts'
import * as goose from '../src/index.ts'
import * as http from '../src/integrations/http.ts'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(root, 'test/.examples-'))
const blog = ['User', 'Post', 'Comment', 'Category']
const documents: Readonly<Record<string, string>> = {
  post: "(await Post.find({ title: 'Streams in anger' }).first())!",
  id: '(await User.find().first())!._id',
}

interface Example {
  /** Where it stands, as people find it: docs/models.md:12 */
  readonly where: string
  readonly code: string
  readonly file: string
}

const pages = ['README.md', ...filesIn('docs', '.md')]
const examples = [...pages.flatMap(examplesOf), ...filesIn('src', '.ts').flatMap(examplesOf)]

beforeAll(() => {
  for (const { file, code } of examples) {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, withPrelude(code, file))
  }
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('examples run', () => {
  test.each(examples.map(example => [example.where, example] as const))('%s', async (_, { file, code }) => {
    vi.resetModules()
    const failedClaims = vi.spyOn(console, 'assert').mockImplementation((holds, ...said) => {
      if (!holds)
        throw new Error(`what the example claims does not hold${said.length > 0 ? `: ${said.join(' ')}` : ''}`)
    })
    vi.spyOn(console, 'log').mockImplementation(() => undefined)
    const close = await openBlog(code)
    try {
      await import(file)
      expect(failedClaims.mock.results.filter(({ type }) => type === 'throw')).toEqual([])
    } finally {
      await close()
      vi.restoreAllMocks()
    }
  })
})

test('examples compile', () => {
  const settings = {
    extends: '../../tsconfig.json',
    compilerOptions: {
      paths: {
        'goose-odm': ['../../src/index.ts'],
        'goose-odm/embedded': ['../../src/embedded/index.ts'],
        'goose-odm/fastify': ['../../src/integrations/fastify.ts'],
        'goose-odm/http': ['../../src/integrations/http.ts'],
      },
    },
    include: ['**/*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings))
  const compiler = join(root, 'node_modules/typescript-7/bin/tsc')
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' })
  expect(stdout.replaceAll(`${relative(root, folder)}/`, '')).toBe('')
}, 120_000)

test('links between pages lead somewhere', () => {
  const broken = [...pages, 'ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap(page =>
    [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
      .filter(([, target]) => !exists(join(root, dirname(page), target!)))
      .map(([, target]) => `${page} -> ${target}`),
  )
  expect(broken).toEqual([])
})

test('docs/errors.md has every error of the table', () => {
  const page = read('docs/errors.md')
  expect(errorTable().filter(({ code }) => !page.includes(`| \`${code}\` |`))).toEqual([])
  expect(() => execFileSync(process.execPath, [join(root, 'scripts/errors-page.mjs'), '--check'])).not.toThrow()
})

test('docs/troubleshooting.md has every error of the table, and no other', () => {
  const [, table = ''] = read('docs/troubleshooting.md').split('## By code')
  const listed = [...table.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code)
  expect(listed.toSorted()).toEqual(
    errorTable()
      .map(({ code }) => code as string)
      .toSorted(),
  )
})

test('links of every page lead to a file, and to a heading of it', () => {
  const readmes = filesIn('examples', 'README.md').filter(file => !file.includes('node_modules'))
  const lost = [...pages, ...readmes, 'CONTRIBUTING.md', 'ARCHITECTURE.md'].flatMap(page =>
    [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter(link => !/^https?:/.test(link) && !leads(page, link))
      .map(link => `${page}: ${link}`),
  )
  expect(lost).toEqual([])
})

function leads(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const file = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(root, file))) return false
  if (heading === undefined) return true
  const headings = [...proseOf(file).matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!)
  const anchors = headings.map(text =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )
  return anchors.includes(heading)
}

function proseOf(file: string): string {
  return read(file).replaceAll(/```[\s\S]*?```/g, '')
}

/** Connects to an empty database of its own and fills it with the blog of examples/. */
async function openBlog(code: string): Promise<() => Promise<void>> {
  const library = (await import('../src/index.ts')) as typeof goose
  const { forgetModels } = (await import('../src/models/registry.ts')) as typeof import('../src/models/registry.ts')
  forgetModels()
  const { seed } = (await import('../examples/blog/seed.ts')) as typeof import('../examples/blog/seed.ts')
  const server = process.env.GOOSE_TEST_URI
  const options = { database: `goose_docs_${process.pid}_${Math.random().toString(36).slice(2, 8)}` }
  await library.connect(server ?? 'embedded::memory:', options)
  await seed()
  const isOwn = (name: string) => new RegExp(`model\\(\\s*'${name}'`).test(code)
  if (blog.some(isOwn)) forgetModels() // an example may have a User of its own
  return async () => {
    if (server) await (await library.connect(server, options)).db.dropDatabase() // the example may have disconnected
    await library.disconnect()
  }
}

/** A block that begins with a comment naming a file, `// models/user.ts`, becomes that file of its page. */
function examplesOf(page: string): Example[] {
  return [...read(page).matchAll(/^([ \t]*(?:\* )?)```ts\n([\s\S]*?)^\1```/gm)].map(block => {
    const line = read(page).slice(0, block.index).split('\n').length
    const code = block[2]!
      .split('\n')
      .map(text => text.slice(Math.min(block[1]!.length, text.length)))
      .join('\n')
    const named = /^\/\/ ([\w./-]+\.ts)\n/.exec(code)?.[1]
    return {
      where: `${page}:${line}`,
      code,
      file: join(folder, page.replaceAll(/[/.]/g, '-'), named ?? `line-${line}.ts`),
    }
  })
}

/** Imports what an example uses and does not declare: the library by name, the models of the blog, a post, an id. */
function withPrelude(code: string, file: string): string {
  const isMissing = (name: string) =>
    new RegExp(`(?<![.\\w])${name}\\b(?!\\s*:)`).test(code) &&
    !new RegExp(`\\b(class|const|let|function)\\s+${name}\\b`).test(code) &&
    !new RegExp(`import\\s*\\{[^}]*\\b${name}\\b`).test(code)
  const library = Object.keys(goose).filter(isMissing)
  const served = Object.keys(http).filter(isMissing)
  const values = Object.keys(documents).filter(isMissing)
  const models = blog.filter(model => isMissing(model) || values.some(value => documents[value]!.includes(model)))
  const toBlog = relative(dirname(file), join(root, 'examples/blog/models'))
  return [
    library.length > 0 ? `import { ${library.join(', ')} } from 'goose-odm'` : 'export {}',
    served.length > 0 ? `import { ${served.join(', ')} } from 'goose-odm/http'` : '',
    isMissing('startEmbedded') ? "import { startEmbedded } from 'goose-odm/embedded'" : '',
    isMissing('MongoClient') ? "import { MongoClient } from 'mongodb'" : '',
    ...models.map(model => `import { ${model} } from '${toBlog}/${model.toLowerCase()}.ts'`),
    ...values.map(value => `const ${value} = ${documents[value]}`),
    code,
  ].join('\n')
}

function filesIn(start: string, ending: string): string[] {
  return readdirSync(join(root, start), { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith(ending))
    .map(file => join(start, file))
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

function exists(path: string): boolean {
  return readdirSync(dirname(path)).includes(basename(path))
}
