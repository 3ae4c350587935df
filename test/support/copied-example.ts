// An example as somebody copies it: in a folder of its own, with goose installed from its package.
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { installed } from './installed.ts'

const root = resolve(import.meta.dirname, '../..')

/** Copies an example, or parts of it, and gives the program that `npx goose` runs there. */
export function copyExample(name: string, folder: string, parts: readonly string[] = ['.']): string {
  const { program, project } = installed()
  for (const part of parts)
    cpSync(join(root, 'examples', name, part), join(folder, part), {
      recursive: true,
      filter: file => !file.includes('.goose'),
    })
  writeFileSync(join(folder, 'package.json'), `{ "name": "${name}", "private": true, "type": "module" }\n`)
  mkdirSync(join(folder, 'node_modules'))
  for (const module of readdirSync(join(project, 'node_modules')))
    symlinkSync(join(project, 'node_modules', module), join(folder, 'node_modules', module))
  symlinkSync(join(root, 'node_modules/.bin'), join(folder, 'node_modules/.bin'))
  return program
}
