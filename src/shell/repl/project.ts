// The models and the rc file of a project for the console: what fails is told, the rest works.
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { projectLoader } from '../load-models.ts'
import { defaultGlobs, modelFiles } from '../model-files.ts'
import { adoptExports, describedModels, type LoadedModel, openModels } from '../models.ts'
import type { Workspace } from '../workspace.ts'

/** Models as far as they could be loaded, and what went wrong. */
export interface LoadedProject {
  readonly models: readonly LoadedModel[]
  readonly failures: readonly unknown[]
  /** The model files, with when each was changed. */
  readonly files: ReadonlyMap<string, number>
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
  return { ...modelsOf(root, failures), files: new Map(files.map(file => [file, changedAt(file)])) }
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
export async function loadRc(root: string, scope: Record<string, unknown>): Promise<RcFile | undefined> {
  const file = rcFiles.map(name => join(root, name)).find(path => existsSync(path))
  if (!file) return undefined
  const loader = await projectLoader(root)
  const { default: prepare, ...named } = await loader.load(file)
  loader.keep()
  for (const [name, value] of Object.entries(named))
    Object.defineProperty(scope, name, { value, writable: true, configurable: true, enumerable: true })
  if (typeof prepare === 'function') await (prepare as (scope: Record<string, unknown>) => unknown)(scope)
  return { file, names: Object.keys(named) }
}

function modelsOf(root: string, failures: unknown[]): Omit<LoadedProject, 'files'> {
  try {
    return { models: openModels(root), failures }
  } catch (error) {
    return { models: describedModels(root), failures: [...failures, error] }
  }
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
