// Decides which database a command talks to: flag, environment, project, user, or the embedded one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ConnectionConfig } from '../models/config.ts'
import { suggestion } from '../models/nearest.ts'
import type { Config } from './config.ts'

/** A database to connect to, and why this one. */
export interface Address {
  readonly uri: string
  readonly name: string
  readonly source: string
  readonly isProtected: boolean
  readonly database?: string
  /** Where commands that only read may read from. */
  readonly readPreference?: ConnectionConfig['readPreference']
}

/** What the command line says about the connection. */
export interface AddressFlags {
  readonly connection?: string | undefined
  readonly 'uri-file'?: string | undefined
  readonly db?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Decides the address: flag, GOOSE_URI or GOOSE_CONNECTION, goose.config, MONGODB_URI, user, embedded. */
export function addressOf(flags: AddressFlags, config: Config, env: Environment): Address {
  const address = chosen(flags, config, env)
  return flags.db === undefined ? address : { ...address, database: flags.db }
}

/** Gives every named connection and the file that names it; the project's win over the user's. */
export function namedConnections(config: Config): ReadonlyMap<string, NamedConnection> {
  const from = ({ connections = {} }: Config['user'], source: string) =>
    Object.entries(connections).map(([name, value]): [string, NamedConnection] => [name, { value, source }])
  return new Map([...from(config.user, 'user config'), ...from(config.project, 'goose.config')])
}

/** A configured connection and where it was configured. */
export interface NamedConnection {
  readonly value: ConnectionConfig
  readonly source: string
}

function chosen(flags: AddressFlags, config: Config, env: Environment): Address {
  const file = flags['uri-file']
  if (file !== undefined) return plainAddress({ uri: uriIn(file), source: file === '-' ? 'stdin' : file }, config, env)
  if (flags.connection !== undefined) return named(flags.connection, '--connection', config, env)
  const plain = (uri: string, source: string) => plainAddress({ uri, source }, config, env)
  if (env.GOOSE_URI) return plain(env.GOOSE_URI, 'GOOSE_URI')
  if (env.GOOSE_CONNECTION) return named(env.GOOSE_CONNECTION, 'GOOSE_CONNECTION', config, env)
  const project = defaultName(config.project)
  if (project) return named(project, 'goose.config', config, env)
  if (env.MONGODB_URI) return plain(env.MONGODB_URI, 'MONGODB_URI')
  const user = defaultName(config.user)
  if (user) return named(user, 'user config', config, env)
  return plain(`embedded:${join(config.root, '.goose', 'data')}`, 'embedded')
}

/** Makes the address of a bare URI, which is as protected as the connection that names the same servers. */
function plainAddress(given: Pick<Address, 'uri' | 'source'>, config: Config, env: Environment): Address {
  const hosts = hostsOf(given.uri)
  const [guard] = [...namedConnections(config)].find(([, { value }]) => isGuardOf(value, hosts, env)) ?? []
  if (guard !== undefined) return { ...given, name: guard, isProtected: true }
  return { ...given, name: given.source === 'embedded' ? 'embedded' : 'default', isProtected: false }
}

function isGuardOf({ uri, protected: isProtected }: ConnectionConfig, hosts: ReadonlySet<string>, env: Environment) {
  if (isProtected !== true) return false
  const guarded = typeof uri === 'string' ? uri : env[uri.env]
  return guarded !== undefined && [...hostsOf(guarded)].some(host => hosts.has(host))
}

/** Names the servers of a URI, or the folder of an embedded database. */
function hostsOf(uri: string): ReadonlySet<string> {
  const [, scheme, hosts = ''] = /^mongodb(\+srv)?:\/\/(?:[^/]*@)?([^/?]*)/.exec(uri) ?? []
  if (hosts === '') return new Set([uri])
  const port = scheme ? '' : ':27017'
  return new Set(hosts.split(',').map(host => (/:\d+$/.test(host) ? host : `${host}${port}`).toLowerCase()))
}

function uriIn(path: string): string {
  const text = path === '-' ? readFileSync(0, 'utf8') : readFileSync(path, 'utf8')
  const uri = text.trim()
  if (uri !== '') return uri
  throw new GooseError('USAGE', { reason: `--uri-file ${path} is empty`, hint: 'put one URI into it' })
}

function defaultName({ connection, connections = {} }: Config['project'] | Config['user']): string | undefined {
  if (connection !== undefined) return connection
  const names = Object.keys(connections)
  if (names.includes('default')) return 'default'
  return names.length === 1 ? names[0] : undefined
}

function named(name: string, source: string, config: Config, env: Environment): Address {
  const found = namedConnections(config).get(name)
  if (!found)
    throw new GooseError('UNKNOWN_CONNECTION', { name, hint: suggestion(name, namedConnections(config).keys()) })
  const { value } = found
  return {
    uri: uriOf(name, value, env),
    name,
    source: source === found.source ? source : `${source}, ${found.source}`,
    isProtected: value.protected === true,
    ...(value.database === undefined ? {} : { database: value.database }),
    ...(value.readPreference === undefined ? {} : { readPreference: value.readPreference }),
  }
}

function uriOf(name: string, { uri }: ConnectionConfig, env: Environment): string {
  if (typeof uri === 'string') return uri
  const value = env[uri.env]
  if (value) return value
  const reason = `connection "${name}" takes its URI from ${uri.env}, which is not set`
  throw new GooseError('CONFIG_INVALID', {
    file: 'connections',
    reason,
    hint: `set ${uri.env}, or choose another with --connection`,
  })
}
