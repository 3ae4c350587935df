// Looks through stored documents for those that do not fit their model.
import type { Answer } from './answer.ts'
import { type AnyDocument, allFields, type LoadedModel } from './models.ts'

/** One way in which documents do not fit. */
export interface Misfit {
  readonly model: string
  readonly path: string
  readonly problem: string
  readonly documents: number
  readonly ids: readonly unknown[]
}

/** Checks documents of models, all or a sample of each; misfits are findings. */
export async function checkModels(models: readonly LoadedModel[], sample: number | undefined): Promise<Answer> {
  const rows: Misfit[] = []
  let looked = 0
  for (const loaded of models) {
    const found = await misfitsOf(loaded, sample)
    looked += found.looked
    rows.push(...found.misfits)
  }
  const columns = ['model', 'path', 'problem', 'documents', 'ids'].map(path => ({ path, head: path.toUpperCase() }))
  const said = `${looked} documents of ${models.length} ${models.length === 1 ? 'model' : 'models'} looked at`
  const footer =
    rows.length === 0
      ? `${said}, all fit`
      : `${said}, ${rows.length} ${rows.length === 1 ? 'way' : 'ways'} in which some do not fit`
  return { kind: 'rows', columns, rows: rows as never, footer: () => [footer], exit: rows.length === 0 ? 0 : 9 }
}

/** Finds the misfits of one model. */
export async function misfitsOf(loaded: LoadedModel, sample: number | undefined) {
  const all = loaded.model.find()
  const found = new Map<string, { documents: number; ids: unknown[]; path: string; problem: string }>()
  let looked = 0
  for await (const document of (sample === undefined ? all : all.limit(sample)) as AsyncIterable<AnyDocument>) {
    looked += 1
    for (const { path, problem } of await problemsOf(document, loaded)) {
      const entry = found.get(`${path}\n${problem}`) ?? { documents: 0, ids: [], path, problem }
      entry.documents += 1
      if (entry.ids.length < 3) entry.ids.push(document._id)
      found.set(`${path}\n${problem}`, entry)
    }
  }
  const misfits = [...found.values()].map(entry => ({ model: loaded.name, ...entry }))
  return { looked, misfits: misfits as readonly Misfit[] }
}

interface Problem {
  readonly path: string
  readonly problem: string
}

async function problemsOf(document: AnyDocument, { model, description }: LoadedModel): Promise<readonly Problem[]> {
  const stored = document.toObject()
  const known = new Set(allFields(description).map(field => field.path))
  const unknown = Object.keys(stored).filter(name => name !== '_id' && !known.has(name))
  const problems = unknown.map(path => ({ path, problem: 'is not in the model' }))
  for (const field of model.definition.fields) {
    if (field.marks.transient || field.kind === 'many') continue
    const parsed = await parse(field.schema as never, stored[field.name])
    for (const issue of parsed)
      problems.push({ path: pathOf(field.name, issue.path), problem: sentence(issue, stored[field.name]) })
  }
  return problems
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

interface Schema {
  readonly '~standard': { validate(value: unknown): unknown }
}

// Every zod schema answers the interface that validators share, also those without methods of their own.
async function parse(schema: Schema, value: unknown): Promise<readonly Issue[]> {
  const result = (await schema['~standard'].validate(value)) as { readonly issues?: readonly Issue[] }
  return result.issues ?? []
}

function pathOf(name: string, path: readonly PropertyKey[]): string {
  return [name, ...(path ?? []).map(step => (typeof step === 'number' ? '[]' : String(step)))]
    .join('.')
    .replaceAll('.[]', '[]')
}

function sentence(issue: Issue, value: unknown): string {
  if (value === undefined && issue.path.length === 0) return 'is missing'
  return issue.message.replace(/^Invalid input: /, '')
}
