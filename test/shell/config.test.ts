// What a configuration may say; a word that means nothing would leave a database unprotected, or take another one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { configFile, readConfig } from '../../src/shell/config.ts'
import { projectLoader } from '../../src/shell/load-models.ts'

const folder = mkdtempSync(join(tmpdir(), 'goose-config-'))
const home = process.env.XDG_CONFIG_HOME
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
  if (home === undefined) delete process.env.XDG_CONFIG_HOME
  else process.env.XDG_CONFIG_HOME = home
})

async function read({ project, user = '{}' }: { readonly project: string; readonly user?: string }) {
  mkdirSync(join(folder, 'home/goose'), { recursive: true })
  writeFileSync(join(folder, 'goose.config.ts'), `export default ${project}\n`)
  writeFileSync(join(folder, 'home/goose/config.json'), user)
  process.env.XDG_CONFIG_HOME = join(folder, 'home')
  return readConfig(folder, configFile(folder), await projectLoader(folder))
}

test('all there is may be said', async () => {
  const prod = `{ uri: { env: 'PROD' }, database: 'shop', protected: true, readPreference: 'secondary' }`
  const { project, user } = await read({
    project: `{ models: ['a/*.ts'], connection: 'prod', connections: { prod: ${prod} }, policies: {} }`,
    user: '{ "connection": "mine", "connections": { "mine": { "uri": "mongodb://mine/" } } }',
  })
  expect(project).toMatchObject({ connection: 'prod', connections: { prod: { readPreference: 'secondary' } } })
  expect(user).toEqual({ connection: 'mine', connections: { mine: { uri: 'mongodb://mine/' } } })
})

test.each([
  ['{ modles: "x" }', '"modles" means nothing; did you mean "models"?'],
  ['{ connections: { prod: { uri: "mongodb://h/", protcted: true } } }', 'connection "prod": "protcted" means nothing'],
  ['{ connections: { prod: { uri: "mongodb://h/", protected: "yes" } } }', '"protected" is true or false'],
  ['{ connections: { prod: { uri: 5 } } }', 'connection "prod": it needs a uri'],
  ['{ connections: { prod: { uri: "mongodb://h/", readPreference: "any" } } }', '"readPreference" is one of'],
  ['{ connections: { prod: { uri: "mongodb://h/", database: 5 } } }', '"database" is a name'],
  ['{ connections: 5 }', '"connections" is an object of named connections'],
  ['{ connection: 5 }', '"connection" is the name of a connection'],
  ['{ models: 5 }', '"models" is a glob'],
  ['null', 'it exports no configuration'],
])('%s is refused by name', async (project, reason) => {
  await expect(read({ project })).rejects.toThrow(reason)
})

test.each([
  ['{ "connections": { "mine": { "uri": "mongodb://h/", "protect": true } } }', 'did you mean "protected"?'],
  ['{ "conection": "x" }', '"conection" means nothing'],
  ['[', 'it is not JSON'],
  ['5', 'it is no object'],
])('%s is refused as the configuration of a user', async (user, reason) => {
  await expect(read({ project: '{}', user })).rejects.toThrow(reason)
})
