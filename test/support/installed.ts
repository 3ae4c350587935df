// Goose as people install it: packed once for all tests of a state of the sources, and unpacked in a project.
import { type ExecFileSyncOptionsWithStringEncoding, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '../..')
const place = join(root, 'node_modules/.goose-test')

/** A project that has goose installed. */
export interface Installed {
  readonly project: string
  readonly program: string
  /** The files of the tarball. */
  readonly files: readonly string[]
}

/** Gives the installed package of the sources as they are; the first that asks packs it, others wait. */
export function installed(): Installed {
  const folder = join(place, `installed-${stateOf(parts())}`)
  mkdirSync(place, { recursive: true })
  while (!existsSync(folder)) {
    if (!isFirst(`${folder}.lock`)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
      continue
    }
    try {
      forgetOthers()
      install(`${folder}.new`)
      renameSync(`${folder}.new`, folder)
    } finally {
      rmSync(`${folder}.lock`, { force: true })
    }
  }
  const project = join(folder, 'project')
  return {
    project,
    program: join(project, 'node_modules/goose-odm/bin/run.js'),
    files: readFileSync(join(folder, 'files'), 'utf8').split('\n'),
  }
}

/** What the package is made of. */
function parts(): readonly string[] {
  const pages = readdirSync(root).filter(file => /\.(json|md)$|^LICENSE$/.test(file))
  return ['bin', 'docs', 'scripts', 'src', ...pages]
}

/** Names a state of files by their sizes and times. */
function stateOf(names: readonly string[]): string {
  const hash = createHash('sha256')
  for (const name of names.map(part => join(root, part)).flatMap(filesIn)) {
    const { size, mtimeMs } = statSync(name)
    hash.update(`${name} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 16)
}

function filesIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { recursive: true, encoding: 'utf8' }).map(entry => join(path, entry))
  return entries.filter(entry => statSync(entry).isFile()).sort()
}

/** Says whether this process has the work to do; a lock whose process has gone is nobody's. */
function isFirst(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isAlive(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch {
    return false
  }
}

/** Removes the packages of earlier states. */
function forgetOthers(): void {
  const others = readdirSync(place).filter(name => /^installed-[0-9a-f]+(\.new)?$/.test(name))
  for (const name of others) rmSync(join(place, name), { recursive: true, force: true })
}

/** Builds and packs a copy of the repository, so that other tests keep their dist/, and installs it without a registry. */
function install(folder: string): void {
  const copy = join(folder, 'copy')
  const modules = join(folder, 'project/node_modules')
  for (const part of parts()) cpSync(join(root, part), join(copy, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  const options: ExecFileSyncOptionsWithStringEncoding = {
    cwd: copy,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }
  const printed = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], options)
  const tarball = join(folder, printed.trim().split('\n').at(-1) ?? '')
  mkdirSync(join(modules, 'goose-odm'), { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'goose-odm'), '--strip-components=1'])
  for (const name of readdirSync(join(root, 'node_modules')).filter(
    entry => /^[^.]/.test(entry) && entry !== 'goose-odm',
  ))
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  writeFileSync(join(folder, 'project/package.json'), '{ "name": "harbour", "private": true, "type": "module" }\n')
  const listed = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n')
  writeFileSync(join(folder, 'files'), listed.map(file => file.replace(/^package\//, '')).join('\n'))
  rmSync(copy, { recursive: true, force: true })
}
