// Keeps dist/ fresh for programs that import goose-odm by name, as installed.
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')

/** Compiles the library when a source is newer than what was compiled. */
export function keepLibraryFresh(): void {
  const built = statSync(join(root, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).map(file =>
    join(root, 'src', file),
  )
  if (sources.every(file => statSync(file).mtimeMs < built)) return
  const args = [join(root, 'node_modules/typescript-7/bin/tsc'), '-p', 'tsconfig.build.json']
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(stdout)
}
