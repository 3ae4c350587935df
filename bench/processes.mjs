// Compares whole processes of the installed package: finds with a bare driver script and mongosh, and starts.
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { withDatabase } from './contestants.mjs'
import { posts, users } from './data.mjs'
import { install } from './installed.mjs'
import { race } from './measure.mjs'

const here = import.meta.dirname
const mongosh = resolve(here, 'node_modules/mongosh/bin/mongosh.js')
const run = promisify(execFile)
const asked = ['find', 'Post', '--populate', 'author', '--sort', '-createdAt', '--limit', '20']

export async function compareProcesses(server) {
  const uri = withDatabase(server, `goose_bench_${process.pid}`)
  const { program, remove } = install()
  const folder = mkdtempSync(join(tmpdir(), 'goose-bench-project-'))
  cpSync(join(here, 'project'), folder, { recursive: true })
  const embedded = `embedded:${join(folder, 'data')}`
  const node = nodeIn(folder)
  try {
    await fill(uri)
    await fillEmbedded(embedded)
    await compareFind({ node, program, uri })
    await compareEmbedded({ node, program, uri: embedded })
    await compareStarts({ node, program, uri })
  } finally {
    const client = await new MongoClient(uri).connect()
    await client.db().dropDatabase()
    await client.close()
    rmSync(folder, { recursive: true, force: true })
    remove()
  }
}

async function compareFind({ node, program, uri }) {
  const shell = `EJSON.stringify(db.posts.aggregate([{$sort: {createdAt: -1}}, {$limit: 20},
    {$lookup: {from: 'users', localField: 'author', foreignField: '_id', as: 'author'}}]).toArray())`
  await race(
    'find of 20 rows with their authors, as a whole process',
    [
      { name: 'bare driver script', run: () => node([`${here}/scripts/find-20.mjs`], uri, 20) },
      { name: 'goose', run: () => node([program, ...asked], uri, 20) },
      { name: 'mongosh', run: () => node([mongosh, '--quiet', '--norc', uri, '--eval', shell], uri, 1) },
    ],
    { rounds: 21, target: 1.25 },
  )
}

async function compareEmbedded({ node, program, uri }) {
  await race(
    'the same on the embedded database in a folder',
    [
      { name: 'node -e 0', run: () => node(['-e', '0'], uri) },
      { name: 'goose', run: () => node([program, ...asked], uri, 20) },
    ],
    { rounds: 21, target: 3.5 },
  )
}

async function compareStarts({ node, program, uri }) {
  await race(
    'start, --version and __complete: target <= 1.30',
    [
      { name: 'node -e 0', run: () => node(['-e', '0'], uri) },
      { name: 'goose --version', run: () => node([program, '--version'], uri, 1) },
      { name: 'goose __complete find P', run: () => node([program, '__complete', 'find', 'P'], uri, 1) },
      { name: 'goose --help', run: () => node([program, '--help'], uri, 5) },
      { name: 'mongosh --version', run: () => node([mongosh, '--version'], uri, 1) },
      { name: "import 'mongodb'", run: () => node([`${here}/scripts/import-driver.mjs`], uri) },
      { name: "import 'goose-odm'", run: () => node([`${here}/scripts/import-goose.mjs`], uri) },
      { name: 'embedded, first answer', run: () => node([`${here}/scripts/first-answer.mjs`], uri, 1) },
    ],
    { rounds: 21 },
  )
}

async function fill(uri) {
  const client = await new MongoClient(uri).connect()
  const authors = users(10)
  await client.db().collection('users').insertMany(authors)
  await client.db().collection('posts').insertMany(posts(1000, authors))
  await client.close()
}

async function fillEmbedded(uri) {
  const { startEmbedded } = await import('../dist/embedded/index.js')
  const server = await startEmbedded({ path: uri.slice('embedded:'.length) })
  await fill(server.uri)
  await server.close()
}

/** Runs programs in the folder of the bench's model files; fewer lines than expected is a failure, not a fast run. */
function nodeIn(cwd) {
  return async (args, uri, lines = 0) => {
    const env = { ...process.env, MONGODB_URI: uri, NO_COLOR: '1' }
    const { stdout } = await run(process.execPath, args, { cwd, env })
    const printed = stdout.split('\n').filter(Boolean).length
    if (printed < lines) throw new Error(`${args.join(' ')} printed ${printed} lines instead of ${lines}:\n${stdout}`)
  }
}

if (!existsSync(mongosh)) throw new Error(`no mongosh in ${mongosh}: run npm --prefix bench ci`)
