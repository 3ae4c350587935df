// Which database a command talks to: flag, GOOSE_*, project, MONGODB_URI, user, embedded.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { addressOf } from '../../src/shell/address.ts'
import type { Config } from '../../src/shell/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'goose-address-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const uriFile = join(folder, 'uri')
writeFileSync(uriFile, 'mongodb://from-file/\n')

const project = {
  connection: 'dev',
  connections: {
    dev: { uri: 'mongodb://dev/' },
    prod: { uri: { env: 'PROD_URL' }, protected: true, database: 'shop' },
  },
}
const configured: Config = {
  root: '/work',
  file: undefined,
  project,
  user: { connections: { mine: { uri: 'mongodb://mine/' } } },
}
const bare: Config = { root: '/work', file: undefined, project: {}, user: {} }
const everything = {
  GOOSE_URI: 'mongodb://goose/',
  GOOSE_CONNECTION: 'prod',
  MONGODB_URI: 'mongodb://env/',
  PROD_URL: 'mongodb://prod/',
}

test.each([
  [
    'a file named by --uri-file',
    { 'uri-file': uriFile, connection: 'dev' },
    configured,
    everything,
    'mongodb://from-file/',
  ],
  ['--connection', { connection: 'dev' }, configured, everything, 'mongodb://dev/'],
  ['a connection of the user', { connection: 'mine' }, configured, everything, 'mongodb://mine/'],
  ['GOOSE_URI', {}, configured, everything, 'mongodb://goose/'],
  ['GOOSE_CONNECTION', {}, configured, { ...everything, GOOSE_URI: '' }, 'mongodb://prod/'],
  ['the project', {}, configured, { MONGODB_URI: 'mongodb://env/' }, 'mongodb://dev/'],
  ['MONGODB_URI', {}, { ...configured, project: {} }, { MONGODB_URI: 'mongodb://env/' }, 'mongodb://env/'],
  ['the user', {}, { ...configured, project: {} }, {}, 'mongodb://mine/'],
  ['the embedded database of the project', {}, bare, {}, 'embedded:/work/.goose/data'],
])('%s decides', (_, flags, config, env, uri) => {
  expect(addressOf(flags, config, env).uri).toBe(uri)
})

test('a protected connection says so, and brings its database unless --db names another', () => {
  const env = { PROD_URL: 'mongodb://prod/' }
  expect(addressOf({ connection: 'prod' }, configured, env)).toMatchObject({ isProtected: true, database: 'shop' })
  expect(addressOf({ connection: 'prod', db: 'other' }, configured, env).database).toBe('other')
})

test('an unknown connection is refused with the nearest name', () => {
  expect(() => addressOf({ connection: 'prdo' }, configured, {})).toThrow(
    expect.objectContaining({ code: 'UNKNOWN_CONNECTION', hint: 'did you mean "prod"?' }),
  )
})

test('a connection whose variable is not set names the variable', () => {
  expect(() => addressOf({ connection: 'prod' }, configured, {})).toThrow(/PROD_URL, which is not set/)
})

test('a bare URI is as protected as the connection that names the same servers', () => {
  const env = { PROD_URL: 'mongodb://user:swordfish@a.example.com,b.example.com:27018/shop' }
  const named = (uri: string) => addressOf({}, configured, { ...env, GOOSE_URI: uri })
  expect(named('mongodb://other@B.example.com:27018/')).toMatchObject({ isProtected: true, name: 'prod' })
  expect(named('mongodb://a.example.com:27017/x?tls=true')).toMatchObject({ isProtected: true, name: 'prod' })
  expect(named('mongodb://b.example.com/')).toMatchObject({ isProtected: false, name: 'default' })
  expect(
    addressOf(
      {},
      { ...configured, project: { connections: project.connections } },
      { ...env, MONGODB_URI: env.PROD_URL },
    ),
  ).toMatchObject({ isProtected: true })
  expect(addressOf({ 'uri-file': uriFile }, configured, { PROD_URL: 'mongodb://from-file/' }).isProtected).toBe(true)
  expect(addressOf({ connection: 'dev' }, configured, { PROD_URL: 'mongodb://dev/' }).isProtected).toBe(false)
})
