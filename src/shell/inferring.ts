// Models written from a database: one file each, never over one that is there, with what could not be told.
import { existsSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import type { GooseError } from '../errors.ts'
import type { Inference } from '../operations/inference.ts'
import type { Address } from './address.ts'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'
import { type Result, tellInference } from './inferring-text.ts'
import { defaultGlobs, modelFiles } from './model-files.ts'
import { type ModelPlace, modelSource } from './model-source.ts'
import { quoted } from './source-text.ts'
import { fileNameOf, written } from './starting.ts'
import type { Workspace } from './workspace.ts'

/** What the command line says. */
export interface InferringFlags {
  readonly sample: number
  /** Where models are looked for and go, instead of where the configuration says. */
  readonly models?: string | undefined
  readonly collection?: readonly string[] | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** Tells the models of the database, and writes their files and a configuration. */
export async function startFromDatabase(workspace: Workspace, flags: InferringFlags, program: string): Promise<Answer> {
  const address = await workspace.address()
  refuseNothing(address)
  const existing = await existingModels(workspace, flags)
  await workspace.connect()
  const { connection } = await import('../runtime/connection.ts')
  const { inferModels } = await import('../operations/inference.ts')
  const { db } = connection()
  const known = new Map([...existing].map(([collection, { name }]) => [collection, name]))
  const inference = await inferModels(db, { size: flags.sample, only: flags.collection, known })
  if (inference.models.length + existing.size === 0) throw nothingIn(db.databaseName, inference)
  const files = filesOf(inference, { address, existing, ...(await placeOf(workspace, flags)) })
  const write = flags['dry-run'] ? previewed : written
  const results = files.map(({ path, text, ...file }) => ({ ...file, ...write(path, text, workspace.root) }))
  return tellInference(inference, results, { program, isPreview: flags['dry-run'] === true })
}

function refuseNothing({ source, uri }: Address): void {
  if (source !== 'embedded' || existsSync(uri.slice('embedded:'.length))) return
  throw usage(
    'there is no database to read models from',
    'name one: MONGODB_URI=mongodb://… goose init --from-database',
  )
}

function nothingIn(database: string, { leftOut: [first] }: Inference): GooseError {
  const reason = first ? `: "${first.collection}" is ${first.reason}` : ', which has no collections'
  return usage(
    `no model can be told from database "${database}"${reason}`,
    'name the database in the URI, or with --db',
  )
}

/** A model that the project has, and the file it is in. */
interface Existing {
  readonly name: string
  readonly file: string
}

async function existingModels(workspace: Workspace, flags: InferringFlags): Promise<ReadonlyMap<string, Existing>> {
  const { project } = await workspace.config()
  if (modelFiles(workspace.root, [flags.models ?? project.models ?? defaultGlobs].flat()).length === 0) return new Map()
  const models = (await workspace.models()).filter(({ model }) => model.definition.variant === undefined)
  return new Map(
    models.map(({ name, description, model }) => {
      const file = resolve(workspace.root, description.location.replace(/:\d+$/, ''))
      return [model.definition.collection, { name, file }]
    }),
  )
}

interface Place {
  readonly root: string
  /** Where models go: where the configuration looks for them, before the first wildcard. */
  readonly folder: string
  readonly config: string | undefined
}

async function placeOf({ root, config }: Workspace, flags: InferringFlags): Promise<Place> {
  const { project, file } = await config()
  const [glob] = [
    flags.models ?? project.models ?? (existsSync(join(root, 'src')) ? 'src/models/*' : 'models/*'),
  ].flat()
  const fixed = glob!.slice(0, glob!.search(/[*?{[]|$/))
  return { root, folder: join(root, fixed.slice(0, Math.max(0, fixed.lastIndexOf('/')))), config: file }
}

type SourceFile = Pick<Result, 'model'> & { readonly path: string; readonly text: string }

interface Writing extends Place {
  readonly address: Address
  readonly existing: ReadonlyMap<string, Existing>
}

function filesOf({ models }: Inference, { root, folder, config, address, existing }: Writing): readonly SourceFile[] {
  const places = new Map<string, ModelPlace>([
    ...[...existing].map(
      ([collection, { name, file }]) => [collection, { name, from: between(folder, file) }] as const,
    ),
    ...models.map(({ collection, name }) => [collection, { name, from: `./${fileNameOf(name)}.ts` }] as const),
  ])
  const glob = `${between(root, folder).replace(/^\.\//, '')}/*.ts`
  return [
    { path: config ?? join(root, 'goose.config.ts'), text: configText(address, glob) },
    ...[...new Set([...existing.values()].map(({ file }) => file))].map(path => ({ path, text: '' })),
    ...models.map(model => ({
      path: join(folder, `${fileNameOf(model.name)}.ts`),
      text: modelSource(model, places),
      model,
    })),
  ]
}

function between(folder: string, file: string): string {
  const path = relative(folder, file).split(sep).join('/')
  return path.startsWith('.') ? path : `./${path}`
}

// The address itself may hold a password: the file names where it is found.
function configText({ source, database }: Address, glob: string): string {
  const isNamed = source !== 'embedded' && database !== undefined
  const where = isNamed
    ? `  connections: { default: { uri: env('MONGODB_URI'), database: ${quoted(database)} } },\n`
    : ''
  const remark =
    source === 'embedded'
      ? '// Without a connection, data is kept in .goose/data by the embedded database.\n'
      : '// The database is the one of MONGODB_URI.\n'
  const imports = isNamed ? 'defineConfig, env' : 'defineConfig'
  return `import { ${imports} } from 'goose-odm'\n\n${isNamed ? '' : remark}export default defineConfig({\n  models: ${quoted(glob)},\n${where}})\n`
}

function previewed(path: string, text: string, root: string): Pick<Result, 'file' | 'state' | 'text'> {
  const file = relative(root, path)
  return existsSync(path) ? { file, state: 'kept' } : { file, state: 'new', text }
}
