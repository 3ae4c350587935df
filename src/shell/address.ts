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
  if (flags['uri-file'] !== undefined) return fromFile(flags['uri-file'])
  if (flags.connection !== undefined) return named(flags.connection, '--connection', config, env)
  if (env.GOOSE_URI) return plain(env.GOOSE_URI, 'GOOSE_URI')
  if (env.GOOSE_CONNECTION) return named(env.GOOSE_CONNECTION, 'GOOSE_CONNECTION', config, env)
  const project = defaultName(config.project)
  if (project) return named(project, 'goose.config', config, env)
  if (env.MONGODB_URI) return plain(env.MONGODB_URI, 'MONGODB_URI')
  const user = defaultName(config.user)
  if (user) return named(user, 'user config', config, env)
  return plain(`embedded:${join(config.root, '.goose', 'data')}`, 'embedded')
}

function plain(uri: string, source: string): Address {
  return { uri, name: source === 'embedded' ? 'embedded' : 'default', source, isProtected: false }
}

function fromFile(path: string): Address {
  const text = path === '-' ? readFileSync(0, 'utf8') : readFileSync(path, 'utf8')
  const uri = text.trim()
  if (uri !== '') return plain(uri, path === '-' ? 'stdin' : path)
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
