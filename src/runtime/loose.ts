// Models by name, for the command line and data operations, which know no model's types.
import type { ModelDefinition } from '../models/definition.ts'
import { adopt, modelNamed } from '../models/registry.ts'
import type { CursorPage } from './cursor-page.ts'
import type { Page, PageRequest } from './page.ts'

/** A document of which no types are known. */
export interface LooseDocument {
  readonly _id: unknown
  readonly isNew: boolean
  [field: string]: unknown
  save(): Promise<LooseDocument>
  delete(): Promise<void>
  reload(): Promise<LooseDocument>
  toObject(): Record<string, unknown>
  toJSON(): Record<string, unknown>
}

/** A query of which no types are known. */
export interface LooseQuery extends AsyncIterable<LooseDocument> {
  find(filter: Readonly<Record<string, unknown>>): LooseQuery
  sort(...by: readonly string[]): LooseQuery
  skip(count: number): LooseQuery
  limit(count: number): LooseQuery
  select(...paths: readonly string[]): LooseQuery
  populate(path: string, options?: { readonly onMissing?: 'throw' | 'null' }): LooseQuery
  hint(index: string | Readonly<Record<string, 1 | -1>>): LooseQuery
  maxTime(milliseconds: number): LooseQuery
  all(): Promise<LooseDocument[]>
  first(): Promise<LooseDocument | null>
  one(): Promise<LooseDocument | null>
  count(): Promise<number>
  exists(): Promise<boolean>
  distinct(path: string): Promise<unknown[]>
  page(request?: PageRequest): Promise<Page<LooseDocument>>
  after(cursor?: string | null, options?: { readonly limit?: number }): Promise<CursorPage<LooseDocument>>
  before(cursor?: string | null, options?: { readonly limit?: number }): Promise<CursorPage<LooseDocument>>
  explain(): Promise<Record<string, unknown>>
}

/** A model of which no types are known. */
export interface LooseModel {
  readonly name: string
  readonly modelName: string
  readonly definition: ModelDefinition
  create(input: unknown): Promise<LooseDocument>
  insertMany(inputs: readonly unknown[]): Promise<LooseDocument[]>
  get(id: unknown): Promise<LooseDocument>
  findOne(filter: unknown): Promise<LooseDocument | null>
  find(filter?: Readonly<Record<string, unknown>>): LooseQuery
}

/** Finds a model by name, without case. Throws `UnknownModel` with the nearest name. */
export function looseModel(name: string): LooseModel {
  // The class carries these statics whatever its types are; the checks are made when it is asked.
  return modelNamed(name).model as unknown as LooseModel
}

/** Makes the classes among a module's exports known as the ones that stand for their models. */
export function adoptModels(exports: Readonly<Record<string, unknown>>): void {
  for (const value of Object.values(exports)) {
    if (typeof value === 'function' && 'modelName' in value && 'definition' in value)
      adopt(value as unknown as LooseModel)
  }
}
