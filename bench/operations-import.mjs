// Measures imports of 1,000,000 documents beside insertMany.
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { model, z } from '../dist/index.js'
import { startImport } from '../dist/operations/import.js'
import { EJSON } from '../node_modules/bson/lib/bson.cjs'
import { posts, users } from './data.mjs'

const COUNT = Number(process.env.DOCUMENTS ?? 1_000_000)

const fields = { title: z.string(), body: z.string(), views: z.int(), rating: z.number(), published: z.boolean() }
class Copy extends model('FileCopy', fields, { collection: 'copies' }) {}

export const title = `import of ${COUNT.toLocaleString('en')} documents`

export async function prepare(db) {
  const file = createWriteStream(pathFor(db))
  const authors = users(1000)
  for (let from = 0; from < COUNT; from += 10_000)
    for (const post of posts(Math.min(10_000, COUNT - from), authors))
      if (!file.write(`${EJSON.stringify(post, { relaxed: false })}\n`)) await new Promise(go => file.once('drain', go))
  file.end()
  await finished(file)
}

// The import is first: memory that the other leaves behind would be its start.
export async function measure({ db, turn, report }) {
  const path = pathFor(db)
  try {
    const parameters = { path, format: 'ejson', mode: 'insert', key: ['_id'], validates: true, fillsDefaults: false }
    const whole = { ...parameters, onError: 'stop', rejects: null, parallel: 2 }
    const options = { asked: {}, controls: {}, onReject: () => {} }
    const { counters } = await turn('import', () => startImport(Copy.definition, whole, options))
    if (counters.inserted !== COUNT) throw new Error(`imported ${counters.inserted} documents`)
    await db.collection('copies').deleteMany({})
    await turn('EJSON and insertMany', () => insertBare(db, path))
    report({ 'EJSON and insertMany': undefined, import: { base: 'EJSON and insertMany', most: 1.5 } })
  } finally {
    rmSync(path, { force: true })
  }
}

function pathFor(db) {
  return join(tmpdir(), `${db.databaseName}.ejson`)
}

async function insertBare(db, path) {
  let documents = []
  const insert = async () => {
    if (documents.length > 0) await db.collection('copies').insertMany(documents)
    documents = []
  }
  for await (const line of createInterface({ input: createReadStream(path) })) {
    documents.push(EJSON.parse(line, { relaxed: false }))
    if (documents.length === 1000) await insert()
  }
  await insert()
}
