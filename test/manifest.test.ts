// The manifest and the page made from it say what the commands are; a stale one would hide commands.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const stored = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'))

test('the manifest is what the commands say', () => {
  const program = `import { manifest } from './scripts/manifest.mjs'; console.log(JSON.stringify(await manifest()))`
  const made = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' })
  expect(JSON.parse(made), 'run `npm run manifest`').toEqual(stored)
}, 60_000)

test('docs/cli.md is made from the manifest as it is', () => {
  expect(() => execFileSync(process.execPath, [join(root, 'scripts/cli-page.mjs'), '--check'])).not.toThrow()
})

test('every command has a summary and two examples that begin with goose', () => {
  for (const command of Object.values<{ id: string; summary: string; examples: string[] }>(stored.commands)) {
    expect(command.summary, command.id).toMatch(/^[A-Z].*\.$/)
    expect(command.examples.length, command.id).toBeGreaterThanOrEqual(2)
    const words = command.id.split(':')
    for (const example of command.examples) {
      expect(example.startsWith(`<%= config.bin %> ${words[0]}`), `${command.id}: ${example}`).toBe(true)
    }
  }
})
