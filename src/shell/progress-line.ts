// How far a run has come, as one line: fitted to a terminal, or whole for a log.
import type { RunProgress } from '../operations/run-steps.ts'
import { grouped, lengthOf, share } from './amounts.ts'
import { truncate, widthOf } from './output/width.ts'

const BAR = 20

/** Writes progress for a terminal of so many columns: what does not fit is left out, the hint first, then the bar. */
export function terminalLine(
  run: RunProgress,
  { columns, isStopping }: { columns: number; isStopping: boolean },
): string {
  const { part, counts } = amountsOf(run)
  const bar = part === undefined ? [] : [barOf(part)]
  const [head = '', ...rest] = counts
  const hint = isStopping ? 'stopping after this batch (Ctrl-C: at once)' : '(Ctrl-C: stop after this batch)'
  const short = isStopping ? 'stopping (Ctrl-C: at once)' : '(Ctrl-C: stop)'
  const lines = [
    [head, ...bar, ...rest, hint],
    [head, ...bar, ...rest, short],
    [head, ...rest, short],
    [head, ...rest],
  ].map(parts => parts.join('  '))
  return lines.find(line => widthOf(line) < columns) ?? truncate(lines.at(-1)!, columns - 1)
}

/** Writes progress for a log, with the run it is of. */
export function plainLine(run: RunProgress): string {
  return [run.id, ...amountsOf(run).counts].join('  ')
}

function amountsOf(run: RunProgress): { readonly part: number | undefined; readonly counts: readonly string[] } {
  const done = run.counters.matched ?? 0
  const rate = run.elapsed < 100 ? 0 : (run.worked / run.elapsed) * 1000
  const speed = rate > 0 ? [`${grouped(rate)}/s`] : []
  if (!run.total) return { part: undefined, counts: [grouped(done), ...speed] }
  const part = Math.min(1, done / run.total)
  const eta = rate > 0 && part < 1 ? [`ETA ${lengthOf(((run.total - done) / rate) * 1000)}`] : []
  return { part, counts: [share(done, run.total), `${grouped(done)}/${grouped(run.total)}`, ...speed, ...eta] }
}

function barOf(part: number): string {
  return '█'.repeat(Math.round(part * BAR)).padEnd(BAR, '░')
}
