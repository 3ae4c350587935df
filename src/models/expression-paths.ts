// Which fields an aggregation expression reads.
import { isPlain } from './plain.ts'

/** The path of a whole document, as `$$ROOT` is. */
export const WHOLE = ''

/** Gives the paths that an expression reads; `WHOLE` where it takes the document as such. */
export function pathsRead(expression: unknown): readonly string[] {
  if (typeof expression === 'string') return pathOf(expression)
  return partsOf(expression).flatMap(pathsRead)
}

/** Gives the fields that an expression takes by their names, as keys with dots are taken. */
export function fieldsNamed(expression: unknown): readonly string[] {
  const own = isPlain(expression) && '$getField' in expression ? nameIn(expression.$getField) : []
  return [...own, ...partsOf(expression).flatMap(fieldsNamed)]
}

function pathOf(text: string): readonly string[] {
  const root = /^\$\$(?:ROOT|CURRENT)(?:\.(.*))?$/s.exec(text)
  if (root) return [root[1] ?? WHOLE]
  return text.startsWith('$') && !text.startsWith('$$') ? [text.slice(1)] : []
}

function nameIn(operand: unknown): readonly string[] {
  const name = isPlain(operand) ? operand.field : operand
  return typeof name === 'string' && !name.startsWith('$') ? [name] : []
}

function partsOf(expression: unknown): readonly unknown[] {
  if (Array.isArray(expression)) return expression
  if (!isPlain(expression)) return []
  return Object.entries(expression).flatMap(([name, operand]) => (name === '$literal' ? [] : [operand]))
}
