#!/usr/bin/env node
// Starts goose: version and completion without loading anything, all else from the bundle with V8's code cache.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const argv = process.argv.slice(2)

if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`)
} else if (argv[0] === '__complete') {
  const { complete } = await import('./complete.js')
  complete(argv.slice(1), root)
} else {
  const { start } = await import('./start.js')
  await start(argv, root)
}
