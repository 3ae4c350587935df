// Takes one change of the audit back, through the model: only where nobody has changed the same since.
import { type ErrorMeta, GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import { emptyPlan } from '../models/plan.ts'
import type { AuditEntry } from '../models/plugins/audit.ts'
import { modelNamed } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import { isEqualStored } from '../runtime/codec.ts'
import { asOperation, auditContext } from '../runtime/context.ts'
import { type DocumentBase, hydrate, type RuntimeModel, refill, snapshotOf } from '../runtime/document.ts'
import { readAll } from '../runtime/execute.ts'
import { put } from '../runtime/history.ts'
import { insertAll, save } from '../runtime/lifecycle.ts'
import { holdsMasked, MASKED } from '../runtime/mask.ts'
import { remove, restore } from '../runtime/soft-delete.ts'

/** One path that is to get its value back. */
export interface RevertedPath {
  readonly path: string
  readonly from: unknown
  readonly to: unknown
}

/** What taking a change back would do. */
export interface Revert {
  readonly entry: AuditEntry
  readonly model: string
  /** In a word: `update`, `delete`, `restore` or `insert`. */
  readonly does: string
  /** Whether the taking back could be taken back: a document that is not kept is gone for good. */
  readonly isReversible: boolean
  readonly paths: readonly RevertedPath[]
  /** Paths that hold something else than what the change wrote. */
  readonly overtaken: readonly string[]
  /** Paths whose values the log does not hold. */
  readonly masked: readonly string[]
  /** Does it; audited as a change of its own. Throws `CHANGE_OVERTAKEN`. */
  apply(options: { readonly reason?: string | undefined; readonly force?: boolean | undefined }): Promise<void>
}

/** Looks at what taking a change back would do. Throws where it cannot be taken back at all. */
export async function revertOf(entry: AuditEntry): Promise<Revert> {
  const model = modelNamed(entry.model).model as RuntimeModel
  const document = await documentOf(model, entry.documentId)
  const way = wayOf(model, entry, document)
  const stored = document ? snapshotOf(document) : {}
  const own = new Set(bookkeeping(model.definition))
  const paths = Object.entries(entry.changes)
    .filter(([path]) => !own.has(path))
    .map(([path, { from, to }]) => ({ path, from: valueAt(stored, path), to: from, wrote: to }))
  const masked = paths.filter(({ to, wrote }) => holdsMasked(to) || holdsMasked(wrote)).map(({ path }) => path)
  const overtaken = way.isGuarded
    ? paths.filter(({ path, from, wrote }) => !masked.includes(path) && !isEqualStored(from, wrote))
    : []
  return {
    entry,
    model: model.modelName,
    does: way.does,
    isReversible: way.does !== 'delete' || settingsOf(model.definition).softDelete !== undefined,
    paths: paths.map(({ path, from, to }) => ({ path, from: masked.includes(path) ? MASKED : from, to })),
    overtaken: overtaken.map(({ path }) => path),
    masked: way.needsValues ? masked : [],
    apply: async ({ reason, force }) => {
      const named = overtaken.map(({ path }) => path)
      if (named.length > 0 && !force) throw overtakenBy(entry, named)
      if (way.needsValues && masked.length > 0 && !(force && way.isPartial)) throw hidden(entry, masked)
      const back = paths.filter(({ path }) => !masked.includes(path))
      await auditContext.run({ reason: reason ?? `revert of ${String(entry._id)}` }, () =>
        asOperation(() => way.go(back, force === true ? 'forced' : 'guarded')),
      )
    },
  }
}

interface Way {
  readonly does: 'update' | 'delete' | 'restore' | 'insert'
  /** Whether what is stored must be what the change wrote. */
  readonly isGuarded: boolean
  /** Whether it needs the values from before. */
  readonly needsValues: boolean
  /** Whether it may be done for some of the paths alone. */
  readonly isPartial: boolean
  go(paths: readonly RevertedPath[], how: 'guarded' | 'forced'): Promise<void>
}

function wayOf(model: RuntimeModel, entry: AuditEntry, document: DocumentBase | undefined): Way {
  const { operation } = entry
  const { softDelete } = settingsOf(model.definition)
  const isMark =
    softDelete !== undefined && softDelete.field in entry.changes && 'to' in entry.changes[softDelete.field]!
  if (operation === 'update') return updateWay(entry, document ?? throwGone(entry))
  if (operation === 'insert') return deleteWay(document ?? throwGone(entry), 'guarded')
  if (operation === 'restore') return deleteWay(document ?? throwGone(entry), 'always')
  if (operation === 'delete' && isMark) {
    const marked = document ?? throwGone(entry)
    return { does: 'restore', isGuarded: true, needsValues: false, isPartial: false, go: () => restore(marked) }
  }
  if (operation === 'delete') return insertWay(model, entry, document)
  throw refused(entry, `it is no change of a document but ${operation}`)
}

function updateWay(entry: AuditEntry, document: DocumentBase): Way {
  const go = async (paths: readonly RevertedPath[], how: 'guarded' | 'forced') => {
    const stored = copyOf(snapshotOf(document))
    for (const { path, to } of paths) put(stored, path.split('.'), to)
    refill(document, stored)
    try {
      await save(document, { ifUnchanged: how === 'guarded' })
    } catch (error) {
      if (how === 'guarded' && error instanceof GooseError && error.code === 'VERSION_CONFLICT')
        throw overtakenBy(
          entry,
          paths.map(({ path }) => path),
          error,
        )
      throw error
    }
  }
  return { does: 'update', isGuarded: true, needsValues: true, isPartial: true, go }
}

function deleteWay(document: DocumentBase, guard: 'guarded' | 'always'): Way {
  const go = () => remove(document)
  return { does: 'delete', isGuarded: guard === 'guarded', needsValues: false, isPartial: false, go }
}

function insertWay(model: RuntimeModel, entry: AuditEntry, document: DocumentBase | undefined): Way {
  if (document) throw refused(entry, `there is a ${entry.model} ${String(entry.documentId)} again`)
  const go = async (paths: readonly RevertedPath[]) => {
    const values = Object.fromEntries(paths.map(({ path, to }) => [path, to]))
    await insertAll([new model({ _id: entry.documentId, ...values })])
  }
  return { does: 'insert', isGuarded: false, needsValues: true, isPartial: false, go }
}

async function documentOf(model: RuntimeModel, id: unknown): Promise<DocumentBase | undefined> {
  const plan = { ...emptyPlan, filters: [{ _id: id }], limit: 1, deleted: 'include' as const }
  const [bytes] = await readAll(model.definition, plan)
  return bytes && hydrate(model, bytes)
}

// Counted and stamped by every save: they go on, never back.
function bookkeeping(definition: ModelDefinition): readonly string[] {
  const { version, updatedAt } = settingsOf(definition)
  return [version, updatedAt].filter(name => name !== undefined)
}

function valueAt(stored: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], stored)
}

function copyOf<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyOf) as T
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyOf(item)])) as T
}

function overtakenBy(entry: AuditEntry, paths: readonly string[], cause?: unknown): GooseError {
  const meta = { model: entry.model, id: String(entry.documentId), paths: paths.join(', '), entry: String(entry._id) }
  return new GooseError('CHANGE_OVERTAKEN', meta, cause === undefined ? {} : { cause })
}

function hidden(entry: AuditEntry, paths: readonly string[]): GooseError {
  return refused(entry, `the log does not hold ${paths.join(', ')}, which ${paths.length === 1 ? 'is' : 'are'} masked`)
}

function throwGone(entry: AuditEntry): never {
  throw refused(entry, `there is no ${entry.model} ${String(entry.documentId)} any more`)
}

function refused(entry: AuditEntry, reason: string): GooseError {
  const meta: ErrorMeta = { what: `taking back ${String(entry._id)}`, reason, hint: 'see it with `goose audit show`' }
  return new GooseError('NOT_SUPPORTED', meta)
}
