// What a project says about itself in goose.config.ts: models, connections, and where secrets come from.
import type { PolicyConfig } from './policy.ts'

/** A value taken from the environment when it is needed, so that the file itself holds no secret. */
export interface FromEnvironment {
  readonly env: string
}

/** A named connection. */
export interface ConnectionConfig {
  readonly uri: string | FromEnvironment
  /** The database, when the URI does not name it. */
  readonly database?: string
  /** Refuses writes without a token typed for the occasion. */
  readonly protected?: boolean
  readonly readPreference?: 'primary' | 'primaryPreferred' | 'secondary' | 'secondaryPreferred' | 'nearest'
}

/** The contents of goose.config.ts. */
export interface GooseConfig {
  readonly models?: string | readonly string[]
  readonly connections?: Readonly<Record<string, ConnectionConfig>>
  /** The connection taken when none is named; `default`, or the only one, otherwise. */
  readonly connection?: string
  /** Rules of retention by their names: `goose archive run --policy NAME`. */
  readonly policies?: Readonly<Record<string, PolicyConfig>>
}

/** Types the configuration of a project; returns it as it is.
 *
 * ```ts
 * defineConfig({ models: 'src/models/**' + '/*.ts', connections: { dev: { uri: env('MONGO_URL') } } })
 * ```
 */
export function defineConfig<const Config extends GooseConfig>(config: Config): Config {
  return config
}

/** Names an environment variable whose value is read when a connection is opened.
 *
 * ```ts
 * defineConfig({ connections: { prod: { uri: env('PROD_URL'), protected: true } } })
 * ```
 */
export function env(name: string): FromEnvironment {
  return { env: name }
}
