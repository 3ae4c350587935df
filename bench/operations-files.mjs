// Measures exports of 1,000,000 documents beside a bare cursor, and imports beside insertMany.
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { model, z } from '../dist/index.js'
import { emptyPlan } from '../dist/models/plan.js'
import { exportOf } from '../dist/operations/export.js'
import { writeFileWhole } from '../dist/operations/formats/file-target.js'
import { startImport } from '../dist/operations/import.js'
import { EJSON } from '../node_modules/bson/lib/bson.cjs'
import { posts, users } from './data.mjs'

const COUNT = Number(process.env.DOCUMENTS ?? 1_000_000)

const fields = { title: z.string(), body: z.string(), views: z.int(), rating: z.number(), published: z.boolean() }
class Post extends model('FilePost', fields, { collection: 'posts' }) {}
class Copy extends model('FileCopy', fields, { collection: 'copies' }) {}

export const title = `export and import of ${COUNT.toLocaleString('en')} documents`

export async function prepare(db) {
  const authors = users(1000)
  for (let from = 0; from < COUNT; from += 10_000)
    await db.collection('posts').insertMany(posts(Math.min(10_000, COUNT - from), authors))
}

export async function measure({ db, turn, report }) {
  const folder = mkdtempSync(join(tmpdir(), 'goose-bench-files-'))
  const [bare, own] = ['bare.ejson', 'goose.ejson'].map(name => join(folder, name))
  const empty = () => db.collection('copies').deleteMany({})
  try {
    await turn('cursor and EJSON', () => writeBare(db, bare))
    const request = { definition: Post.definition, plan: emptyPlan, format: 'ejson', columns: [], encrypted: 'stored' }
    await turn('export', () => writeFileWhole(own, exportOf(request).pieces))
    await turn('EJSON and insertMany', () => insertBare(db, bare))
    await empty()
    const parameters = {
      path: own,
      format: 'ejson',
      mode: 'insert',
      key: ['_id'],
      validates: true,
      fillsDefaults: false,
    }
    const whole = { ...parameters, onError: 'stop', rejects: null, parallel: 2 }
    const options = { asked: {}, controls: {}, onReject: () => {} }
    const { counters } = await turn('import', () => startImport(Copy.definition, whole, options))
    if (counters.inserted !== COUNT) throw new Error(`imported ${counters.inserted} documents`)
    await empty()
    report({
      'cursor and EJSON': undefined,
      export: { base: 'cursor and EJSON', most: 1.1 },
      'EJSON and insertMany': undefined,
      import: { base: 'EJSON and insertMany', most: 1.5 },
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function writeBare(db, path) {
  const file = createWriteStream(path)
  for await (const document of db.collection('posts').find({}, { promoteValues: false })) {
    if (!file.write(`${EJSON.stringify(document, { relaxed: false })}\n`))
      await new Promise(go => file.once('drain', go))
  }
  file.end()
  await finished(file)
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
