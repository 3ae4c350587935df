// Bulk changes at a prompt: planned first, then asked about, then made, and taken back.
import { modelNamed } from '../models/registry.ts'
import { checkedBulk, planBulk } from '../operations/bulk-plan.ts'
import { applyPlan, storedPlan } from '../operations/bulk-start.ts'
import { storedRun } from '../operations/run-document.ts'
import { undoRun } from '../operations/undo.ts'
import type { RuntimeModel } from '../runtime/document.ts'
import type { Answer } from './answer.ts'
import { askOrDemand, type ConsentFlags, requireConsent } from './consent.ts'
import { usage } from './flags.ts'
import { parseData } from './input.ts'
import type { LoadedModel } from './models.ts'
import { placeOf, planAnswer, planIdOf, planText, writePlan } from './planning.ts'
import { filtered, pathsOf, type QuestionFlags } from './question.ts'
import { askedOf, carryOut, type RunningFlags } from './running.ts'
import { assignment } from './typed.ts'
import type { Workspace } from './workspace.ts'

/** The flags of bulk update and bulk delete. */
export interface BulkFlags extends QuestionFlags, RunningFlags, ConsentFlags {
  readonly set?: readonly string[] | undefined
  readonly unset?: string | undefined
  readonly update?: string | undefined
  readonly pipeline?: string | undefined
  readonly hooks?: boolean | undefined
  readonly hard?: boolean | undefined
  readonly all?: boolean | undefined
  readonly out?: string | undefined
  readonly audit?: boolean | undefined
  readonly timeout?: number | undefined
  readonly 'dry-run'?: boolean | undefined
}

/** Plans a bulk update; without a dry run, makes it once it is consented to. */
export async function bulkUpdate(loaded: LoadedModel, workspace: Workspace, flags: BulkFlags): Promise<Answer> {
  return bulk(loaded, workspace, { ...flags, change: updateOf(loaded, flags) })
}

/** Plans a bulk delete; without a dry run, makes it once it is consented to. */
export async function bulkDelete(loaded: LoadedModel, workspace: Workspace, flags: BulkFlags): Promise<Answer> {
  return bulk(loaded, workspace, { ...flags, change: undefined })
}

/** The flags of apply. */
export interface ApplyFlags extends RunningFlags, ConsentFlags {
  readonly tolerance?: number | undefined
}

/** Makes the change of a plan; its id is the word that consents to it. */
export async function applyFromPrompt(handle: string, workspace: Workspace, flags: ApplyFlags): Promise<Answer> {
  await workspace.models()
  const id = await planIdOf(handle)
  const { summary } = await storedPlan('default', id)
  const { isProtected } = await workspace.address()
  if (isProtected || flags.confirm !== undefined) await askOrDemand(workspace, flags, { action: summary, token: id })
  return apply(id, flags)
}

/** Takes a run back. */
export async function undoFromPrompt(
  id: string,
  workspace: Workspace,
  flags: RunningFlags &
    ConsentFlags & { readonly 'force-fields'?: boolean | undefined; readonly 'dry-run'?: boolean | undefined },
): Promise<Answer> {
  await workspace.models()
  const run = await storedRun('default', id)
  const action = `undo ${run._id} (${run.summary})`
  const data = { run: run._id, kind: run.kind, model: run.model, counters: run.counters }
  if (flags['dry-run']) return { kind: 'value', data, text: `would ${action}`, footer: () => ['nothing was changed'] }
  const force = flags['force-fields'] ?? false
  // What others have written since is lost when it is forced, so that needs a word.
  await requireConsent(workspace, flags, { action, token: run._id, isReversible: !force })
  const asked = askedOf(flags)
  return carryOut(flags, controls => undoRun(run._id, { ...asked, force }, controls))
}

type Change = BulkFlags & { readonly change: unknown }

async function bulk(loaded: LoadedModel, workspace: Workspace, flags: Change): Promise<Answer> {
  const query = await filtered(loaded.model.find(), flags)
  const { model } = modelNamed(loaded.name) as unknown as { readonly model: RuntimeModel }
  const request = { model, query: query.state, ...(flags.change === undefined ? {} : { update: flags.change }) }
  const options = {
    all: flags.all,
    hooks: flags.hooks,
    hard: flags.hard,
    batch: flags.batch,
    maxDocs: flags['max-docs'],
  }
  checkedBulk(request, options)
  const plan = await planBulk(request, options)
  const place = await placeOf(workspace, flags.out ?? plan.id)
  if (flags.out) await writePlan(plan, flags.out)
  if (flags['dry-run'] || flags.out) return planAnswer(plan, place)
  if (!flags.yes || place.isProtected) {
    if (plan.matched === 0) return planAnswer(plan, place)
    if (!flags.quiet) process.stderr.write(`${planText(plan, place)}\n`)
    await askOrDemand(workspace, flags, {
      action: `${plan.summary}: ${plan.matched} documents`,
      token: plan.id,
      hint: hintOf(place.isProtected, plan.id),
    })
  }
  return apply(plan.id, flags)
}

function hintOf(isProtected: boolean, id: string): string {
  return isProtected
    ? `review it, then: goose apply ${id} --confirm ${id}`
    : `add --yes, or review it, then: goose apply ${id}`
}

function apply(id: string, flags: ApplyFlags): Promise<Answer> {
  const asked = askedOf(flags)
  return carryOut(flags, controls => applyPlan(id, { ...asked, tolerance: flags.tolerance }, controls))
}

function updateOf({ name, model }: LoadedModel, { set = [], unset, update, pipeline }: BulkFlags): unknown {
  const ways = [set.length > 0 || unset !== undefined, update !== undefined, pipeline !== undefined].filter(Boolean)
  if (ways.length !== 1)
    throw usage(
      ways.length === 0 ? `there is nothing to change in ${name}` : 'an update is given in more than one way',
      "give --set path=value and --unset path, or --update '{$inc: {n: 1}}', or --pipeline @file",
    )
  if (pipeline !== undefined)
    return listOf(parseData(pipeline, '--pipeline', 'write it as \'[{$set: {total: {$add: ["$a", "$b"]}}}]\''))
  if (update !== undefined) return parseData(update, '--update', "write it as '{$inc: {views: 1}}'")
  const values = Object.fromEntries(
    set.map(text => assignment(text, model.definition)).map(({ path, value }) => [path, value]),
  )
  const gone = Object.fromEntries(pathsOf(unset ?? '').map(path => [path, 1]))
  return { ...(set.length > 0 ? { $set: values } : {}), ...(unset === undefined ? {} : { $unset: gone }) }
}

function listOf(value: unknown): unknown {
  if (Array.isArray(value)) return value
  throw usage('--pipeline: a pipeline is a list of stages', "write it as '[{$set: {…}}]'")
}
