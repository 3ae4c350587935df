// Compares the blog list over HTTP, 20 posts with their authors: goose, the bare driver and Mongoose on fastify.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { MongoClient } from '../node_modules/mongodb/lib/index.js'
import { posts, users } from './data.mjs'
import { heading, median, row } from './measure.mjs'

const AT_ONCE = 16
// Half of the requests only make code warm, as that of a server is.
const WARMUPS = 15
const ROUNDS = 15
const REQUESTS = 100

export async function compareHttp(uri) {
  const database = `goose_bench_http_${process.pid}`
  const client = await new MongoClient(uri).connect()
  try {
    await fill(client.db(database))
    await race(uri, database)
  } finally {
    await client.db(database).dropDatabase()
    await client.close()
  }
}

async function fill(db) {
  const authors = users(1000)
  await db.collection('users').insertMany(authors)
  await db.collection('posts').insertMany(posts(10_000, authors))
  await db.collection('posts').createIndex({ createdAt: -1 })
}

/** Each server is a process of its own, so that what it uses of its core can be told from the client and the database. */
async function race(uri, database) {
  const names = ['driver', 'goose', 'mongoose']
  const servers = await Promise.all(names.map(name => openServer(name, uri, database)))
  try {
    const [expected] = await Promise.all(servers.map(({ ask }) => ask()))
    for (const server of servers) check(server, await server.ask(), expected)
    for (let round = -WARMUPS; round < ROUNDS; round++)
      for (let turn = 0; turn < servers.length; turn++)
        await runRound(servers[(turn + round + WARMUPS) % servers.length], round >= 0)
  } finally {
    for (const server of servers) server.close()
  }
  print(servers)
}

async function openServer(name, uri, database) {
  const child = fork(new URL('http-server.mjs', import.meta.url).pathname, [name, uri, database])
  const [{ address }] = await once(child, 'message')
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE })
  return {
    name,
    waits: [],
    cpus: [],
    ask: () => askOnce(`${address}/posts`, agent),
    cpu: async () => {
      child.send('cpu')
      const [{ cpu }] = await once(child, 'message')
      return (cpu.user + cpu.system) / 1000
    },
    close: () => {
      agent.destroy()
      child.disconnect()
    },
  }
}

function askOnce(url, agent) {
  return new Promise((found, failed) => {
    const asked = get(url, { agent }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => found(Buffer.concat(chunks)))
    })
    asked.on('error', failed)
  })
}

async function runRound(server, counts) {
  const before = await server.cpu()
  const start = performance.now()
  let left = REQUESTS
  const walk = async () => {
    while (left-- > 0) await server.ask()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, walk))
  if (!counts) return
  server.waits.push((performance.now() - start) / REQUESTS)
  server.cpus.push(((await server.cpu()) - before) / REQUESTS)
}

/** A server that left something out would win by it. */
function check({ name }, body, expected) {
  const essence = bytes =>
    JSON.parse(bytes).items.map(({ _id, title, tags, author, createdAt }) => ({
      _id,
      title,
      tags,
      author: author.name,
      createdAt,
    }))
  const [made, wanted] = [essence(body), essence(expected)].map(value => JSON.stringify(value))
  if (made !== wanted || JSON.parse(body).items.length !== 20)
    throw new Error(`${name} answers something else: ${body}`)
}

function print(servers) {
  heading(
    'blog list over HTTP, 20 posts with author',
    `median of ${ROUNDS} x ${REQUESTS} requests, ${AT_ONCE} at once, interleaved`,
  )
  const [driver] = servers
  const mongoose = servers.at(-1)
  for (const server of servers) {
    const { name, cpus, waits } = server
    const ratio = other => median(other.cpus.map((cpu, i) => cpu / cpus[i])).toFixed(2)
    const verdict = name === 'goose' ? `   targets >= 0.90 of the driver, >= 1.50 of Mongoose: ${ratio(mongoose)}` : ''
    const figure = `${(1000 / median(cpus)).toFixed(0)}/s`
    row(
      name,
      figure,
      `${ratio(driver)} x   on one core; ${(1000 / median(waits)).toFixed(0)}/s as it was asked${verdict}`,
    )
  }
}
