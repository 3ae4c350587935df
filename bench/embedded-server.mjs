// Serves an embedded database, in the folder named or a temporary one, until its stdin ends; prints its URI.
import { startEmbedded } from '../dist/embedded/index.js'

const [path] = process.argv.slice(2)
const server = await startEmbedded(path ? { path } : {})
console.log(server.uri)
process.stdin.resume().on('end', () => server.close())
