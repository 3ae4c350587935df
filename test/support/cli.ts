// Runs goose for tests: the bundle kept fresh, a project of its own in a temporary folder, a database for it.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, beforeAll } from 'vitest'
import { installed } from './installed.ts'
import { openTerminal, type Terminal, type TerminalOptions } from './terminal.ts'

const root = resolve(import.meta.dirname, '../..')
const bundle = join(root, 'dist/cli/goose.cjs')

/** Which goose runs: the sources as they are, or the package as it is installed. */
export type Edition = 'sources' | 'installed'

// What is merged has been tried as it is installed; who writes code does not wait for a package.
const usual: Edition = process.env.CI ? 'installed' : 'sources'

/** What a run of goose printed, and how it ended. */
export interface Run {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

/** What a run is given beside its arguments. */
export interface RunOptions {
  readonly input?: string
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** A project with models and data, and goose in it. */
export interface CliProject {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  readonly program: string
  goose(args: readonly string[], options?: RunOptions): Run
  start(args: readonly string[], options?: Pick<RunOptions, 'env'>): ReturnType<typeof spawn>
  /** Runs goose on a terminal, where a person is there to answer. */
  terminal(args: readonly string[], options?: Partial<TerminalOptions>): Terminal
}

/** Copies the library project, fills its database, and removes both after the tests of the file. */
export function useCliProject(name: string, edition = usual): CliProject {
  let program = join(root, 'bin/run.js')
  const folder = mkdtempSync(join(tmpdir(), `goose-${name}-`))
  const server = process.env.GOOSE_TEST_URI
  const uri = server ? withDatabase(server, `goose_cli_${name}_${process.pid}`) : `embedded:${join(folder, 'data')}`
  const { GOOSE_URI, GOOSE_CONNECTION, FORCE_COLOR, NO_COLOR, COLUMNS, ...inherited } = process.env
  const env = { ...inherited, MONGODB_URI: uri, XDG_CONFIG_HOME: join(folder, 'config') }
  beforeAll(async () => {
    if (edition === 'installed') program = installed().program
    else keepFresh()
    cpSync(join(import.meta.dirname, 'library'), folder, { recursive: true })
    await fill(uri)
  }, 240_000)
  afterAll(async () => {
    if (server) await withClient(uri, client => client.db().dropDatabase())
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder,
    env,
    get program() {
      return program
    },
    goose: (args, options = {}) => {
      const { stdout, stderr, status } = spawnSync(process.execPath, [program, ...args], {
        cwd: options.cwd ?? folder,
        env: { ...env, ...options.env },
        input: options.input ?? '',
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      })
      return { stdout, stderr, status }
    },
    start: (args, options = {}) =>
      spawn(process.execPath, [program, ...args], {
        cwd: folder,
        env: { ...env, ...options.env },
        stdio: ['pipe', 'pipe', 'pipe'],
      }),
    terminal: (args, options = {}) =>
      openTerminal([process.execPath, program, ...args], {
        cwd: folder,
        ...options,
        env: { ...env, CI: undefined, ...options.env },
      }),
  }
}

/** Bundles the command line when a source is newer than the bundle; runs at once do not disturb each other. */
export function keepFresh(): void {
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (newest(join(root, 'src')) < built) return
  const fresh = `${bundle}.${process.pid}.cjs`
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs'), '--cli', fresh], { cwd: root, stdio: 'inherit' })
  renameSync(fresh, bundle)
}

/** The ids of the library's documents, the same in every run. */
export const ids = {
  ada: '65f000000000000000000a01',
  borges: '65f000000000000000000a02',
  gone: '65f000000000000000000aff',
  book: (number: number) => `65f0000000000000000b${String(number).padStart(4, '0')}`,
  root: '65f000000000000000000c01',
  electronics: '65f0000000000000001a0c09',
  laptops: '65f0000000000000002a0c09',
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map(file => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0))
}

function withDatabase(server: string, database: string): string {
  const uri = new URL(server)
  uri.pathname = `/${database}`
  return uri.href
}

async function fill(uri: string): Promise<void> {
  if (!uri.startsWith('embedded:')) return fillServer(uri)
  const { startEmbedded } = await import('../../src/embedded/index.ts')
  const embedded = await startEmbedded({ path: uri.slice('embedded:'.length) })
  await fillServer(embedded.uri)
  await embedded.close()
}

async function fillServer(uri: string): Promise<void> {
  await withClient(uri, async client => {
    const db = client.db()
    await db.collection('authors').insertMany([
      { _id: new ObjectId(ids.ada), name: 'Ada Lovelace', email: 'ada@example.com', passwordHash: 'do-not-show' },
      { _id: new ObjectId(ids.borges), name: 'Jorge Luis Borges', email: 'borges@example.com' },
    ])
    await db.collection<object>('books').insertMany(books())
    await db.collection('categories').insertMany([
      { _id: new ObjectId(ids.root), name: 'Products', parent: null },
      { _id: new ObjectId(ids.electronics), name: 'Electronics', parent: new ObjectId(ids.root) },
      { _id: new ObjectId(ids.laptops), name: 'Laptops', parent: new ObjectId(ids.electronics) },
    ])
  })
}

async function withClient(uri: string, work: (client: MongoClient) => Promise<unknown>): Promise<void> {
  const client = new MongoClient(uri)
  try {
    await work(client)
  } finally {
    await client.close()
  }
}

const titles = ['Notes', 'Ficciones', '日本語のとても長いタイトル', 'Evil \u001b[31mred', 'Family 👩‍👩‍👧', 'Lost']

function books(): readonly object[] {
  return Array.from({ length: 30 }, (_, number) => ({
    _id: new ObjectId(ids.book(number)),
    title: titles[number] ?? `Book ${number}`,
    author: new ObjectId(number === 5 ? ids.gone : number % 2 === 0 ? ids.ada : ids.borges),
    tags: number % 3 === 0 ? ['classic'] : [],
    published: number % 2 === 0,
    pages: number * 10,
    printedAt: new Date(Date.UTC(2026, 0, 1 + number)),
  }))
}
