// Measures exports of 1,000,000 documents beside a bare cursor.
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { model, z } from '../dist/index.js'
import { emptyPlan } from '../dist/models/plan.js'
import { exportOf } from '../dist/operations/export.js'
import { writeFileWhole } from '../dist/operations/formats/file-target.js'
import { EJSON } from '../node_modules/bson/lib/bson.cjs'
import { posts, users } from './data.mjs'

const COUNT = Number(process.env.DOCUMENTS ?? 1_000_000)

const fields = { title: z.string(), body: z.string(), views: z.int(), rating: z.number(), published: z.boolean() }
class Post extends model('FilePost', fields, { collection: 'posts' }) {}

export const title = `export of ${COUNT.toLocaleString('en')} documents`

export async function prepare(db) {
  const authors = users(1000)
  for (let from = 0; from < COUNT; from += 10_000)
    await db.collection('posts').insertMany(posts(Math.min(10_000, COUNT - from), authors))
}

export async function measure({ db, turn, report }) {
  const folder = mkdtempSync(join(tmpdir(), 'goose-bench-export-'))
  const [bare, own] = ['bare.ejson', 'goose.ejson'].map(name => join(folder, name))
  try {
    await turn('cursor and EJSON', () => writeBare(db, bare))
    const request = { definition: Post.definition, plan: emptyPlan, format: 'ejson', columns: [], encrypted: 'stored' }
    await turn('export', () => writeFileWhole(own, exportOf(request).pieces))
    report({ 'cursor and EJSON': undefined, export: { base: 'cursor and EJSON', most: 1.1 } })
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
