// Serves an embedded database, in the folder named or a temporary one, until its stdin ends; prints its URI.
// With DURABLE=no it does not wait for the disk, as servers for tests do not either.
import { startEmbedded } from '../dist/embedded/index.js'

const [path] = process.argv.slice(2)
const server = await startEmbedded({ ...(path && { path }), durable: process.env.DURABLE !== 'no' })
console.log(server.uri)
process.stdin.resume().on('end', () => server.close())
