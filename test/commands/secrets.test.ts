// Secrets are nowhere: not in output, errors, the commands that --debug shows, or any file goose keeps.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ids, useCliProject } from '../support/cli.ts'

const project = useCliProject('secrets')
const secret = 'swordfish-of-ada'

test('--debug shows the commands sent, without what is secret in them', () => {
  const lines = [
    ['insert', 'Author', '--set', 'name=Eve', '--set', 'email=eve@example.com', '--set', `passwordHash=${secret}`],
    ['update', 'Author', ids.ada, '--set', `passwordHash=${secret}`],
    ['find', 'Author', '--where', `passwordHash=${secret}`, '-o', 'json'],
    ['find', 'Author', '--filter', `{passwordHash: {$in: ["${secret}"]}}`, '--select', 'name,passwordHash'],
    ['count', 'Author', '--filter', `{$or: [{passwordHash: "${secret}"}]}`],
  ]
  for (const args of lines) {
    const { stdout, stderr, status } = project.goose([...args, '--debug'])
    expect(status, stderr).toBe(0)
    expect(stderr).toMatch(/^→ (insert|update|find|aggregate|findAndModify|count) \{/m)
    expect(stderr).toContain('"passwordHash":')
    expect(stdout + stderr).not.toContain(secret)
  }
})

test('a secret that does not fit, and one that exists already, are not told in the error', () => {
  const wrong = project.goose(['insert', 'Author', '--set', `name=`, '--set', `passwordHash=${secret}`, '--debug'])
  expect(wrong.status).toBe(11)
  expect(wrong.stdout + wrong.stderr).not.toContain(secret)
})

test('the password of a URI is masked wherever the URI is shown', () => {
  const input = `mongodb://user:${secret}@127.0.0.1:1/\n`
  for (const args of [
    ['ping', '--uri-file', '-', '--timeout', '200ms', '--debug', '--verbose'],
    ['count', 'Book', '--uri-file', '-', '--timeout', '200ms', '--json'],
    ['connection', 'add', 'mine', '--uri-file', '-'],
  ]) {
    const { stdout, stderr } = project.goose(args, { input })
    expect(stdout + stderr).not.toContain(secret)
  }
  expect(project.goose(['connection', 'list', '-o', 'json']).stdout).not.toContain(secret)
  for (const name of ['GOOSE_URI', 'MONGODB_URI']) {
    const { stdout, stderr } = project.goose(['connection', 'list', '-v'], { env: { [name]: input.trim() } })
    expect(stdout + stderr).not.toContain(secret)
  }
})

test('nothing that goose keeps can be read by others, and only the connections of the user hold one', () => {
  const kept = readdirSync(join(project.folder, 'config'), { recursive: true, encoding: 'utf8' })
    .map(name => join(project.folder, 'config', name))
    .filter(file => statSync(file).isFile())
  expect(kept.length).toBeGreaterThan(0)
  for (const file of kept) {
    expect(statSync(file).mode & 0o077).toBe(0)
    if (!file.endsWith('config.json')) expect(readFileSync(file, 'utf8')).not.toContain(secret)
  }
})

test('no flag takes a password or a URI', () => {
  const { commands } = JSON.parse(readFileSync(join(import.meta.dirname, '../../oclif.manifest.json'), 'utf8'))
  const flags = Object.values(commands as Record<string, { flags: object }>).flatMap(({ flags }) => Object.keys(flags))
  expect(flags.filter(name => name !== 'include-secrets' && /password|secret|token|^uri$/.test(name))).toEqual([])
})
