// Goose as people install it, in a temporary folder: packed, unpacked, its dependencies linked.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')

/** Packs the repository and unpacks it elsewhere; gives the program to run, and how to remove it. */
export function install() {
  const folder = mkdtempSync(join(tmpdir(), 'goose-bench-'))
  const modules = join(folder, 'node_modules')
  const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
  })
  mkdirSync(join(modules, 'goose-odm'), { recursive: true })
  const tarball = join(folder, printed.trim().split('\n').at(-1))
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'goose-odm'), '--strip-components=1'])
  for (const name of readdirSync(join(root, 'node_modules')).filter(
    entry => /^[^.]/.test(entry) && entry !== 'goose-odm',
  ))
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  return {
    folder,
    program: join(modules, 'goose-odm/bin/run.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
