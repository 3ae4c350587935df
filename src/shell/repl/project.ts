// The models and the rc file of a project for the console: what fails is told, the rest works.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { GooseError } from '../../errors.ts'
import { type ProjectLoader, projectLoader } from '../load-models.ts'
import { defaultGlobs, modelFiles } from '../model-files.ts'
import { adoptExports, describedModels, type LoadedModel, openModels } from '../models.ts'
import { nativeImport } from '../native-import.ts'
import type { Workspace } from '../workspace.ts'

/** Models as far as they could be loaded, and what went wrong. */
export interface LoadedProject {
  readonly models: readonly LoadedModel[]
  readonly failures: readonly unknown[]
  /** The model files, with when each was changed. */
  readonly files: ReadonlyMap<string, number>
  /** Loads more files beside them: what they import are these models. */
  readonly loader: ProjectLoader
}

/** Loads every model file by itself, so that a broken one does not take the others along. */
export async function loadProject(workspace: Workspace, glob: string | undefined): Promise<LoadedProject> {
  const { root } = workspace
  const config = await workspace.config()
  const globs = glob ? [glob] : [config.project.models ?? defaultGlobs].flat()
  const files = modelFiles(root, globs)
  const loader = await projectLoader(root)
  const failures: unknown[] = []
  for (const file of files) {
    try {
      adoptExports(await loader.load(file))
    } catch (error) {
      failures.push(error)
    }
  }
  loader.keep()
  return { ...modelsOf(root, failures), files: new Map(files.map(file => [file, changedAt(file)])), loader }
}

/** Says whether a model file was changed, added or removed since. */
export function hasChanged({ files }: LoadedProject): boolean {
  return [...files].some(([file, at]) => changedAt(file) !== at)
}

/** Names of the file that prepares every session of a project. */
const rcFiles = ['goose.repl.ts', 'goose.repl.js', 'goose.repl.mjs'] as const

/** What an rc file has given to a session. */
export interface RcFile {
  readonly file: string
  readonly names: readonly string[]
}

/** Loads the rc file: what it exports is in scope, and its default export is called with the scope. */
export async function loadRc(
  root: string,
  { loader }: Pick<LoadedProject, 'loader'>,
  scope: Record<string, unknown>,
): Promise<RcFile | undefined> {
  const file = rcFiles.map(name => join(root, name)).find(path => existsSync(path))
  if (!file) return undefined
  const { default: prepare, ...named } = await loader.load(file)
  loader.keep()
  for (const [name, value] of Object.entries(named)) scope[name] = value
  if (typeof prepare === 'function') await (prepare as (scope: Record<string, unknown>) => unknown)(scope)
  return { file, names: Object.keys(named) }
}

/** Imports what a name means to a line: what the project shares with this process, its files, or a package of it. */
export async function importIn(root: string, { loader }: Pick<LoadedProject, 'loader'>, name: string): Promise<object> {
  try {
    return await loader.import(name)
  } catch (error) {
    // Some packages can be had by Node's own import only.
    if (
      /^ERR_(REQUIRE_ESM|REQUIRE_ASYNC_MODULE|PACKAGE_PATH_NOT_EXPORTED)$/.test(
        String((error as { code?: unknown }).code),
      )
    )
      return nativeImport(join(root, 'console.mjs'))(name)
    const { code, meta } = error as Partial<GooseError>
    if (code !== 'MODEL_LOAD_FAILED' || meta?.file !== 'console') throw error
    throw new GooseError('CODE_FAILED', { name: 'Import', reason: meta.reason, hint: meta.hint }, { cause: error })
  }
}

function modelsOf(root: string, failures: unknown[]): Pick<LoadedProject, 'models' | 'failures'> {
  try {
    return { models: openModels(root), failures }
  } catch (error) {
    return { models: describedModels(root), failures: [...failures, error] }
  }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
