import { BSON } from 'mongodb'
import { randomFrom } from './test/support/random-values.ts'
import { randomDocuments } from './.probe/src/random-documents.ts'
const [seed, ...ids] = process.argv.slice(2).map(Number)
const docs = randomDocuments(randomFrom(seed!), 20)
for (const id of ids) console.log(BSON.EJSON.stringify(docs[id], {relaxed:false}))
