// Commits what is staged: each document once, as a run that can be taken back.
import { GooseError, PlanDrifted } from '../../errors.ts'
import { commitChanges, type ModelChanges } from '../../operations/document-changes.ts'
import { undoRun } from '../../operations/undo.ts'
import type { Answer } from '../answer.ts'
import { usage } from '../flags.ts'
import { carryOut } from '../running.ts'
import type { Desk } from './desk.ts'
import type { Effect, Sandbox } from './sandbox.ts'
import { changesOf, digestOf, type MovedWrite, modelOfCollection, type StagedChange } from './staged-changes.ts'

/** Writes the staged changes in one transaction, empties the stage, and says what was written and how to take it back. */
export async function commitStaged(desk: Desk): Promise<Answer> {
  const { session } = desk
  session.requireWrites('.commit')
  const { changes, moved } = await changesOf(desk)
  refuseMoved(session.sandbox, changes, moved)
  if (changes.length === 0) return { kind: 'value', data: [], text: 'nothing is staged' }
  const models = groupedBy(changes, desk)
  const { run, operation } = await session.apply(
    () => commitChanges(session.connection.alias, models, session.reason),
    session.sandbox.op,
  )
  session.sandbox.discard()
  session.lastRun = run
  const data = models.map(({ definition, changes: own }) => ({ model: definition.name, documents: own.length }))
  const said = data.map(({ model, documents }) => `${documents} ${model}`).join(', ')
  const footer = () => [`.undo takes it back; later: goose undo ${run}`]
  return { kind: 'value', data, text: `written: ${said}  (${run}, operation ${operation})`, footer }
}

// What was seen is what is written: where somebody has changed the data since, it is looked at again.
function refuseMoved(sandbox: Sandbox, changes: readonly StagedChange[], moved: readonly MovedWrite[]): void {
  const hint = '.diff shows what they would do now; .commit then writes that'
  const drifted = (reason: string) => new PlanDrifted({ plan: 'of these writes', reason, hint })
  const [first] = moved
  if (first) throw drifted(`line ${first.line} did ${told(first.write.effect)}, and would do ${told(first.effect)} now`)
  if (sandbox.shown !== undefined && sandbox.shown !== digestOf(changes))
    throw drifted('documents have changed since .diff')
}

function told(effect: Effect | undefined): string {
  return effect ? `match ${effect.matched} and change ${effect.changed}` : 'nothing'
}

/** Takes the last commit of the session back, and lists what was left as it is because somebody has changed it since. */
export async function undoCommit(desk: Desk): Promise<void> {
  const { session } = desk
  const run = session.lastRun
  if (run === undefined) throw usage('nothing was committed in this session', '.undo run_… takes back an earlier run')
  session.requireWrites('.undo')
  const { reason } = session
  const answer = await session.apply(() => carryOut({}, controls => undoRun(run, { reason }, controls)))
  await desk.answer(answer)
  const { noted = [], run: undo } = (answer as { readonly data?: Ending }).data ?? {}
  session.lastRun = undo
  const columns = ['_id', 'why'].map(path => ({ path, head: path.replace('_', '').toUpperCase() }))
  if (noted.length > 0) await desk.answer({ kind: 'rows', rows: noted, columns })
}

interface Ending {
  readonly run?: string
  readonly noted?: readonly Readonly<Record<string, unknown>>[]
}

// A document that several lines changed goes from what it was first to what it is last.
function groupedBy(changes: readonly StagedChange[], { models }: Desk): readonly ModelChanges[] {
  const groups = new Map<string, Map<string, StagedChange>>()
  for (const change of changes) {
    const place = `${change.database} ${change.collection}`
    const group = groups.get(place) ?? new Map<string, StagedChange>()
    const first = group.get(change.key)
    group.set(change.key, first ? { ...change, before: first.before } : change)
    groups.set(place, group)
  }
  return [...groups.values()].map(group => {
    const [{ collection }] = [...group.values()] as [StagedChange]
    const loaded = modelOfCollection(models, collection)
    if (!loaded)
      throw new GooseError('USAGE', { reason: `no model has the collection ${collection}`, hint: '.discard drops it' })
    const net = [...group.values()].filter(({ before, after }) => before || after)
    return { definition: loaded.model.definition, changes: net }
  })
}
