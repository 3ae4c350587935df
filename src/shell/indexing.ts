// Indexes as declared and as they are: what differs, and making it so.
import { DuplicateKey } from '../errors.ts'
import type { IndexPlan } from '../models/index-plan.ts'
import type { IndexSync } from '../runtime/indexes.ts'
import type { Answer } from './answer.ts'
import { type ConsentFlags, requireConsent } from './consent.ts'
import type { AnyModel, LoadedModel } from './models.ts'
import type { Workspace } from './workspace.ts'

interface IndexedModel extends AnyModel {
  diffIndexes(): Promise<IndexPlan>
  syncIndexes(options: { readonly extra: 'keep' | 'drop' }): Promise<IndexSync>
}

/** Answers what differs; a difference is a finding, an index that nobody declares is only told of. */
export async function diffIndexes(models: readonly LoadedModel[]): Promise<Answer> {
  const rows: object[] = []
  let differences = 0
  for (const loaded of models) {
    const plan = await (loaded.model as IndexedModel).diffIndexes()
    differences += plan.create.length + plan.change.length
    rows.push(...rowsOf(loaded.name, plan))
  }
  const footer = differences === 0 ? 'all declared indexes are there' : `${differences} to mend: goose indexes sync`
  return { ...table(rows), footer: () => [footer], exit: differences === 0 ? 0 : 9 }
}

/** The flags of sync. */
export interface SyncFlags extends ConsentFlags {
  readonly drop?: boolean | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** Makes the declared indexes be there; those that nobody declares go only with consent. */
export async function syncIndexes(
  models: readonly LoadedModel[],
  workspace: Workspace,
  flags: SyncFlags,
): Promise<Answer> {
  if (flags['dry-run']) return diffIndexes(models)
  const action = flags.drop ? 'drop the indexes that no model declares' : 'create indexes'
  await requireConsent(workspace, flags, { action, token: 'drop', isReversible: !flags.drop })
  const rows: SyncRow[] = []
  for (const loaded of models) rows.push(...(await syncModel(loaded, flags.drop ? 'drop' : 'keep')))
  const failed = rows.filter(({ state }) => state === 'refused')
  const done = rows.length - failed.length
  const footer = [
    ...(done > 0 ? [`${done} done`] : []),
    ...new Set(failed.map(({ model }) => `goose doctor ${model} finds what stands in the way of a unique index`)),
  ]
  return { ...table(rows), empty: 'nothing to do', footer: () => footer, exit: failed.length > 0 ? 11 : 0 }
}

interface SyncRow {
  readonly model: string
  readonly index: string
  readonly state: 'created' | 'modified' | 'dropped' | 'refused'
  readonly differs: string
}

/** Makes the indexes of one model be there; duplicates in the way of one stop those behind it, not other models. */
async function syncModel({ name, model }: LoadedModel, extra: 'keep' | 'drop'): Promise<readonly SyncRow[]> {
  const indexed = model as IndexedModel
  const before = await indexed.diffIndexes()
  try {
    const done = await indexed.syncIndexes({ extra })
    const rowsOf = (state: 'created' | 'modified' | 'dropped') =>
      done[state].map(index => ({ model: name, index, state, differs: '' }))
    return [...rowsOf('created'), ...rowsOf('modified'), ...rowsOf('dropped')]
  } catch (error) {
    if (!(error instanceof DuplicateKey)) throw error
    const left = new Set((await indexed.diffIndexes()).create.map(({ key }) => keyText(key)))
    const created = before.create.map(({ key }) => keyText(key)).filter(index => !left.has(index))
    const refused = [...left][0] ?? before.change[0]?.existing.name ?? ''
    return [
      ...created.map(index => ({ model: name, index, state: 'created' as const, differs: '' })),
      { model: name, index: refused, state: 'refused', differs: error.message },
    ]
  }
}

/** Says which fields are declared unique without an index that makes them so; nothing where that cannot be asked. */
export async function missingUnique({ name, model }: LoadedModel): Promise<readonly string[]> {
  if (!model.definition.indexes.some(index => index.unique)) return []
  try {
    const { create } = await (model as IndexedModel).diffIndexes()
    const paths = create.filter(index => index.unique).map(index => Object.keys(index.key).join(', '))
    return paths.map(path => `${path} is not kept unique yet: goose indexes sync ${name}`)
  } catch {
    // What was asked for is done; who may write need not be allowed to list indexes.
    return []
  }
}

function rowsOf(model: string, plan: IndexPlan): readonly object[] {
  return [
    ...plan.create.map(index => ({ model, index: keyText(index.key), state: 'missing', differs: '' })),
    ...plan.change.map(({ existing, differs }) => ({
      model,
      index: existing.name,
      state: 'differs',
      differs: differs.join(', '),
    })),
    ...plan.extra.map(index => ({ model, index: index.name, state: 'not declared', differs: '' })),
    ...plan.same.map(index => ({ model, index: index.name, state: 'ok', differs: '' })),
  ]
}

function keyText(key: Readonly<Record<string, unknown>>): string {
  return Object.entries(key).flat().join('_')
}

function table(rows: readonly object[]) {
  const columns = ['model', 'index', 'state', 'differs'].map(path => ({ path, head: path.toUpperCase() }))
  return { kind: 'rows' as const, columns, rows: rows as never, empty: 'no index is declared, and none is there' }
}
