// Measures how much memory reading 1,000,000 documents one after the other takes, beside the driver's cursor.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { connect, disconnect, model, z } from '../dist/index.js'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { heading, row } from './measure.mjs'

const COUNT = 1_000_000

class Reading extends model('Reading', {
  _id: z.int(),
  sensor: z.string(),
  values: z.array(z.number()),
  place: z.object({ room: z.string(), floor: z.int() }),
}) {}

const contestants = {
  goose: () => Reading.find(),
  'goose lean': () => Reading.find().lean(),
  driver: async () => (await Reading.collection()).find(),
}

export async function measureMemory(uri) {
  const { withDatabase } = await import('./contestants.mjs')
  const whole = withDatabase(uri, `goose_bench_${process.pid}`)
  const client = await new MongoClient(whole).connect()
  try {
    const readings = client.db().collection('readings')
    for (let from = 0; from < COUNT; from += 10_000)
      await readings.insertMany(Array.from({ length: 10_000 }, (_, n) => readingOf(from + n)))
    heading(`iteration over ${COUNT.toLocaleString('en')} documents`, 'private memory above the start, at its highest')
    for (const name of Object.keys(contestants)) await measureAlone(name, whole)
  } finally {
    await client.db().dropDatabase()
    await client.close()
  }
}

// Each in a process of its own: memory that one has left behind would be the start of the next.
async function measureAlone(name, uri) {
  const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, name, uri])
  const { megabytes, seconds } = JSON.parse(stdout)
  row(name, `${megabytes.toFixed(0)} MB`, `${seconds.toFixed(1)} s${name === 'goose' ? '   target < 120 MB' : ''}`)
}

async function iterate(name, uri) {
  await connect(uri)
  await Reading.find().first()
  const [start, began] = [privateMemory(), performance.now()]
  let [seen, sum, most] = [0, 0, 0]
  for await (const reading of await contestants[name]()) {
    sum += reading._id
    if (++seen % 5000 === 0) most = Math.max(most, privateMemory())
  }
  if (seen !== COUNT || sum !== (COUNT * (COUNT - 1)) / 2) throw new Error(`${name} read ${seen} documents, sum ${sum}`)
  console.log(JSON.stringify({ megabytes: (most - start) / 2 ** 20, seconds: (performance.now() - began) / 1000 }))
  await disconnect()
}

function readingOf(n) {
  return {
    _id: n,
    sensor: `sensor-${n % 1000}`,
    values: [n % 7, n / 3, n % 11],
    place: { room: `room ${n % 40}`, floor: n % 9 },
  }
}

// What the process holds for itself, without what it shares; elsewhere than on Linux, all of it.
function privateMemory() {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024
  } catch {
    return process.memoryUsage.rss()
  }
}

if (process.argv[1] === import.meta.filename) await iterate(process.argv[2], process.argv[3])
