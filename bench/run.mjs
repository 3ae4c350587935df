// Runs the benchmarks, or those named: node bench/run.mjs models memory operations …; the list is below.
import { cpus } from 'node:os'
import { openServer } from './server.mjs'

const benchmarks = {
  models: async uri => (await import('./models.mjs')).compareModels(uri),
  memory: async uri => (await import('./memory.mjs')).measureMemory(uri),
  processes: async uri => (await import('./processes.mjs')).compareProcesses(uri),
  embedded: async () => (await import('./embedded.mjs')).measureEmbedded(process.env.MONGODB_URI),
  operations: async () => (await import('./operations.mjs')).measureOperations(process.env.MONGODB_URI),
  crud: async () => (await import('./crud.mjs')).measureCrud(process.env.MONGODB_URI),
  types: async () => (await import('./types.mjs')).countInstantiations(),
  http: async uri => (await import('./http.mjs')).compareHttp(uri),
  console: async uri => (await import('./console.mjs')).measureConsole(uri),
  mongosh: async () => (await import('./mongosh.mjs')).checkMongosh(),
  mongoose: async uri => (await import('./mongoose.mjs')).checkMongoose(uri),
}

const asked = process.argv.slice(2)
const unknown = asked.filter(name => !(name in benchmarks))
if (unknown.length > 0) {
  console.error(`no benchmark "${unknown[0]}"; there are ${Object.keys(benchmarks).join(', ')}`)
  process.exit(2)
}

const server = await openServer()
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model}, server: ${server.name}`)
try {
  for (const name of asked.length > 0 ? asked : Object.keys(benchmarks)) await benchmarks[name](server.uri)
} finally {
  await server.close()
}
