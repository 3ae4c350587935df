// A query: immutable, lazy, and asked of the database only where it ends.
import { GooseError, MultipleDocumentsFound } from '../errors.ts'
import type { BulkPlan } from '../models/bulk-plan.ts'
import { refuseEncrypted } from '../models/encrypted-fields.ts'
import { checkFilter, shownFilter } from '../models/filter.ts'
import type { Filter, LoadedDocument, Path, ShapeOf } from '../models/infer.ts'
import { findPath, listOn, unknownPath } from '../models/path.ts'
import { emptyPlan, filterOf, type Plan, type PopulateOptions, populatePlan } from '../models/plan.ts'
import { isMixed, withNeeded } from '../models/selection.ts'
import { type CursorPage, cursorPageOf, sortValues, type Walk } from './cursor-page.ts'
import type { DocumentBase, RuntimeModel } from './document.ts'
import { countOf, distinctOf, explainOf, readAll, readBatches } from './execute.ts'
import { readDocuments, readInto } from './fit.ts'
import { type LeanQuery, leanQuery } from './lean.ts'
import { type Page, type PageRequest, pageOf } from './page.ts'
import { type PlanningOptions, plan } from './planner.ts'
import { populateAll } from './populate.ts'
import { checkPopulate } from './populate-check.ts'
import { deleteMany, softDeleteOf } from './soft-delete.ts'
import { type BulkOptions, type UpdateOutcome, updateMany } from './update.ts'
import type { UpdateDocument } from './update-types.ts'

/** A sort: `'-createdAt'`, `'title'`, or `{ createdAt: -1 }`. */
export type Sort = string | Readonly<Record<string, 1 | -1>>

/** Finds documents when asked. Each method gives a new query; nothing is sent before `all`, `first`, `count` or iteration. */
export class Query<D, P extends string = never> implements AsyncIterable<LoadedDocument<D, P>> {
  readonly #model: RuntimeModel
  readonly #plan: Plan

  constructor(model: RuntimeModel, plan: Plan = emptyPlan) {
    this.#model = model
    this.#plan = Object.freeze(plan)
  }

  /** The model that is asked. */
  get model(): RuntimeModel {
    return this.#model
  }

  /** The query as data. */
  get state(): Plan {
    return this.#plan
  }

  /** Narrows the query; filters are ANDed, never overwritten. */
  find(filter: Filter<D>): Query<D, P> {
    return this.#with({ filters: [...this.#plan.filters, checkFilter(this.#model.definition, filter)] })
  }

  /** Sorts by paths, `-` for descending; a later call replaces an earlier one. */
  sort(...by: readonly Sort[]): Query<D, P> {
    const sort = by.flatMap(entriesOf)
    for (const [path, direction] of sort) {
      this.#check(path)
      if (direction !== 1 && direction !== -1)
        throw this.#invalid(`the direction of "${path}" is ${String(direction)}`, 'give 1, or -1 for descending')
      refuseEncrypted(this.#model.definition, path, 'sort')
    }
    return this.#with({ sort })
  }

  /** Leaves out the first documents. */
  skip(count: number): Query<D, P> {
    return this.#with({ skip: this.#whole('skip', count) })
  }

  /** Reads at most so many documents. */
  limit(count: number): Query<D, P> {
    return this.#with({ limit: this.#whole('limit', count) })
  }

  /** Reads only these paths, or all but those with `-`. */
  select(...given: readonly string[]): Query<D, P> {
    const paths = [...this.#plan.select, ...given.flatMap(wordsOf)]
    for (const path of paths) this.#check(path.replace(/^-/, ''))
    const list = paths.map(path => listOn(this.#model.definition, path.replace(/^-/, ''))).find(Boolean)
    if (list) throw this.#invalid('select reads lists as a whole, or a field of their items', `select "${list}"`)
    if (isMixed(paths))
      throw this.#invalid('select mixes paths to read and paths to leave out', 'name only the ones to read')
    return this.#with({ select: paths })
  }

  /** Loads references with the documents: one query for each path and batch. */
  populate<const N extends string>(
    path: Path<ShapeOf<D>, N>,
    options?: PopulateOptions & { readonly onMissing?: 'throw' },
  ): Query<D, P | N>
  populate<const N extends string>(
    path: Path<ShapeOf<D>, N>,
    options: PopulateOptions & { readonly onMissing: 'null' },
  ): Query<D, P | `${N}?`>
  populate(path: string, options: PopulateOptions = {}): unknown {
    const plan = populatePlan(path, options)
    checkPopulate(this.#model, plan)
    return this.#with({ populate: [...this.#plan.populate, plan] })
  }

  /** Reads what is marked as deleted as well. */
  includeDeleted(): Query<D, P> {
    return this.#with({ deleted: 'include' })
  }

  /** Reads only what is marked as deleted. */
  onlyDeleted(): Query<D, P> {
    softDeleteOf(this.#model.definition, 'onlyDeleted()')
    return this.#with({ deleted: 'only' })
  }

  /** Reads plain objects instead of documents: no methods, no defaults, ids where references are. */
  lean(): LeanQuery<D> {
    return leanQuery(this.#model, this.#plan)
  }

  /** Names the index to use. */
  hint(index: string | Readonly<Record<string, 1 | -1>>): Query<D, P> {
    return this.#with({ hint: index })
  }

  /** Ends the query on the server after so many milliseconds. */
  maxTime(milliseconds: number): Query<D, P> {
    return this.#with({ maxTime: this.#whole('maxTime', milliseconds) })
  }

  /** Reads all documents. */
  async all(): Promise<LoadedDocument<D, P>[]> {
    return this.#populated(await readDocuments(this.#model, this.#plan))
  }

  /** Reads the first document, or null. */
  async first(): Promise<LoadedDocument<D, P> | null> {
    const [document] = await this.limit(1).all()
    return document ?? null
  }

  /** Reads the only document, or null. Throws `MultipleDocumentsFound` when there are more. */
  async one(): Promise<LoadedDocument<D, P> | null> {
    const [document, another] = await this.limit(2).all()
    if (another)
      throw new MultipleDocumentsFound({
        model: this.#model.modelName,
        filter: shownFilter(this.#model.definition, filterOf(this.#plan)),
      })
    return document ?? null
  }

  /** Counts the documents, within skip and limit. */
  count(): Promise<number> {
    return countOf(this.#model.definition, this.#plan)
  }

  /** Tells whether there is one. */
  async exists(): Promise<boolean> {
    const { definition } = this.#model
    return (await readAll(definition, { ...this.#plan, limit: 1, select: ['_id'], populate: [] })).length > 0
  }

  /** Gives the distinct values of a path. */
  async distinct<const K extends string>(path: K): Promise<DistinctOf<D, K>[]> {
    this.#check(path)
    refuseEncrypted(this.#model.definition, path, 'distinct')
    return (await distinctOf(this.#model.definition, this.#plan, path)) as DistinctOf<D, K>[]
  }

  /** Reads one page, with the total: `{ page: 2, size: 20 }` or `{ skip: 20, limit: 20 }`. */
  page(request: PageRequest = {}): Promise<Page<LoadedDocument<D, P>>> {
    return pageOf(this, request)
  }

  /** Reads the page after a cursor; without one, the first. Throws `InvalidCursor` for a cursor of another question. */
  after(cursor?: string | null, options: { readonly limit?: number } = {}): Promise<CursorPage<LoadedDocument<D, P>>> {
    return cursorPageOf(this.#walk(), 'after', { cursor, limit: options.limit })
  }

  /** Reads the page before a cursor; without one, the last. */
  before(cursor?: string | null, options: { readonly limit?: number } = {}): Promise<CursorPage<LoadedDocument<D, P>>> {
    return cursorPageOf(this.#walk(), 'before', { cursor, limit: options.limit })
  }

  /** Updates what it finds with one command; timestamps, version and audit are kept. Throws `EmptyFilterRefused`. */
  updateMany(update: UpdateDocument, options: BulkOptions = {}): Promise<UpdateOutcome> {
    return updateMany(this.#model, this.#plan, update, options)
  }

  /** Deletes what it finds, or marks it where the model has softDelete. Throws `EmptyFilterRefused`. */
  deleteMany(options: BulkOptions = {}): Promise<{ readonly deletedCount: number }> {
    return deleteMany(this.#model, this.#plan, options)
  }

  /** Plans an update of what it finds: looks at every document, changes none; `apply` makes the change.
   *
   * ```ts
   * const plan = await User.find({ role: 'author' }).plan({ $set: { role: 'admin' } })
   * const done = await apply(plan)
   * await undo(done.run)
   * ```
   */
  plan(update: UpdateDocument, options: PlanningOptions = {}): Promise<BulkPlan> {
    return plan({ model: this.#model, query: this.#plan, update }, options)
  }

  /** Plans to delete what it finds, or to mark it where the model has softDelete. Throws `EmptyFilterRefused`. */
  planDelete(options: PlanningOptions = {}): Promise<BulkPlan> {
    return plan({ model: this.#model, query: this.#plan }, options)
  }

  /** Explains how the database would answer; `queryPlanner` names the plan without running it. */
  explain(verbosity: 'queryPlanner' | 'executionStats' = 'executionStats'): Promise<Record<string, unknown>> {
    return explainOf(this.#model.definition, this.#plan, verbosity)
  }

  /** Reads the documents batch by batch: flat memory, populated per batch. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LoadedDocument<D, P>> {
    const plan = withNeeded(this.#model.definition, this.#plan)
    for await (const batch of readBatches(this.#model.definition, plan))
      yield* await this.#populated(await readInto(this.#model, batch, plan.select))
  }

  async #populated(documents: readonly DocumentBase[]): Promise<LoadedDocument<D, P>[]> {
    await populateAll(this.#model, documents, this.#plan.populate)
    return documents as never
  }

  #walk(): Walk<LoadedDocument<D, P>> {
    const { definition } = this.#model
    const read = async (asked: Plan) => {
      const plan = withNeeded(definition, asked)
      const stored = await readAll(definition, plan)
      const documents = await this.#populated(await readInto(this.#model, stored, plan.select))
      return documents.map((document, i) => ({ document, values: sortValues(stored[i]!, plan.sort) }))
    }
    return { definition, plan: this.#plan, read }
  }

  #with(change: Partial<Plan>): Query<D, P> {
    return new Query(this.#model, { ...this.#plan, ...change })
  }

  #check(path: string): void {
    const { definition } = this.#model
    if (!findPath(definition, path).known) throw unknownPath(definition, path)
  }

  #whole(name: string, count: number): number {
    if (Number.isSafeInteger(count) && count >= 0) return count
    throw this.#invalid(`${name} is ${String(count)}`, 'give a whole number from 0')
  }

  #invalid(reason: string, hint: string): GooseError {
    return new GooseError('INVALID_QUERY', { model: this.#model.modelName, reason, hint })
  }
}

/** The values that distinct gives: of lists, their elements. */
export type DistinctOf<D, K extends string> = K extends keyof D
  ? D[K] extends readonly (infer E)[]
    ? E
    : D[K]
  : unknown

function entriesOf(sort: Sort): (readonly [string, 1 | -1])[] {
  if (typeof sort !== 'string') return Object.entries(sort)
  return wordsOf(sort).map(path => (path.startsWith('-') ? [path.slice(1), -1] : [path, 1]))
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter(Boolean)
}
