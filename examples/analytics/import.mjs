// Imports the data sets of a folder, as they are, into the database of this example: node import.mjs FOLDER.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect, disconnect } from 'goose-odm'
import { BSON } from 'mongodb'

const sets = ['accounts', 'customers', 'theaters', 'restaurants', 'books']

const folder = resolve(process.argv[2] ?? '')
const missing = sets.filter(set => !existsSync(join(folder, `${set}.ndjson`)))
if (!process.argv[2] || missing.length > 0) {
  console.error(`${process.argv[2] ? `${folder} has no ${missing[0]}.ndjson` : 'no folder named'}

This example has models but no data: it reads public data sets that are not part of goose.
Give it a folder with ${sets.map(set => `${set}.ndjson`).join(', ')},
one document per line in Extended JSON, as mongoexport writes them:

$ node import.mjs FOLDER`)
  process.exit(2)
}

process.chdir(import.meta.dirname)
const { db } = await connect()
for (const set of sets) {
  const there = await db.collection(set).countDocuments()
  const rows = there === 0 ? documentsOf(join(folder, `${set}.ndjson`)) : []
  if (rows.length > 0) await db.collection(set).insertMany(rows)
  const count = (there || rows.length).toLocaleString('en').padStart(6)
  console.log(`${set.padEnd(12)}${count}${there > 0 ? '  there already, left alone' : ''}`)
}
await disconnect()

function documentsOf(file) {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map(line => BSON.EJSON.parse(line, { relaxed: false }))
}
