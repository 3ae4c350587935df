// Named connections: listed with their origin, added and chosen for the user, and tried.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ConnectionConfig } from '../models/config.ts'
import { suggestion } from '../models/nearest.ts'
import { maskUris } from '../runtime/masked-uri.ts'
import { type AddressFlags, addressOf, namedConnections } from './address.ts'
import type { Answer } from './answer.ts'
import { type Config, readUserConfig, type UserConfig, userConfigFile } from './config.ts'
import { usage } from './flags.ts'

/** Answers every connection, addresses masked, with the one in force marked. */
export function listConnections(config: Config, flags: AddressFlags): Answer {
  const current = inForce(config, flags)
  const named = [...namedConnections(config)].map(([name, { value, source }]) => ({
    name,
    uri: shownUri(value),
    source,
    protected: value.protected === true,
    current: current?.name === name,
  }))
  const isNamed = named.some(row => row.current)
  const other =
    current && !isNamed
      ? [
          {
            name: current.name,
            uri: maskUris(current.uri),
            source: current.source,
            protected: current.isProtected,
            current: true,
          },
        ]
      : []
  const columns = ['name', 'uri', 'source', 'protected', 'current'].map(path => ({ path, head: path.toUpperCase() }))
  return { kind: 'rows', columns, rows: [...named, ...other], empty: 'no connection is configured' }
}

/** The flags of connection add. */
export interface AddFlags {
  readonly 'uri-file'?: string | undefined
  readonly env?: string | undefined
  readonly db?: string | undefined
  readonly protected?: boolean | undefined
}

/** Adds a connection to the configuration of the user; the URI comes from a file, stdin or the environment. */
export function addConnection(name: string, flags: AddFlags): Answer {
  if (!/^[\w-]+$/.test(name)) throw usage(`"${name}" is no name for a connection`, 'use letters, digits, - and _')
  const file = flags['uri-file']
  if (file === undefined && flags.env === undefined)
    throw usage('connection add needs an address', 'give --uri-file PATH (- for stdin) or --env NAME')
  const uri =
    flags.env === undefined ? readFileSync(file === '-' ? 0 : String(file), 'utf8').trim() : { env: flags.env }
  if (typeof uri === 'string' && !/^(mongodb(\+srv)?:\/\/|embedded:)\S+$/.test(uri))
    throw usage('what was given is no URI', 'write mongodb://host/ or embedded:PATH')
  const value: ConnectionConfig = {
    uri,
    ...(flags.db === undefined ? {} : { database: flags.db }),
    ...(flags.protected ? { protected: true } : {}),
  }
  const user = readUserConfig()
  writeUserConfig({ ...user, connections: { ...user.connections, [name]: value } })
  return {
    kind: 'value',
    data: { name, uri: shownUri(value), file: userConfigFile() },
    text: `added ${name} to ${userConfigFile()}`,
  }
}

/** Chooses the connection of the user that is taken when nothing else names one. */
export function useConnection(name: string, config: Config): Answer {
  const names = [...namedConnections(config).keys()]
  if (!names.includes(name)) throw new GooseError('UNKNOWN_CONNECTION', { name, hint: suggestion(name, names) })
  const user = { ...readUserConfig(), connection: name }
  writeUserConfig(user)
  const current = inForce({ ...config, user }, {})
  const isTaken = current === undefined || current.name === name
  return {
    kind: 'value',
    data: { name, file: userConfigFile() },
    text: `${name} is taken when nothing else names a connection`,
    footer: () =>
      isTaken ? [] : [`in this project ${current.source} names "${current.name}"; give --connection ${name}`],
  }
}

/** Connects, asks for an answer, and says how long it took and what answered. */
export async function testConnection(
  config: Config,
  flags: AddressFlags & { readonly timeout?: number | undefined },
): Promise<Answer> {
  const address = addressOf(flags, config, process.env)
  const { connect, disconnect } = await import('../runtime/connection.ts')
  const options = {
    timeout: flags.timeout ?? 10_000,
    tryOnce: flags.timeout === undefined,
    ...(address.database ? { database: address.database } : {}),
  }
  const { db } = await connect(address.uri, options)
  try {
    const started = performance.now()
    await db.command({ ping: 1 })
    const milliseconds = Math.round((performance.now() - started) * 10) / 10
    const { version } = await db.admin().buildInfo()
    const data = {
      name: address.name,
      uri: maskUris(address.uri),
      database: db.databaseName,
      version: String(version),
      milliseconds,
    }
    return {
      kind: 'value',
      data,
      text: `${address.name} answers in ${milliseconds} ms: ${data.uri}, database ${db.databaseName}, version ${version}`,
    }
  } finally {
    await disconnect()
  }
}

function inForce(config: Config, flags: AddressFlags) {
  try {
    return addressOf(flags, config, process.env)
  } catch (error) {
    // A variable that is not set is no reason not to list the others.
    if (error instanceof GooseError) return undefined
    throw error
  }
}

function shownUri({ uri }: ConnectionConfig): string {
  if (typeof uri === 'string') return maskUris(uri)
  const value = process.env[uri.env]
  return value ? maskUris(value) : `from ${uri.env}, which is not set`
}

function writeUserConfig(config: UserConfig): void {
  const file = userConfigFile()
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // Written beside and moved: what others may read of an older file, and half a file, would both be wrong.
  const fresh = `${file}.${process.pid}`
  writeFileSync(fresh, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 })
  renameSync(fresh, file)
}
