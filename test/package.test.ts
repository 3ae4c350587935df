// The package as people install it: what the tarball holds, its commands in a new project, its types.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installed } from './support/installed.ts'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'goose-package-'))
const project = join(folder, 'project')
let packed: readonly string[]

beforeAll(() => {
  const { project: there, files } = installed()
  packed = files
  cpSync(there, project, { recursive: true, verbatimSymlinks: true })
}, 240_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the tarball holds the library, the command and the pages, and nothing of the workshop', () => {
  const needed = [
    'package.json',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'bin/run.js',
    'oclif.manifest.json',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/embedded/index.js',
    'dist/integrations/fastify.js',
    'dist/integrations/fastify.d.ts',
    'dist/integrations/http.js',
    'dist/integrations/http.d.ts',
    'docs/http.md',
    'dist/embedded/embedded.cjs',
    'dist/embedded/index.d.ts',
    'dist/cli/goose.cjs',
    'dist/cli/prompts.cjs',
    'docs/getting-started.md',
  ]
  expect(needed.filter(file => !packed.includes(file))).toEqual([])
  expect(packed.filter(file => /^(src|test|examples|bench|scripts|\.ci)\/|\.goose|node_modules/.test(file))).toEqual([])
})

describe('in a new project', () => {
  test('init, a model of one’s own, insert and find work one after the other', () => {
    expect(goose('init').status).toBe(0)
    mkdirSync(join(project, 'models'), { recursive: true })
    writeFileSync(join(project, 'models/boat.ts'), boat)

    const inserted = goose('insert', 'Boat', '--set', 'name=Argo', '--set', 'length=28')
    expect(inserted.stderr).not.toMatch(/✖/)
    expect(inserted.status).toBe(0)

    const found = goose('find', 'Boat', '--where', 'length>20', '-o', 'ndjson')
    expect(
      found.stdout
        .trim()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toMatchObject([{ name: 'Argo', length: 28, crew: [] }])
  })

  test('a program finds what the command has inserted', () => {
    writeFileSync(join(project, 'program.mjs'), program)
    const { stdout, stderr } = run('program.mjs')
    expect(stdout, stderr).toBe('Argo 28\n')
  })

  test('a server serves models by each adapter', () => {
    writeFileSync(join(project, 'server.mjs'), server)
    const { stdout, stderr } = run('server.mjs')
    expect(stdout, stderr).toBe('201 Argo\n200 1\n400 REQUEST_INVALID\n')
  })

  test.each(['typescript-5.9', 'typescript', 'typescript-7'])(
    '%s sees the types, and refuses what would fail',
    compiler => {
      writeFileSync(join(project, 'typed.ts'), typed + served)
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
      const { stdout, status } = run(join(root, 'node_modules', compiler, 'bin/tsc'), '-p', 'tsconfig.json')
      expect(stdout).toBe('')
      expect(status).toBe(0)
    },
  )
})

function goose(...args: string[]) {
  return run(join(project, 'node_modules/goose-odm/bin/run.js'), ...args)
}

function run(...args: string[]) {
  const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, COLUMNS, FORCE_COLOR, ...env } = process.env
  return spawnSync(process.execPath, args, { cwd: project, env, encoding: 'utf8', input: '' })
}

const boat = `import { model, z } from 'goose-odm'

export class Boat extends model('Boat', {
  name: z.string().min(1),
  length: z.number().positive(),
  crew: z.array(z.string()).default([]),
}) {}
`

const program = `import { disconnect, model, z } from 'goose-odm'
import { startEmbedded } from 'goose-odm/embedded'

class Boat extends model('Boat', { name: z.string(), length: z.number() }) {}
for await (const boat of Boat.find()) console.log(boat.name, boat.length)
await disconnect()
if (typeof startEmbedded !== 'function') throw new Error('goose-odm/embedded does not load')
`

const server = `import fastify from 'fastify'
import { connect, disconnect, model, z } from 'goose-odm'
import { goose } from 'goose-odm/fastify'
import { httpHandler, resource } from 'goose-odm/http'

class Ship extends model('Ship', { name: z.string(), length: z.number() }) {}
await connect('embedded::memory:')
const routes = [resource(Ship, { filter: ['length'] })]
const app = fastify()
await app.register(goose, { routes })
const made = await app.inject({ method: 'POST', url: '/ships', payload: { name: 'Argo', length: 28 } })
console.log(made.statusCode, made.json().name)
await app.close()
const ask = path => httpHandler({ routes })(new Request('http://localhost' + path))
const found = await ask('/ships?length[gt]=20')
console.log(found.status, (await found.json()).total)
const refused = await ask('/ships?length[$gt]=20')
console.log(refused.status, (await refused.json()).code)
await disconnect()
`

const typed = `import { model, ref, timestamps, z } from 'goose-odm'
import { startEmbedded } from 'goose-odm/embedded'
import fastify from 'fastify'
import { goose, type ZodTypeProvider } from 'goose-odm/fastify'
import { createSchema, objectIdParam, resource, route } from 'goose-odm/http'

class Port extends model('Port', { name: z.string(), sister: ref(() => Port).nullable().default(null) }) {}
class Boat extends model('Boat', {
  name: z.string(),
  home: ref(() => Port),
  stops: z.array(z.object({ port: ref(() => Port), at: z.date() })).default([]),
}, { plugins: [timestamps()] }) {
  get label() {
    return this.name + this.createdAt.toISOString()
  }
}

export async function types() {
  const boat = await Boat.find({ name: 'Argo', home: '65f000000000000000000000' }).populate('home.sister').populate('stops.port').first()
  const name: string | undefined = boat?.home.sister?.name ?? boat?.stops[0]?.port.name
  const label: string | undefined = boat?.label
  // @ts-expect-error home is not loaded
  ;(await Boat.find().first())?.home.name
  // @ts-expect-error there is no such path to populate
  Boat.find().populate('harbour')
  // @ts-expect-error a name is text
  Boat.find({ name: 5 })
  // @ts-expect-error the home is missing
  await Boat.create({ name: 'Argo' })
  const server: { readonly uri: string } = await startEmbedded()
  return [name, label, server.uri]
}
`

const served = `
export async function serving() {
  const app = fastify().withTypeProvider<ZodTypeProvider>()
  const one = route({ method: 'GET', path: '/ports/:id', params: objectIdParam(), handle: ({ params }) => Port.get(params.id) })
  await app.register(goose, { routes: [resource(Boat, { filter: ['name'], populate: ['home.sister'] }), one] })
  app.post('/boats', { schema: { body: createSchema(Boat, { serverSet: ['stops'] }) } }, async ({ body }) => {
    // @ts-expect-error stops are the server's to set
    body.stops
    return Boat.create(body)
  })
  // @ts-expect-error there is no such field to filter by
  resource(Boat, { filter: ['nmae'] })
}
`

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
  },
  files: ['typed.ts'],
}
