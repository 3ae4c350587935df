// Lets mongosh ask what its users ask of a database that `goose serve` opens.
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

const here = import.meta.dirname
const mongosh = resolve(here, 'node_modules/mongosh/bin/mongosh.js')

export async function checkMongosh() {
  const folder = await mkdtemp(join(tmpdir(), 'goose-mongosh-'))
  const served = serve(folder)
  try {
    const uri = await address(served)
    const ask = expression => shell(uri, expression)
    assert.equal(await ask('db.posts.insertOne({title: "From mongosh", views: 3}).acknowledged'), 'true')
    assert.equal(await ask('db.posts.insertMany([{title: "a"}, {title: "b"}]).insertedIds[1] != null'), 'true')
    assert.equal(await ask('db.posts.findOne({views: {$gt: 2}}).title'), 'From mongosh')
    assert.equal(await ask('db.posts.find().sort({title: 1}).toArray().map(p => p.title).join()'), 'From mongosh,a,b')
    assert.equal(await ask('db.getCollectionNames().join()'), 'posts')
    assert.match(await ask('show dbs'), /\w+\s+[\d.]+ [KMG]iB/)
    assert.equal(await ask('db.posts.updateOne({title: "a"}, {$set: {views: 9}}).modifiedCount'), '1')
    assert.equal(await ask('db.posts.countDocuments({views: {$exists: true}})'), '2')
    for (const [expression, expected] of administration) assert.match(await ask(expression), expected, expression)
    assert.equal(await ask('db.posts.deleteMany({}).deletedCount'), '3')
    console.log('\nmongosh on `goose serve`: writes, reads, indexes, plans, sizes, status, transactions, refusals')
  } finally {
    served.kill('SIGTERM')
    await once(served, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

const transaction = `
  const session = db.getMongo().startSession()
  session.withTransaction(() => session.getDatabase(db.getName()).posts.updateMany({}, { $set: { seen: true } }))
  session.endSession()
  db.posts.countDocuments({ seen: true })`

/** what administrators ask, with what the answer must look like */
const administration = [
  ['db.posts.createIndex({ title: 1 }, { unique: true })', /^title_1$/],
  ['db.posts.getIndexes().map(index => index.name).join()', /^_id_,title_1$/],
  ['db.posts.find({ title: "a" }).explain("executionStats").executionStats.totalKeysExamined', /^1$/],
  ['JSON.stringify(db.posts.explain().aggregate([{ $match: { title: "a" } }]))', /IXSCAN/],
  ['db.posts.insertOne({ title: "a" })', /E11000/],
  ['[db.stats().objects, db.posts.stats().count, db.posts.stats().nindexes].join()', /^3,3,2$/],
  ['Object.keys(db.serverStatus()).join()', /uptime.*connections.*opcounters/],
  ['db.posts.validate().valid', /^true$/],
  ['[rs.status().members.length, db.currentOp().inprog.length].join()', /^1,1$/],
  ['[db.getUsers().users.length, db.getProfilingStatus().was].join()', /^0,0$/],
  [transaction, /^3$/],
  ['db.posts.find({ $text: { $search: "a" } }).toArray()', /\$text is not supported/],
  ['db.auth("ann", "secret")', /has no users/],
  ['db.posts.dropIndex("title_1").nIndexesWas', /^2$/],
]

function serve(folder) {
  const { MONGODB_URI, GOOSE_URI, ...env } = process.env
  return spawn(process.execPath, [resolve(here, '../bin/run.js'), 'serve', '--port', '0'], {
    cwd: folder,
    env: { ...env, GOOSE_URI: `embedded:${folder}/data` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Waits for the line that says where the database listens, on whichever stream it comes. */
function address(served) {
  return new Promise((found, failed) => {
    let printed = ''
    const read = chunk => {
      printed += chunk
      const uri = /mongodb:\/\/[\w.:]+\/?\S*/.exec(printed)?.[0]
      if (uri && printed.includes('\n')) found(uri)
    }
    served.stdout.on('data', read)
    served.stderr.on('data', read)
    served.once('exit', code => failed(new Error(`goose serve ended with ${code}:\n${printed}`)))
  })
}

async function shell(uri, expression) {
  const args = [mongosh, '--quiet', '--norc', uri, '--eval', expression]
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(failed => ({ stdout: failed.stderr }))
  return stdout.trim()
}
