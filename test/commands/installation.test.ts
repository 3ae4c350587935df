// Which copy of goose runs, and how it is called: the project's own before any other.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepFresh } from '../support/cli.ts'

const root = resolve(import.meta.dirname, '../..')
let folder: string

beforeEach(() => {
  keepFresh()
  folder = mkdtempSync(join(tmpdir(), 'goose-installation-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const goose = (cwd: string, ...args: readonly string[]) =>
  spawnSync(process.execPath, [join(root, 'bin/run.js'), ...args], { cwd, encoding: 'utf8' })

/** Puts another copy of goose into the project, which says what it was given. */
function installOther(files: Readonly<Record<string, string>>): void {
  const other = join(folder, 'node_modules/goose-odm')
  mkdirSync(join(other, 'bin'), { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(other, name), text)
}

test('the copy that the project has installed answers, from any folder in it', () => {
  installOther({
    'package.json': '{ "name": "goose-odm", "version": "9.9.9", "type": "module" }',
    'bin/run.js': "console.log('own', process.argv.slice(2).join(' '))\nprocess.exitCode = 7\n",
  })
  mkdirSync(join(folder, 'deep/inside'), { recursive: true })
  expect(goose(join(folder, 'deep/inside'), 'find', 'Post', '--json')).toMatchObject({
    stdout: 'own find Post --json\n',
    stderr: '',
    status: 7,
  })
  expect(goose(folder, '--version').stdout).toBe('own --version\n')
})

test('without a copy that can run, the one that was started answers', () => {
  expect(goose(folder, '--version').stdout).toMatch(/^goose-odm\//)
  installOther({ 'package.json': '{ "name": "goose-odm", "version": "9.9.9" }' })
  expect(goose(folder, '--version')).toMatchObject({ stdout: expect.stringMatching(/^goose-odm\//), status: 0 })
})

test('init names the next commands as they can be typed', () => {
  expect(goose(folder, 'init').stdout).toContain('Next:\n  goose indexes sync\n  goose insert User ')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(root, join(folder, 'node_modules/goose-odm'))
  const { stdout } = goose(folder, 'init', '--model', 'Boat')
  expect(stdout).toContain('  npx goose indexes sync\n  npx goose insert Boat --set name=Ada')
  expect(stdout).toContain('  npx goose find Boat\n')
})
