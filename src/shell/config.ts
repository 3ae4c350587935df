// What the project and the user have configured: model files, connections, and where each value came from.
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import type { ConnectionConfig, GooseConfig } from '../models/config.ts'
import { policyFault } from '../models/policy.ts'
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

const names = ['goose.config.ts', 'goose.config.mts', 'goose.config.js', 'goose.config.mjs']

/** Finds the root of the project: the nearest folder upward that holds a configuration or a package. */
export function findRoot(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if ([...names, 'package.json'].some(name => existsSync(join(folder, name)))) return folder
    if (dirname(folder) === folder) return resolve(from)
  }
}

/** Finds the configuration file of a project, if it has one. */
export function configFile(root: string, given?: string): string | undefined {
  if (given === undefined) return names.map(name => join(root, name)).find(file => existsSync(file))
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
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as UserConfig
  } catch (cause) {
    const meta = { file, reason: `it is not JSON: ${(cause as Error).message}`, hint: 'correct the file' }
    throw new GooseError('CONFIG_INVALID', meta, { cause })
  }
}

/** Says what is wrong with the shape of a configuration, if anything is. */
function fault(project: object): string | undefined {
  const { models, connections, connection, policies } = project as { [Key in keyof GooseConfig]?: unknown }
  const isList = Array.isArray(models) && models.every(glob => typeof glob === 'string')
  if (models !== undefined && typeof models !== 'string' && !isList) return '"models" is a glob or a list of globs'
  if (connection !== undefined && typeof connection !== 'string') return '"connection" is the name of a connection'
  const badPolicy = policyFault(policies)
  if (badPolicy) return badPolicy
  if (connections === undefined) return undefined
  if (typeof connections !== 'object' || connections === null) return '"connections" is an object of named connections'
  const wrong = Object.entries(connections).find(([, value]) => !hasUri(value))
  return wrong && `connection "${wrong[0]}" needs a uri: text, or env("NAME")`
}

function hasUri(value: unknown): boolean {
  const uri = (value as Partial<ConnectionConfig> | undefined)?.uri
  return typeof uri === 'string' || typeof uri?.env === 'string'
}
