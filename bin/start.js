// Loads the bundled command line as a script, with the machine code V8 kept from an earlier run.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Runs one command line; the exit code is set when its answer has been written. */
export async function start(argv, root) {
  const file = join(root, 'dist/cli/goose.cjs')
  const { script, keep } = load(file, argv[0] ?? '')
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  try {
    process.exitCode = await module.exports.run(argv, root)
  } finally {
    keep()
  }
}

/** Loads the script. Code is compiled as commands need it, so the cache grows with each command that is new to it. */
function load(file, command) {
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`
  const cache = cacheFile(file)
  const { commands, cachedData } = read(cache)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  const isFresh = cachedData !== undefined && script.cachedDataRejected === false
  const covered = isFresh ? commands : []
  const isNew = /^[a-z_-]{1,20}$/.test(command) && !covered.includes(command) && covered.length < 50
  const keep = () => isNew && write(cache, script, [...covered, command])
  return { script, keep }
}

/** Names the cache by the program that runs and, after that, by the bundle as it is. */
function cacheFile(file) {
  const { size, mtimeMs } = statSync(file)
  const program = createHash('sha256').update(`${process.version} ${process.arch} ${file}`).digest('hex').slice(0, 12)
  const folder = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(folder, 'goose', `code-${program}-${size.toString(36)}${Math.floor(mtimeMs).toString(36)}.bin`)
}

/** A cache file is a line with the commands it covers, then V8's data. */
function read(cache) {
  try {
    const content = readFileSync(cache)
    const end = content.indexOf(10)
    return { commands: content.toString('utf8', 0, end).split(','), cachedData: content.subarray(end + 1) }
  } catch {
    return { commands: [] }
  }
}

/** A cache that cannot be kept costs time, nothing else, so a failure to write it says nothing. */
function write(cache, script, commands) {
  try {
    mkdirSync(dirname(cache), { recursive: true, mode: 0o700 })
    const temporary = `${cache}.${process.pid}`
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${commands.join(',')}\n`), script.createCachedData()]), {
      mode: 0o600,
    })
    renameSync(temporary, cache)
    forgetOthers(cache)
  } catch {}
}

/** Removes the caches of earlier bundles of the same program. */
function forgetOthers(cache) {
  const folder = dirname(cache)
  const program = basename(cache).slice(0, 'code-'.length + 12)
  const others = readdirSync(folder).filter(name => name.startsWith(program) && name !== basename(cache))
  for (const name of others) rmSync(join(folder, name), { force: true })
}
