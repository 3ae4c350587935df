// The filter for what comes after given sort values, in the order of the database.
import { Binary, BSONRegExp, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb'

type Sort = readonly (readonly [path: string, direction: 1 | -1])[]
type Filter = Record<string, unknown>

// The order of types, as the server compares values of different ones; null and missing come first.
const order: readonly (readonly string[])[] = [
  ['int', 'long', 'double', 'decimal'],
  ['string', 'symbol'],
  ['object'],
  ['array'],
  ['binData'],
  ['objectId'],
  ['bool'],
  ['date'],
  ['timestamp'],
  ['regex'],
]

/** Gives the filter that holds for every document sorted behind the values. */
export function beyond(sort: Sort, values: readonly unknown[]): Filter {
  const branches: Filter[] = []
  sort.forEach(([path, direction], i) => {
    const ties = sort.slice(0, i).map(([tied], at) => ({ [tied]: { $eq: values[at] } }))
    for (const further of direction === 1 ? above(path, values[i]) : below(path, values[i]))
      branches.push(ties.length > 0 ? { $and: [...ties, further] } : further)
  })
  return branches.length === 1 ? branches[0]! : { $or: branches }
}

function above(path: string, value: unknown): Filter[] {
  if (value === null) return [{ [path]: { $ne: null } }]
  const higher = order.slice(rankOf(value) + 1).flat()
  // The first of the numbers, and yet none of them is greater than it.
  if (isNotANumber(value)) return [{ [path]: { $gte: Number.NEGATIVE_INFINITY } }, { [path]: { $type: higher } }]
  return [{ [path]: { $gt: value } }, ...(higher.length > 0 && path !== '_id' ? [{ [path]: { $type: higher } }] : [])]
}

function below(path: string, value: unknown): Filter[] {
  if (value === null) return []
  const lower = order.slice(0, rankOf(value)).flat()
  const others: Filter[] = [...(lower.length > 0 ? [{ [path]: { $type: lower } }] : []), { [path]: null }]
  if (isNotANumber(value)) return others
  if (rankOf(value) === 0) others.push({ [path]: { $eq: Number.NaN } })
  return [{ [path]: { $lt: value } }, ...(path === '_id' ? [] : others)]
}

function isNotANumber(value: unknown): boolean {
  return Number.isNaN(value instanceof Double ? value.value : value)
}

function rankOf(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'bigint') return 0
  if (value instanceof Long || value instanceof Decimal128 || value instanceof Int32 || value instanceof Double)
    return 0
  if (typeof value === 'string') return 1
  if (value instanceof Binary) return 4
  if (value instanceof ObjectId) return 5
  if (typeof value === 'boolean') return 6
  if (value instanceof Date) return 7
  if (value instanceof Timestamp) return 8
  return value instanceof BSONRegExp || value instanceof RegExp ? 9 : 2
}
