// Compares whole processes: `goose find` with a bare driver script and mongosh, and what starting costs.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { withDatabase } from './contestants.mjs'
import { posts, users } from './data.mjs'
import { race } from './measure.mjs'

const here = import.meta.dirname
const goose = resolve(here, '../bin/run.js')
const mongosh = resolve(here, 'node_modules/mongosh/bin/mongosh.js')
const run = promisify(execFile)

export async function compareProcesses(uri) {
  const database = `goose_bench_${process.pid}`
  const client = await new MongoClient(uri).connect()
  try {
    const authors = users(10)
    await client.db(database).collection('posts').insertMany(posts(1000, authors))
    await compareFind(withDatabase(uri, database))
    await compareStarts(withDatabase(uri, database))
  } finally {
    await client.db(database).dropDatabase()
    await client.close()
  }
}

async function compareFind(uri) {
  const shell = [
    '--quiet',
    '--norc',
    uri,
    '--eval',
    'EJSON.stringify(db.posts.find().sort({createdAt: -1}).limit(20).toArray())',
  ]
  await race(
    'find of 20 rows as a whole process',
    [
      { name: 'bare driver script', run: () => node([`${here}/scripts/find-20.mjs`], uri, 20) },
      { name: 'goose', run: () => node([goose, 'find', 'Post', '--sort', '-createdAt', '--limit', '20'], uri, 20) },
      { name: 'mongosh', run: () => node([mongosh, ...shell], uri, 1) },
    ],
    { rounds: 11, target: 1.5 },
  )
}

async function compareStarts(uri) {
  await race(
    'start',
    [
      { name: 'node -e 0', run: () => node(['-e', '0'], uri) },
      { name: 'goose --version', run: () => node([goose, '--version'], uri, 1) },
      { name: 'goose --help', run: () => node([goose, '--help'], uri, 5) },
      { name: "import 'mongodb'", run: () => node([`${here}/scripts/import-driver.mjs`], uri) },
      { name: "import 'goose-odm'", run: () => node([`${here}/scripts/import-goose.mjs`], uri) },
      { name: 'embedded, first answer', run: () => node([`${here}/scripts/first-answer.mjs`], uri, 1) },
      { name: 'embedded, first, by driver', run: () => node([`${here}/scripts/first-answer-driver.mjs`], uri, 1) },
    ],
    { rounds: 11 },
  )
}

/** Runs a program in the folder of the bench's model files; fewer lines than expected is a failure, not a fast run. */
async function node(args, uri, lines = 0) {
  const env = { ...process.env, MONGODB_URI: uri, NO_COLOR: '1' }
  const { stdout } = await run(process.execPath, args, { cwd: `${here}/project`, env })
  const printed = stdout.split('\n').filter(Boolean).length
  if (printed < lines) throw new Error(`${args.join(' ')} printed ${printed} lines instead of ${lines}:\n${stdout}`)
}

if (!existsSync(mongosh)) throw new Error(`no mongosh in ${mongosh}: run npm --prefix bench ci`)
