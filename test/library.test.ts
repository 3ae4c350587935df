// The library alone: importing goose-odm loads the driver and zod, never what the command line needs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const folder = mkdtempSync(join(root, 'test/.library-'))

beforeAll(async () => {
  await build({
    entryPoints: { index: join(root, 'src/index.ts'), embedded: join(root, 'src/embedded/index.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
  })
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('importing goose-odm loads the driver and zod and nothing else of npm', () => {
  expect(packagesLoadedBy(`await import('./index.mjs')`)).toEqual(['mongodb', 'zod'])
})

test('importing goose-odm and connecting to a server loads no storage', () => {
  const program = `const { connect } = await import('./index.mjs')
    await connect('mongodb://127.0.0.1:1/', { timeout: 1 }).catch(() => undefined)`
  expect(packagesLoadedBy(program)).toEqual(['mongodb', 'zod'])
})

test('the embedded database loads the driver for BSON and lmdb for storage', () => {
  expect(packagesLoadedBy(`await (await (await import('./embedded.mjs')).startEmbedded()).close()`)).toEqual([
    'lmdb',
    'mongodb',
  ])
})

/** Runs a program and lists the packages that its own files ask for, by a hook on module resolution. */
function packagesLoadedBy(program: string): string[] {
  const hook = `export async function resolve(specifier, context, next) {
    if (context.parentURL?.includes('/test/.library-') && !/^([./]|file:|node:)/.test(specifier))
      process._rawDebug('package: ' + specifier.split('/').slice(0, specifier[0] === '@' ? 2 : 1).join('/'))
    return next(specifier, context)
  }`
  const file = join(folder, 'program.mjs')
  writeFileSync(
    file,
    `import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}))
    ${program}`,
  )
  const { status, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' })
  expect(status, stderr).toBe(0)
  return [...new Set([...stderr.matchAll(/^package: (.+)$/gm)].map(match => match[1]!))].sort()
}
