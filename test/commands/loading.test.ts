// A project's own files: TypeScript without a build, and what is said of a file that is wrong.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'

const { goose: run } = useCliProject('loading')
const folder = mkdtempSync(join(tmpdir(), 'goose-own-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
}

const goose = (...args: string[]) => run(args, { cwd: folder })

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  write({ 'package.json': '{ "name": "own", "type": "module" }' })
})

const head = "import { model, ref, z } from 'goose-odm'\n"

describe('a model file that is right', () => {
  test('may import others in a circle, by any ending, and share classes with goose', () => {
    write({
      'models/ship.ts': `${head}import { ObjectId } from 'mongodb'
import { z as own } from 'zod'
import type { Port } from './port.js'
import { Port as Home } from './port.js'
enum Size { Small = 'small', Large = 'large' }
export class Ship extends model('Ship', {
  name: own.string(),
  home: ref(() => Home).nullable().default(null),
  size: z.enum(Size).default(Size.Small),
  mark: z.instanceof(ObjectId).optional(),
}) {
  constructor(input: never, private readonly note: string = 'x') { super(input) }
  get where(): Port | null { return this.home as never }
}
`,
      'models/port.ts': `${head}import { Ship } from './ship'
export class Port extends model('Port', { name: z.string(), flagship: ref(() => Ship).nullable().default(null) }) {}
`,
    })
    const { stdout, stderr, status } = goose('models', '-o', 'json')
    expect(stderr).toBe('2 models\n')
    expect(status).toBe(0)
    expect(
      JSON.parse(stdout).map((model: { name: string; references: string[] }) => [model.name, model.references]),
    ).toEqual([
      ['Port', ['flagship → Ship']],
      ['Ship', ['home → Port']],
    ])
  })

  test('is compiled once: a second run needs no compiler, a change is seen', () => {
    write({
      'node_modules/.keep': '',
      'models/a.ts': `${head}export class A extends model('A', { name: z.string() }) {}\n`,
    })
    expect(goose('models').status).toBe(0)
    const cache = readdirSync(join(folder, 'node_modules/.cache/goose'))
    expect(cache.filter(name => /^models-.*\.json$/.test(name))).toHaveLength(1)
    write({ 'models/a.ts': `${head}export class Renamed extends model('Renamed', { name: z.string() }) {}\n` })
    expect(JSON.parse(goose('models').stdout).name).toBe('Renamed')
  })

  test('lies where the configuration says', () => {
    write({
      'goose.config.ts':
        "import { defineConfig } from 'goose-odm'\nexport default defineConfig({ models: ['app/**/*.model.ts'] })\n",
      'app/deep/a.model.ts': `${head}export class A extends model('A', { name: z.string() }) {}\n`,
      'app/deep/helper.ts': 'throw new Error("not a model file")\n',
    })
    expect(JSON.parse(goose('models').stdout).name).toBe('A')
  })
})

describe('a project of several packages', () => {
  const text = `${head}import { least } from '@lib/least'
import { words } from '~/words'
import { size } from '@own/shared'
export class A extends model('A', { name: z.string().min(least).max(size), kind: z.enum(words) }) {}
`

  test('imports by the aliases of tsconfig.json, and from its other packages, as they are written', () => {
    write({
      'tsconfig.base.json': `{
  // comments, and a comma at the end
  "compilerOptions": { "paths": { "@lib/*": ["./nowhere/*", "./src/lib/*"], "~/*": ["./src/*"], }, },
}`,
      'tsconfig.json': '{ "extends": "./tsconfig.base.json", "compilerOptions": { "strict": true } }',
      'src/lib/least.ts': 'export const least: number = 2\n',
      'src/words/index.ts': "export const words = ['a', 'b'] as const\n",
      'node_modules/@own/shared/package.json': '{ "name": "@own/shared", "type": "module", "main": "src/index.ts" }',
      'node_modules/@own/shared/src/index.ts': 'export const size: number = 9\n',
      'models/a.ts': text,
    })
    expect(goose('models')).toMatchObject({ status: 0, stderr: '1 model\n' })
    const { stdout } = goose('models', 'show', 'A')
    expect(stdout).toContain('a | b')
  })

  test('is told what an alias wants that nothing explains', () => {
    write({ 'models/a.ts': `${head}import { words } from '~/words'\nconsole.log(words)\n` })
    const { stderr } = goose('models')
    expect(stderr).toContain('models/a.ts:2: it imports "~/words"')
    expect(stderr).toContain('say in tsconfig.json what it means')
    expect(stderr).not.toContain('npm install')
  })

  test('is configured from above: the nearest goose.config counts, not the nearest package', () => {
    write({
      'goose.config.ts':
        "export default { models: 'packages/*/models/*.ts', connections: { one: { uri: 'embedded::memory:' } } }\n",
      'packages/api/package.json': '{ "name": "api", "type": "module" }',
      'packages/api/models/a.ts': `${head}export class A extends model('A', { name: z.string() }) {}\n`,
      'packages/api/src/x.ts': '',
    })
    const inside = run(['connection', 'list'], { cwd: join(folder, 'packages/api/src'), env: { MONGODB_URI: '' } })
    expect(JSON.parse(inside.stdout)).toMatchObject({ name: 'one', source: 'goose.config', current: true })
    expect(run(['models'], { cwd: join(folder, 'packages/api/src') }).stdout).toContain('packages/api/models/a.ts')
    expect(run(['__complete', 'models', 'show', ''], { cwd: join(folder, 'packages/api/src') }).stdout).toBe('A\n')
  })
})

describe('a model file that is wrong', () => {
  test.each([
    [
      'a syntax error',
      `${head}\nexport class A extends model('A', {\n  name: z.string(,\n}) {}\n`,
      'models/a.ts:4:18',
      'Unexpected token',
    ],
    [
      'a thrown error',
      `${head}\nfunction boom(): never {\n  throw new Error('boom at load')\n}\nboom()\n`,
      'models/a.ts:4',
      'boom at load',
    ],
    ['a thrown value', `${head}\nthrow 'just text'\n`, 'models/a.ts', 'just text'],
    [
      'a name that does not exist',
      `${head}\nexport class A extends model('A', {\n  name: zz.string(),\n}) {}\n`,
      'models/a.ts:4',
      'zz is not defined',
    ],
    [
      'a file that is not there',
      `${head}import { B } from './b.ts'\nexport class A extends model('A', { b: ref(() => B) }) {}\n`,
      'models/a.ts:2',
      './b.ts',
    ],
    [
      'a package that is not installed',
      `${head}import lodash from 'no-such-package'\nlodash()\n`,
      'models/a.ts:2',
      'npm install no-such-package',
    ],
    [
      'a reference to nothing',
      `${head}\nexport class A extends model('A', {\n  b: ref(() => B),\n}) {}\n`,
      'models/a.ts:3',
      'A.b refers to nothing: B is not defined',
    ],
    [
      'a field that is no schema',
      `${head}\nexport class A extends model('A', { name: 'text' as never }) {}\n`,
      'models/a.ts:3',
      'not a zod',
    ],
  ])('%s is named with its file and line, and no stack', (_, text, place, reason) => {
    write({ 'models/a.ts': text })
    const { stdout, stderr, status } = goose('models')
    expect(stderr).toContain(place)
    expect(stderr).toContain(reason)
    expect(stderr).not.toMatch(/\n\s+at |goose\.cjs|dist\//)
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 })
  })

  test('two models of one name are named both', () => {
    const model = (field: string) => `${head}\nexport class A extends model('A', { ${field}: z.string() }) {}\n`
    write({ 'models/a.ts': model('one'), 'models/b.ts': model('two') })
    const { stderr, status } = goose('models')
    expect(stderr).toMatch(/DUPLICATE_MODEL .*a\.ts:3 and .*b\.ts:3/)
    expect(status).toBe(2)
  })

  test.each([
    ['nothing', 'export const x = 1\n', 'it exports no configuration'],
    ['a number', 'export default 3\n', 'it exports no configuration'],
    ['models that are no globs', 'export default { models: 5 }\n', '"models" is a glob or a list of globs'],
    ['a connection without address', 'export default { connections: { a: {} } }\n', 'connection "a": it needs a uri'],
  ])('a configuration that exports %s is refused', (_, text, reason) => {
    write({ 'goose.config.ts': text })
    const { stderr, status } = goose('models')
    expect(stderr).toContain('CONFIG_INVALID')
    expect(stderr).toContain(reason)
    expect(status).toBe(2)
  })

  test('no models at all is said with what to do', () => {
    expect(goose('find', 'User').stderr).toContain(
      'there are no model files in models/ or src/models/\n  write one with `goose init`',
    )
  })
})

describe('goose init', () => {
  test('adds no model where there are some, and a configuration that finds them', () => {
    write({ 'src/models/deep/a.ts': `${head}export class User extends model('User', { name: z.string() }) {}\n` })
    const { stdout, status } = goose('init')
    expect(status).toBe(0)
    expect(stdout).toBe(
      'written  goose.config.ts\nkept     src/models/deep/a.ts\n\nNext:\n  goose models\n  goose doctor\n',
    )
    expect(JSON.parse(goose('models').stdout)).toMatchObject({ name: 'User', file: 'src/models/deep/a.ts:2' })
  })

  test('starts a project that works at once, and never writes over a file', () => {
    const { stdout, status } = goose('init', '--model', 'BlogPost')
    expect(status).toBe(0)
    expect(stdout).toContain('written  goose.config.ts\nwritten  models/blog-post.ts\n')
    expect(goose('init', '--model', 'BlogPost').stdout).toContain('kept     models/blog-post.ts')
    expect(JSON.parse(goose('models').stdout)).toMatchObject({ name: 'BlogPost', plugins: ['timestamps'] })
  })
})
