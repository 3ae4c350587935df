// Changes of the audit as people read them: one line for a table, or one for each path.
import type { AuditEntry } from '../models/plugins/audit.ts'
import { holdsMasked, MASKED } from '../runtime/mask.ts'
import { escapeControl } from './output/escape.ts'
import { jsonText } from './output/json.ts'
import { truncate } from './output/width.ts'

/** Says in one line what an entry has changed. */
export function changeText(entry: AuditEntry): string {
  const { operation, changes } = entry
  const paths = Object.entries(changes)
  if (operation === 'insert') return `created (${summaryOf(paths)})`
  if (operation === 'batch') return `digest of ${String(entry.batch?.count)} entries`
  if (operation === 'failed') return 'failed: nothing was changed'
  if (operation === 'delete') return isMark(paths) ? 'deleted' : `deleted for good (${summaryOf(paths)})`
  if (operation === 'restore') return 'restored'
  const intended = operation === 'intended' ? `about to ${entry.intends}` : ''
  const [first, ...more] = paths
    .filter(([path]) => !stamps.has(path))
    .concat(paths.filter(([path]) => stamps.has(path)))
  if (!first) return intended || 'nothing'
  const rest = more.filter(([path]) => !stamps.has(path)).length
  return [intended, pathText(first[0], first[1], 30), rest > 0 ? `(+${rest})` : ''].filter(Boolean).join(' ')
}

/** Says what became of one path; arrays by what was added and taken away. */
export function pathText(path: string, { from, to }: Change, most = 200): string {
  const lists = Array.isArray(from) && Array.isArray(to) ? listText(from, to, most) : undefined
  return `${escapeControl(path)} ${lists ?? `${valueText(from, most)} → ${valueText(to, most)}`}`
}

/** Writes a value short enough for a line. */
function valueText(value: unknown, most = 200): string {
  if (value === undefined) return '–'
  if (value === MASKED) return MASKED
  return truncate(escapeControl(jsonText(value)), most)
}

interface Change {
  readonly from?: unknown
  readonly to?: unknown
}

// Set by plugins with every change: the last to be shown.
const stamps = new Set(['updatedAt', '_v', '__v'])

function isMark(paths: readonly (readonly [string, Change])[]): boolean {
  return paths.some(([path, { to }]) => path === 'deletion' && to !== undefined)
}

function summaryOf(paths: readonly (readonly [string, Change])[]): string {
  const count = `${paths.length} ${paths.length === 1 ? 'field' : 'fields'}`
  const masked = paths.filter(([, { from, to }]) => holdsMasked(from) || holdsMasked(to)).map(([path]) => path)
  return masked.length === 0 ? count : `${count}; ${masked.join(', ')} masked`
}

function listText(from: readonly unknown[], to: readonly unknown[], most: number): string | undefined {
  const [before, after] = [from, to].map(list => list.map(item => jsonText(item)))
  const added = without(after!, before!)
  const gone = without(before!, after!)
  if (added.length + gone.length === 0) return undefined
  const part = (sign: string, items: readonly string[]) => items.map(item => `${sign}${item}`)
  return truncate(escapeControl([...part('+', added), ...part('−', gone)].join(' ')), most)
}

function without(items: readonly string[], taken: readonly string[]): readonly string[] {
  const left = [...taken]
  return items.filter(item => {
    const at = left.indexOf(item)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
