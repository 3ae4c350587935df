// A project as a command sees it: its configuration, its models, and one database connection.
import { relative, resolve } from 'node:path'
import { GooseError } from '../errors.ts'
import { maskUris } from '../runtime/masked-uri.ts'
import { projectRoot, rootAround } from '../runtime/project-root.ts'
import { type Address, type AddressFlags, addressOf } from './address.ts'
import { type Config, configFile, readConfig } from './config.ts'
import type { ProjectLoader } from './load-models.ts'
import { defaultGlobs, modelFiles } from './model-files.ts'
import type { LoadedModel } from './models.ts'

/** What the command line says about the project. */
export interface WorkspaceFlags extends AddressFlags {
  readonly config?: string | undefined
  readonly models?: string | undefined
  readonly timeout?: number | undefined
  readonly verbose?: boolean | undefined
  readonly debug?: boolean | undefined
  /** Whether somebody looks at each command before it is sent. */
  readonly watched?: boolean | undefined
  /** Whether nothing is written, so that other servers than the primary may be read. */
  readonly readsOnly?: boolean | undefined
}

/** A project, opened step by step as a command needs it. */
export interface Workspace {
  readonly root: string
  config(): Promise<Config>
  /** All models of the project. */
  models(): Promise<readonly LoadedModel[]>
  /** One model by name, ready to be asked: its files loaded, its database connected. */
  model(name: string): Promise<LoadedModel>
  /** Runs a source file of the project as a module, as model files are. */
  load(file: string): Promise<Readonly<Record<string, unknown>>>
  address(): Promise<Address>
  /** The address of another connection of the configuration. */
  addressNamed(name: string): Promise<Address>
  connect(): Promise<void>
  /** Connects to another connection of the configuration, under its name. */
  connectNamed(name: string): Promise<void>
  close(): Promise<void>
}

/** Opens the project around a folder; nothing is read before it is needed. */
export function openWorkspace(flags: WorkspaceFlags, folder = process.cwd()): Workspace {
  const root = flags.config ? rootAround(resolve(flags.config, '..')) : projectRoot(folder)
  const loader = once(() => import('./load-models.ts').then(module => module.projectLoader(root)))
  const config = once(async () => readConfig(root, configFile(root, flags.config), await loader()))
  const models = once(async () => loadAll({ root, config: await config(), loader: await loader(), glob: flags.models }))
  const address = once(async () => addressOf(flags, await config(), process.env))
  const addressNamed = async (name: string) => addressOf({ connection: name }, await config(), process.env)
  const connection = once(async () => connectTo(await address(), flags))
  const model = async (name: string) => {
    const { findModel } = await import('./models.ts')
    const found = findModel(await models(), name)
    await connection()
    return found
  }
  return {
    root,
    config,
    models,
    model,
    load: async file => {
      const { load, keep } = await loader()
      const exports = await load(file)
      keep()
      return exports
    },
    address,
    addressNamed,
    connectNamed: async name => connectTo(await addressNamed(name), flags, name),
    connect: async () => void (await connection()),
    close: async () => {
      if (connection.isStarted()) await (await import('../runtime/connection.ts')).disconnect()
    },
  }
}

interface Loading {
  readonly root: string
  readonly config: Config
  readonly loader: ProjectLoader
  readonly glob: string | undefined
}

async function loadAll({ root, config, loader, glob }: Loading): Promise<readonly LoadedModel[]> {
  const globs = glob ? [glob] : [config.project.models ?? defaultGlobs].flat()
  const files = modelFiles(root, globs)
  if (files.length === 0) throw noFiles(root, globs, config)
  const { adoptExports, openModels } = await import('./models.ts')
  for (const file of files) adoptExports(await loader.load(file))
  loader.keep()
  const models = openModels(root)
  const { keepSummary, namesOf } = await import('./summary.ts')
  keepSummary(
    root,
    models.map(model => model.description),
    namesOf(config),
  )
  return models
}

function noFiles(root: string, globs: readonly string[], config: Config): GooseError {
  const file = config.file ? relative(root, config.file) : root
  const isDefault = globs.join() === defaultGlobs.join()
  const reason = isDefault
    ? 'there are no model files in models/ or src/models/'
    : `no model files match ${globs.join(', ')}`
  return new GooseError('CONFIG_INVALID', {
    file,
    reason,
    hint: 'write one with `goose init`, or name them with --models',
  })
}

async function connectTo(address: Address, flags: WorkspaceFlags, alias?: string): Promise<void> {
  const { connect } = await import('../runtime/connection.ts')
  if (flags.verbose)
    process.stderr.write(`connecting to ${address.name} (${address.source}): ${maskUris(address.uri)}\n`)
  const { client } = await connect(address.uri, {
    ...(alias === undefined ? {} : { alias }),
    ...(address.database === undefined ? {} : { database: address.database }),
    timeout: flags.timeout ?? 10_000,
    tryOnce: flags.timeout === undefined,
    driver: {
      ...(flags.debug || flags.watched ? { monitorCommands: true } : {}),
      ...(flags.readsOnly && address.readPreference ? { readPreference: address.readPreference } : {}),
    },
  })
  if (!flags.debug) return
  const { jsonText } = await import('./output/json.ts')
  const { redacted, secretNames } = await import('./redaction.ts')
  const secrets = secretNames()
  client.on('commandStarted', ({ commandName, command }) => {
    process.stderr.write(`→ ${commandName} ${jsonText(withoutSession(redacted(command, secrets)))}\n`)
  })
}

/** What a person wants to see of a command: not the session and the clock it travels with. */
function withoutSession(command: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(command).filter(([key]) => key !== 'lsid' && !key.startsWith('$')))
}

type Once<T> = (() => Promise<T>) & { isStarted(): boolean }

function once<T>(make: () => Promise<T>): Once<T> {
  let made: Promise<T> | undefined
  const get = () => {
    made ??= make()
    return made
  }
  return Object.assign(get, { isStarted: () => made !== undefined })
}
