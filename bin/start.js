// Runs the bundled command line.
import { join } from 'node:path'
import { loadCached } from './cached-script.js'

/** Runs one command line; the exit code is set when its answer has been written. */
export async function start(argv, root) {
  const { exports, keep } = loadCached(join(root, 'dist/cli/goose.cjs'), argv[0] ?? '')
  try {
    process.exitCode = await exports.run(argv, root)
  } finally {
    keep()
  }
}
