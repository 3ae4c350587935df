// Which fields an aggregation expression reads.
import { isPlain } from './plain.ts'

/** The path of a whole document, as `$$ROOT` is. */
export const WHOLE = ''

/** Gives the paths that an expression reads; `WHOLE` where it takes the document as such. */
export function pathsRead(expression: unknown): readonly string[] {
  if (typeof expression === 'string') return pathOf(expression)
  if (Array.isArray(expression)) return expression.flatMap(pathsRead)
  if (!isPlain(expression)) return []
  return Object.entries(expression).flatMap(([name, operand]) => {
    if (name === '$literal') return []
    return name === '$getField' ? [...namedField(operand), ...pathsRead(operand)] : pathsRead(operand)
  })
}

function pathOf(text: string): readonly string[] {
  const root = /^\$\$(?:ROOT|CURRENT)(?:\.(.*))?$/s.exec(text)
  if (root) return [root[1] ?? WHOLE]
  return text.startsWith('$') && !text.startsWith('$$') ? [text.slice(1)] : []
}

// It takes the name of a field without a dollar.
function namedField(operand: unknown): readonly string[] {
  const name = isPlain(operand) ? operand.field : operand
  return typeof name === 'string' && !name.startsWith('$') ? [name] : []
}
