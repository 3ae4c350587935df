// Finds an equality with a variable at the beginning of a $lookup's pipeline, by which candidates can be found.
import type { Value } from '../../bson/decode.ts'

export interface Correlation {
  readonly path: string
  readonly variable: string
}

/** From [{ $match: { $expr: { $eq: ['$path', '$$variable'] } } }], also below $and. */
export function correlation(pipeline: readonly Value[]): Correlation | undefined {
  const [first] = pipeline
  const filter = first instanceof Map ? first.get('$match') : undefined
  if (!(filter instanceof Map)) return undefined
  return (
    fromExpression(filter.get('$expr')) ??
    firstOf(filter.get('$and'), part => (part instanceof Map ? fromExpression(part.get('$expr')) : undefined))
  )
}

function fromExpression(expression: Value | undefined): Correlation | undefined {
  if (!(expression instanceof Map)) return undefined
  const all = firstOf(expression.get('$and'), fromExpression)
  if (all) return all
  const sides = expression.get('$eq')
  if (!Array.isArray(sides) || sides.length !== 2) return undefined
  const [left, right] = sides as [Value, Value]
  return related(left, right) ?? related(right, left)
}

function related(field: Value, variable: Value): Correlation | undefined {
  const path = /^\$([^$.\0][^$.\0]*)$/.exec(typeof field === 'string' ? field : '')
  const name = /^\$\$([a-z]\w*)$/.exec(typeof variable === 'string' ? variable : '')
  return path && name ? { path: path[1]!, variable: name[1]! } : undefined
}

function firstOf(list: Value | undefined, find: (part: Value) => Correlation | undefined): Correlation | undefined {
  if (!Array.isArray(list)) return undefined
  for (const part of list) {
    const found = find(part)
    if (found) return found
  }
  return undefined
}
