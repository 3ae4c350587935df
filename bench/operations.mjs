// Measures data operations, each in a process of its own, on the embedded database and the server of MONGODB_URI.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, disconnect } from '../dist/index.js'
import { keepMemorySmall } from '../dist/shell/small-memory.js'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { heading, median, row } from './measure.mjs'
import { openEmbedded } from './server.mjs'

/** Each file has `prepare(db)`, which puts its documents there, and `measure(tools)`, which runs in another process. */
const parts = ['bulk', 'archive', 'export', 'import']

export async function measureOperations(otherUri, names = parts) {
  const embedded = await openEmbedded()
  try {
    for (const name of names) await measurePart(name, { uri: embedded.uri, server: 'embedded' })
  } finally {
    await embedded.close()
  }
  if (otherUri) for (const name of names) await measurePart(name, { uri: otherUri, server: 'MONGODB_URI' })
}

// The documents are made here: memory that making them takes is not the operation's.
async function measurePart(name, { uri, server }) {
  const database = `goose_bench_operations_${process.pid}`
  const client = await new MongoClient(uri).connect()
  try {
    const { title, prepare } = await import(`./operations-${name}.mjs`)
    heading(title, `server: ${server}`)
    await prepare(client.db(database))
    const child = spawn(process.execPath, [import.meta.filename, name, uri, database], { stdio: 'inherit' })
    const [code] = await once(child, 'exit')
    if (code !== 0) throw new Error(`${name} ended with ${code}`)
  } finally {
    await client.db(database).dropDatabase()
    await client.close()
  }
}

/**
 * Tools of a part: `turn(name, run)` times a contestant once, `report(targets)` prints the medians as ratios to the
 * contestant that its target names.
 */
function toolsOf(client, db) {
  const turns = new Map()
  return {
    client,
    db,
    turn: async (name, run) => {
      const memory = watchMemory()
      const cpu = process.cpuUsage()
      const start = performance.now()
      const result = await run()
      const ms = performance.now() - start
      const { user, system } = process.cpuUsage(cpu)
      turns.set(name, [...(turns.get(name) ?? []), { ms, cpu: (user + system) / 1000, megabytes: memory.end() }])
      return result
    },
    report: targets => {
      for (const [name, { base, most } = {}] of Object.entries(targets)) {
        const of = measure => median(turns.get(name).map(measure))
        const ms = of(turn => turn.ms)
        const ratio = base ? `${(ms / median(turns.get(base).map(turn => turn.ms))).toFixed(2)} x ${base}` : ''
        const target = most ? `, target <= ${most}` : ''
        const memory = Math.max(...turns.get(name).map(turn => turn.megabytes))
        row(
          name,
          `${ms.toFixed(0)} ms`,
          `client ${of(turn => turn.cpu).toFixed(0)} ms, ${memory.toFixed(0)} MB   ${ratio}${target}`,
        )
      }
    },
  }
}

/** Looks at the private memory again and again; elsewhere than on Linux, at all of it. */
function watchMemory() {
  let most = privateMegabytes()
  const look = () => {
    most = Math.max(most, privateMegabytes())
  }
  const timer = setInterval(look, 5)
  return {
    end: () => {
      clearInterval(timer)
      look()
      return most
    },
  }
}

function privateMegabytes() {
  try {
    return Number(/RssAnon:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
  } catch {
    return process.memoryUsage.rss() / 2 ** 20
  }
}

if (process.argv[1] === import.meta.filename) {
  const [, , name, uri, database] = process.argv
  // As the commands of long operations do; for what they are measured beside, too.
  keepMemorySmall()
  const client = await new MongoClient(uri).connect()
  await connect(uri, { database })
  const { measure } = await import(`./operations-${name}.mjs`)
  await measure({ ...toolsOf(client, client.db(database)), uri })
  await disconnect()
  await client.close()
}
