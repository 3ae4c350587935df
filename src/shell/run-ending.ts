// How a long operation has ended, for people: what it did and left, why it quit, what to type next.
import { BSON } from 'mongodb'
import type { Note } from '../operations/run-document.ts'
import type { RunEnding } from '../operations/run-steps.ts'
import { grouped, lengthOf, share } from './amounts.ts'
import type { Answer } from './answer.ts'

/** What decides how much is said. */
export interface EndingFlags {
  readonly quiet?: boolean | undefined
  readonly output?: string | undefined
  readonly json?: boolean | undefined
}

/** Answers an ending; quiet commands say why only where not everything was done. */
export function endingAnswer(ending: RunEnding, flags: EndingFlags): Answer {
  const exit = exitOf(ending)
  const why = `WHY-QUIT ${ending.why}${nextOf(ending)}`
  const text = countsText(ending)
  const left = leftOf(ending)
  const isSilent = flags.quiet === true && !flags.json && flags.output === undefined
  // Cron mails what is printed: nothing when all went well, the reason when not.
  if (flags.quiet && exit !== 0) process.stderr.write(`${[text, why, ...left].join('\n')}\n`)
  if (isSilent) return { kind: 'value', data: ending, text: '', isText: true, exit }
  return { kind: 'value', data: ending, text, footer: () => [timesText(ending), why, ...left], exit }
}

/** Gives the exit code of an ending: 0 complete, 6 partly, 8 stopped early on purpose. */
function exitOf({ isComplete, counters }: RunEnding): number {
  if (!isComplete) return 8
  return ['conflicts', 'kept', 'failed'].some(name => (counters[name] ?? 0) > 0) ? 6 : 0
}

function countsText({ kind, state, counters }: RunEnding): string {
  const counted = Object.entries(counters).map(([name, count]) => `${name} ${grouped(count)}`)
  const said = state === 'done' && counted.length > 0 ? [] : [state]
  return `${kind.toUpperCase()} ${[...said, ...counted].join('  ')}`
}

// What is typed next needs the name of the run, which nothing else on a terminal says.
function nextOf({ state, kind, run, model, counters }: RunEnding): string {
  const did = (...names: string[]) => names.some(name => Number(counters[name] ?? 0) > 0)
  if (state === 'stopped') return `; go on with: goose jobs resume ${run}`
  if (kind.startsWith('bulk') && did('changed', 'deleted')) return `; to take it back: goose undo ${run}`
  if (kind === 'archive' && did('copied')) return `; to bring it back: goose archive restore ${model} ${run}`
  return ''
}

// Steps that took next to nothing are left out.
function timesText({ times, milliseconds }: RunEnding): string {
  const whole = Object.values(times).reduce((sum, time) => sum + time, 0)
  const shown = Object.entries(times).filter(([, time]) => time / whole >= 0.005)
  return `TIME     ${[...shown.map(([step, time]) => `${step} ${share(time, whole)}`), lengthOf(milliseconds)].join('  ')}`
}

const SHOWN = 20

// What stayed is named at once, so that nobody has to look for it; an import has told each as it came.
function leftOf({ run, kind, counters, noted }: RunEnding): readonly string[] {
  const names = ['kept', 'conflicts', 'failed'].filter(name => (counters[name] ?? 0) > 0)
  if (names.length === 0) return []
  const count = names.reduce((sum, name) => sum + counters[name]!, 0)
  const shown = kind === 'import' ? [] : noted.slice(0, SHOWN).map(noteText)
  const more = shown.length > 0 && count > shown.length ? [`and ${grouped(count - shown.length)} more`] : []
  return [...shown, ...more, `see: goose jobs show ${run}`]
}

/** Says which document, line or batch was left, and why. */
export function noteText({ _id, line, batch, why }: Note): string {
  const what =
    _id !== undefined ? idText(_id) : line !== undefined ? `line ${line}` : batch !== undefined ? `batch ${batch}` : ''
  return what === '' ? `left: ${why}` : `left ${what}: ${why}`
}

/** Writes an id of any type, as it was stored, on one line. */
export function idText(id: unknown): string {
  const { _id } = BSON.deserialize(BSON.serialize({ _id: id }))
  return typeof _id === 'string' ? _id : String(_id?.toHexString?.() ?? BSON.EJSON.stringify(_id))
}
