// Plans of bulk changes as people read them, and as files that can be reviewed and applied elsewhere.
import { readFileSync, writeFileSync } from 'node:fs'
import { BSON } from 'mongodb'
import type { BulkPlan, ChangeCount } from '../models/bulk-plan.ts'
import { keepPlanFile, planFile } from '../operations/plan-file.ts'
import { grouped, share, sizeOf } from './amounts.ts'
import type { Answer } from './answer.ts'
import { usage } from './flags.ts'
import { jsonText } from './output/json.ts'
import type { Workspace } from './workspace.ts'

/** What people need to know beside the plan itself. */
export interface PlanPlace {
  readonly connection: string
  readonly isProtected: boolean
  /** What applies it: an id or a file. */
  readonly handle: string
}

/** Answers a plan: page for people, data for programs; nothing was changed. */
export function planAnswer(plan: BulkPlan, place: PlanPlace): Answer {
  return { kind: 'value', data: plan, text: planText(plan, place), footer: () => nextOf(plan, place) }
}

/** Gives where a plan is to be applied. */
export async function placeOf(workspace: Workspace, handle: string): Promise<PlanPlace> {
  const { name, isProtected } = await workspace.address()
  return { connection: name, isProtected, handle }
}

/** Writes a plan as the page that is asked about. */
export function planText(plan: BulkPlan, { connection, isProtected }: PlanPlace): string {
  const { name, keys, documents, scans } = plan.index
  const read = documents === null ? '' : `  keys ${grouped(keys ?? 0)}  docs ${grouped(documents)}`
  const lines: readonly (readonly [string, string])[] = [
    [
      'match',
      `${grouped(plan.matched)} of ${grouped(plan.total)} (${share(plan.matched, plan.total)})   filter ${plan.filter}`,
    ],
    ['index', scans ? `none: the whole collection is read${read}` : `${name ?? 'none'}${read}`],
    ...headed('change', changeLines(plan)),
    ['zod', schemaText(plan)],
    [
      'hooks',
      `${plan.hooks ? 'each document' : 'none (use --hooks)'}      audit: ${plan.audited ? 'on' : 'off'}      undo: kept ${plan.undoDays} d`,
    ],
    [
      'cost',
      `${grouped(plan.batches)} ${plan.batches === 1 ? 'batch' : 'batches'} × ${grouped(plan.batch)}, journal about ${sizeOf(plan.journalBytes)}`,
    ],
    ...headed('sample', sampleLines(plan)),
  ]
  const head = `PLAN ${plan.id}  ${plan.kind} ${plan.model} on ${connection}${isProtected ? ' (protected)' : ''}   nothing changed`
  return [head, ...lines.map(([title, text]) => `${title.padEnd(8)}  ${text}`)].join('\n')
}

/** Writes a plan with its pages to a file. */
export async function writePlan(plan: BulkPlan, path: string): Promise<void> {
  const file = await planFile(plan.connection, plan.id)
  writeFileSync(path, `${BSON.EJSON.stringify(file, undefined, 1, { relaxed: false })}\n`)
}

/** Gives the id of a plan that is named by its id or by its file; a file is brought into the database. */
export async function planIdOf(handle: string): Promise<string> {
  if (/^plan_\w+$/.test(handle)) return handle
  const text = readFileSync(handle, 'utf8')
  try {
    return await keepPlanFile('default', BSON.EJSON.parse(text, { relaxed: false }))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw usage(`${handle} is no plan`, 'write one with: goose bulk update … --dry-run --out plan.json')
  }
}

function nextOf(plan: BulkPlan, { isProtected, handle }: PlanPlace): readonly string[] {
  if (plan.matched === 0) return ['nothing matches, so there is nothing to apply']
  const confirm = isProtected ? ` --confirm ${plan.id}` : ''
  return [`Run it:   goose apply ${handle}${confirm}     (valid 30 min, refused if what it matches has moved)`]
}

const MOST_VALUES = 4
const MOST_SAMPLES = 5

function changeLines(plan: BulkPlan): readonly string[] {
  if (plan.kind === 'bulk delete') return [`${grouped(plan.matched)} documents removed`]
  if (plan.changes.length === 0) return ['none']
  const paths = [...new Set(plan.changes.map(change => change.path))]
  const width = Math.max(...paths.map(path => path.length))
  return paths.flatMap(path => {
    const all = plan.changes.filter(change => change.path === path)
    const more = all.length > MOST_VALUES ? [`${' '.repeat(width)}  and ${all.length - MOST_VALUES} other values`] : []
    return [
      ...all.slice(0, MOST_VALUES).map((change, i) => `${(i === 0 ? path : '').padEnd(width)}  ${changeText(change)}`),
      ...more,
    ]
  })
}

function changeText({ from, to, count, isVarious }: ChangeCount): string {
  const after = to instanceof Date ? 'now' : to === undefined ? (isVarious ? 'by document' : '(removed)') : jsonText(to)
  const before = isVarious ? '' : `${from === undefined ? '(missing)' : jsonText(from)} `
  return `${before}→ ${after}  ${grouped(count)}`
}

function sampleLines({ sample }: BulkPlan): readonly string[] {
  return sample.slice(0, MOST_SAMPLES).map(({ _id, changes }) => {
    const shown = changes.filter(({ to }) => !(to instanceof Date)).slice(0, 3)
    const texts = shown.map(({ path, from, to }) => `${path} ${valueText(from)} → ${valueText(to)}`)
    return [String(_id), ...texts].join('  ')
  })
}

function valueText(value: unknown): string {
  if (value === undefined) return '(missing)'
  const text = jsonText(value)
  return text.length > 60 ? `${text.slice(0, 59)}…` : text
}

function schemaText({ schema, kind }: BulkPlan): string {
  if (kind === 'bulk delete') return 'not needed'
  const issues = schema.issues.length > 0 ? `: ${schema.issues.join('; ')}` : ''
  return `sample ${schema.checked}: ${schema.valid} valid${issues}`
}

function headed(title: string, lines: readonly string[]): readonly (readonly [string, string])[] {
  return lines.map((line, i) => [i === 0 ? title : '', line])
}
