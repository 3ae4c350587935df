// Serves an embedded database in a temporary folder until its stdin ends; prints its URI.
import { startEmbedded } from '../dist/embedded/index.js'

const server = await startEmbedded({ port: 0 })
console.log(server.uri)
process.stdin.resume().on('end', () => server.close())
