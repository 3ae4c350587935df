// Loads a bundle as a script, with the machine code V8 kept from an earlier run.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** Runs the script and gives what it exports. Code is compiled as it is needed, so the cache grows with each part of
 * the script, a short name, that is new to it: `keep` writes it, once that part has run. */
export function loadCached(file, part) {
  // Bundles are ASCII, which is read fastest as latin1.
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`
  const cache = cacheFile(file)
  const { parts, cachedData } = read(cache)
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) })
  const isFresh = cachedData !== undefined && script.cachedDataRejected === false
  const covered = isFresh ? parts : []
  const isNew = /^[a-z_-]{1,20}$/.test(part) && !covered.includes(part) && covered.length < 50
  const keep = () => isNew && write(cache, script, [...covered, part])
  const module = { exports: {} }
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file))
  return { exports: module.exports, keep }
}

/** Names the cache by the bundle's place and, after that, by the bundle as it is. */
function cacheFile(file) {
  const { size, mtimeMs } = statSync(file)
  const bundle = createHash('sha256').update(`${process.version} ${process.arch} ${file}`).digest('hex').slice(0, 12)
  const folder = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return join(folder, 'goose', `code-${bundle}-${size.toString(36)}${Math.floor(mtimeMs).toString(36)}.bin`)
}

/** A cache file is a line with the parts it covers, then V8's data. */
function read(cache) {
  try {
    const content = readFileSync(cache)
    const end = content.indexOf(10)
    return { parts: content.toString('utf8', 0, end).split(','), cachedData: content.subarray(end + 1) }
  } catch {
    return { parts: [] }
  }
}

/** A cache that cannot be kept costs time, nothing else, so a failure to write it says nothing. */
function write(cache, script, parts) {
  try {
    mkdirSync(dirname(cache), { recursive: true, mode: 0o700 })
    const temporary = `${cache}.${process.pid}`
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${parts.join(',')}\n`), script.createCachedData()]), {
      mode: 0o600,
    })
    renameSync(temporary, cache)
    forgetOthers(cache)
  } catch {}
}

/** Removes the caches of earlier versions of the same bundle. */
function forgetOthers(cache) {
  const folder = dirname(cache)
  const bundle = basename(cache).slice(0, 'code-'.length + 12)
  const others = readdirSync(folder).filter(name => name.startsWith(bundle) && name !== basename(cache))
  for (const name of others) rmSync(join(folder, name), { force: true })
}
