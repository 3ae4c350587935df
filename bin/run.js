#!/usr/bin/env node
// Starts goose: version and completion without loading anything, all else from the bundle with V8's code cache.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = resolve(import.meta.dirname, '..')
const argv = process.argv.slice(2)
const own = projectCopy()
settleColour()

if (own !== undefined) {
  await import(pathToFileURL(own).href)
} else if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.on('error', tellUnwritten)
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else if (argv[0] === '__complete') {
  process.stdout.on('error', tellUnwritten)
  const { complete } = await import('./complete.js')
  complete(argv.slice(1), root)
} else {
  const { start } = await import('./start.js')
  await start(argv, root)
}

/** Finds the copy that the project in this folder has installed, when that is another: its version is what the project is written for. */
function projectCopy() {
  try {
    const folder = dirname(createRequire(join(process.cwd(), 'goose')).resolve('goose-odm/package.json'))
    const program = join(folder, 'bin/run.js')
    return folder !== root && existsSync(program) ? program : undefined
  } catch {
    return undefined
  }
}

/** Says why stdout takes nothing; a reader that has gone is no error. */
function tellUnwritten({ code, message }) {
  if (code === 'EPIPE') return
  process.stderr.write(`✖ FILE_FAILED  cannot write to stdout: ${message}\n`)
  process.exitCode = 1
}

/** Leaves one of NO_COLOR and FORCE_COLOR, the first where it says anything: Node prints a warning where it finds both. */
function settleColour() {
  const { NO_COLOR, FORCE_COLOR } = process.env
  if (NO_COLOR === undefined || FORCE_COLOR === undefined) return
  delete process.env[NO_COLOR === '' ? 'NO_COLOR' : 'FORCE_COLOR']
}
