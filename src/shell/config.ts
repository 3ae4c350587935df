// What the project and the user have configured: model files, connections, and where each value came from.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ConnectionConfig, GooseConfig } from '../models/config.ts'
import { suggestion } from '../models/nearest.ts'
import { policyFault } from '../models/policy.ts'
import { configNames } from '../runtime/project-root.ts'
import type { ProjectLoader } from './load-models.ts'

/** The configuration in force. */
export interface Config {
  readonly root: string
  /** The file it was read from, if there is one. */
  readonly file: string | undefined
  readonly project: GooseConfig
  readonly user: UserConfig
}

/** What `~/.config/goose/config.json` may hold. */
export interface UserConfig {
  readonly connections?: Readonly<Record<string, ConnectionConfig>>
  readonly connection?: string
}

/** Finds the configuration file of a project, if it has one. */
export function configFile(root: string, given?: string): string | undefined {
  if (given === undefined) return configNames.map(name => join(root, name)).find(file => existsSync(file))
  const file = resolve(given)
  if (existsSync(file)) return file
  throw new GooseError('CONFIG_INVALID', { file: given, reason: 'there is no such file', hint: 'check --config' })
}

/** Reads the configuration of a project and of the user. */
export async function readConfig(root: string, file: string | undefined, loader: ProjectLoader): Promise<Config> {
  const user = readUserConfig()
  if (!file) return { root, file, project: {}, user }
  const { default: project } = await loader.load(file)
  const shown = relative(root, file)
  const reason = typeof project !== 'object' || project === null ? 'it exports no configuration' : fault(project)
  if (!reason) return { root, file, project: project as GooseConfig, user }
  throw new GooseError('CONFIG_INVALID', {
    file: shown,
    reason,
    hint: 'export default defineConfig({ models: "models/*.ts" })',
  })
}

/** The file with the connections of the user. */
export function userConfigFile(): string {
  return join(process.env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'goose', 'config.json')
}

/** Reads the configuration of the user; no file is an empty one. */
export function readUserConfig(): UserConfig {
  const file = userConfigFile()
  if (!existsSync(file)) return {}
  const invalid = (reason: string, cause?: unknown) =>
    new GooseError('CONFIG_INVALID', { file, reason, hint: 'correct the file' }, { cause })
  let user: UserConfig
  try {
    user = JSON.parse(readFileSync(file, 'utf8'))
  } catch (cause) {
    throw invalid(`it is not JSON: ${(cause as Error).message}`, cause)
  }
  const reason = typeof user !== 'object' || user === null ? 'it is no object' : userFault(user)
  if (reason) throw invalid(reason)
  return user
}

function userFault(user: UserConfig): string | undefined {
  return strange(user, ['connections', 'connection']) ?? connectionsFault(user.connections)
}

/** Says what is wrong with the shape of a configuration, if anything is. */
function fault(project: object): string | undefined {
  const { models, connections, connection, policies } = project as { [Key in keyof GooseConfig]?: unknown }
  const isList = Array.isArray(models) && models.every(glob => typeof glob === 'string')
  if (models !== undefined && typeof models !== 'string' && !isList) return '"models" is a glob or a list of globs'
  if (connection !== undefined && typeof connection !== 'string') return '"connection" is the name of a connection'
  return strange(project, keys) ?? policyFault(policies) ?? connectionsFault(connections)
}

const keys = ['models', 'connections', 'connection', 'policies']
const connectionKeys = ['uri', 'database', 'protected', 'readPreference']
const readPreferences = ['primary', 'primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest']

// A word that is misspelt would leave a database unprotected, or take another one.
function strange(value: object, known: readonly string[]): string | undefined {
  const found = Object.keys(value).find(key => !known.includes(key))
  return found === undefined ? undefined : `"${found}" means nothing; ${suggestion(found, known)}`
}

function connectionsFault(connections: unknown): string | undefined {
  if (connections === undefined) return undefined
  if (typeof connections !== 'object' || connections === null) return '"connections" is an object of named connections'
  for (const [name, value] of Object.entries(connections)) {
    const reason = connectionFault(value)
    if (reason) return `connection "${name}": ${reason}`
  }
  return undefined
}

function connectionFault(value: unknown): string | undefined {
  if (!hasUri(value)) return 'it needs a uri: text, or env("NAME")'
  const { database, protected: isProtected, readPreference } = value
  if (database !== undefined && typeof database !== 'string') return '"database" is a name'
  if (isProtected !== undefined && typeof isProtected !== 'boolean') return '"protected" is true or false'
  if (readPreference !== undefined && !readPreferences.includes(readPreference))
    return `"readPreference" is one of ${readPreferences.join(', ')}`
  return strange(value, connectionKeys)
}

function hasUri(value: unknown): value is ConnectionConfig {
  const uri = (value as Partial<ConnectionConfig> | undefined)?.uri
  return typeof uri === 'string' || typeof uri?.env === 'string'
}
