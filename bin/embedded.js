// Loads the bundled embedded database: `import { startEmbedded } from 'goose-odm/embedded'`.
import { join } from 'node:path'
import { loadCached } from './cached-script.js'

const { exports, keep } = loadCached(join(import.meta.dirname, '../dist/embedded/embedded.cjs'), 'embedded')
let isUsed = false

/** Only a process that has used the database has compiled what is worth keeping. */
export function startEmbedded(options) {
  if (!isUsed) process.once('exit', keep)
  isUsed = true
  return exports.startEmbedded(options)
}
