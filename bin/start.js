// Loads the bundled command line as a script, with the machine code V8 kept from an earlier run.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Runs one command line; the exit code is set when its answer has been written. */
export async function start(argv, root) {
  const file = join(root, 'dist/cli/goose.cjs')
  const { script, keep } = load(file)
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  try {
    process.exitCode = await module.exports.run(argv, root)
  } finally {
    keep()
  }
}

function load(file) {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  const cache = cacheFile(file)
  const cachedData = read(cache)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  const fresh = cachedData !== undefined && script.cachedDataRejected === false
  return { script, keep: () => fresh || write(cache, script) }
}

function cacheFile(file) {
  const { size, mtimeMs } = statSync(file)
  const key = createHash('sha256').update(`${process.version} ${process.arch} ${file} ${size} ${mtimeMs}`).digest('hex')
  const folder = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(folder, 'goose', `code-${key.slice(0, 16)}.bin`)
}

function read(cache) {
  try {
    return readFileSync(cache)
  } catch {
    return undefined
  }
}

/** A cache that cannot be kept costs time, nothing else, so a failure to write it says nothing. */
function write(cache, script) {
  try {
    mkdirSync(dirname(cache), { recursive: true, mode: 0o700 })
    const temporary = `${cache}.${process.pid}`
    writeFileSync(temporary, script.createCachedData(), { mode: 0o600 })
    renameSync(temporary, cache)
  } catch {}
}
