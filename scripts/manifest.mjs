// Writes oclif.manifest.json from the commands, so that help and completion need not load them.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Plugin } from '@oclif/core'
import { build } from 'esbuild'
import { commandFiles } from './build.mjs'

const root = resolve(import.meta.dirname, '..')

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(await manifest(), null, 2)}\n`)
}

/** Gives the manifest of the commands as they are in src/. */
export async function manifest() {
  const folder = join(root, 'node_modules/.cache/goose/manifest')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(root, 'package.json'), join(folder, 'package.json'))
  await build({
    entryPoints: commandFiles().map(file => join(root, 'src/commands', file)),
    outdir: join(folder, 'dist/commands'),
    outbase: join(root, 'src/commands'),
    chunkNames: '../chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'warning',
  })
  const plugin = new Plugin({ root: folder, ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  const commands = Object.entries(plugin.manifest.commands).sort(([one], [other]) => (one < other ? -1 : 1))
  return JSON.parse(JSON.stringify({ commands: Object.fromEntries(commands), version: plugin.version }))
}
