// Looks for what is wrong with stored data, and says for each finding which command mends it.
import type { IndexPlan } from '../models/index-plan.ts'
import type { Answer } from './answer.ts'
import { misfitsOf } from './checking.ts'
import { duplicatesOf, type Finding, mixedTypesOf, orphansOf } from './data-faults.ts'
import { mendValue } from './mending.ts'
import type { AnyModel, LoadedModel } from './models.ts'

/** Examines models; every finding is a row, and findings end with 9. */
export async function examine(models: readonly LoadedModel[], sample: number): Promise<Answer> {
  const rows: Finding[] = []
  for (const loaded of models) {
    rows.push(
      ...(await indexFindings(loaded)),
      ...(await orphansOf(loaded)),
      ...(await mixedTypesOf(loaded)),
      ...(await driftOf(loaded, sample)),
    )
  }
  rows.push(...(await leftOverRuns(models)))
  const columns = ['model', 'finding', 'path', 'count', 'detail', 'mend'].map(path => ({
    path,
    head: path.toUpperCase(),
  }))
  const footer =
    rows.length === 0
      ? `${models.length} ${models.length === 1 ? 'model' : 'models'} examined, nothing is wrong`
      : `${rows.length} ${rows.length === 1 ? 'finding' : 'findings'}`
  return { kind: 'rows', columns, rows: rows as never, footer: () => [footer], exit: rows.length === 0 ? 0 : 9 }
}

async function indexFindings(loaded: LoadedModel): Promise<readonly Finding[]> {
  const { create, change } = await (loaded.model as AnyModel & { diffIndexes(): Promise<IndexPlan> }).diffIndexes()
  const missing = create.map(({ key, unique }) => ({
    path: Object.keys(key).join(', '),
    finding: unique ? 'unique index missing' : 'index missing',
    detail: JSON.stringify(key),
  }))
  const different = change.map(({ existing, differs }) => ({
    path: existing.name,
    finding: 'index differs',
    detail: differs.join(', '),
  }))
  const mend = `goose indexes sync ${loaded.name}`
  const findings = [...missing, ...different].map(found => ({ model: loaded.name, count: 1, mend, ...found }))
  const duplicates = await Promise.all(create.filter(index => index.unique).map(index => duplicatesOf(loaded, index)))
  return [...duplicates.flat(), ...findings]
}

async function driftOf(loaded: LoadedModel, sample: number): Promise<readonly Finding[]> {
  const { misfits } = await misfitsOf(loaded, sample)
  return Promise.all(
    misfits.map(async ({ path, problem, documents, ids }) => ({
      model: loaded.name,
      finding: 'does not fit',
      path,
      count: documents,
      detail: `${problem}: ${ids.map(String).join(', ')}`,
      mend: await mendValue(loaded, { id: ids[0], path }),
    })),
  )
}

/** Finds runs on these models, and on none in particular, that somebody began and nobody works at. */
async function leftOverRuns(models: readonly LoadedModel[]): Promise<readonly Finding[]> {
  const { listJobs } = await import('../operations/jobs.ts')
  const { isResumable } = await import('../operations/resuming.ts')
  const asked = new Set<string | undefined>([undefined, ...models.map(({ name }) => name)])
  const left = (await listJobs('default')).filter(({ state }) => state !== 'running')
  const ofThese = left.filter(({ run }) => asked.has(run.model ?? undefined))
  return ofThese.map(({ run, state }) => ({
    model: run.model ?? '',
    finding: `left-over run, ${state}`,
    path: run.kind,
    count: 1,
    detail: `${run._id}: ${run.summary}`,
    mend: `goose jobs ${isResumable(run.kind) ? 'resume' : 'cancel'} ${run._id}`,
  }))
}
