// Keeps the names of a project's models, fields and connections, so that completion need not load them.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { FieldDescription, ModelDescription } from '../models/describe.ts'
import { namedConnections } from './address.ts'
import { cacheFile } from './compile-cache.ts'
import type { Config } from './config.ts'

/** What completion knows of a project. */
export interface Summary {
  readonly models: readonly { readonly name: string; readonly paths: readonly SummaryPath[] }[]
  readonly connections: readonly string[]
  readonly policies: readonly string[]
}

/** A path with what is said beside it. */
export interface SummaryPath {
  readonly path: string
  readonly type: string
  /** The model that it refers to. */
  readonly ref?: string
  /** The only values that it may have. */
  readonly values?: readonly string[]
}

/** What a configuration names. */
export type Named = Pick<Summary, 'connections' | 'policies'>

/** Writes the summary of a project, when it differs from the one kept. */
export function keepSummary(root: string, models: readonly ModelDescription[], named: Named): void {
  const summary = summaryOf(models, named)
  const file = cacheFile(root, 'names')
  const text = JSON.stringify(summary)
  try {
    if (textIn(file) === text) return
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 })
    renameSync(`${file}.${process.pid}`, file)
  } catch {
    // Completion then knows less; nothing else needs the file.
  }
}

/** Gives what completion asks of a configuration. */
export function namesOf(config: Config): Named {
  return { connections: [...namedConnections(config).keys()], policies: Object.keys(config.project.policies ?? {}) }
}

/** Sums up what completion asks of a project. */
export function summaryOf(models: readonly ModelDescription[], named: Named): Summary {
  return { models: models.map(({ name, fields }) => ({ name, paths: fields.flatMap(pathsOf) })), ...named }
}

function pathsOf(field: FieldDescription): readonly SummaryPath[] {
  const values = field.type.startsWith('boolean') ? [true, false] : field.values
  const own = {
    path: field.path,
    type: field.type,
    ...(field.ref ? { ref: field.ref.model } : {}),
    ...(values ? { values: values.map(String) } : {}),
  }
  return [own, ...(field.fields ?? []).flatMap(pathsOf)]
}

function textIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
