// What is left of a filter to be tested, once an index has answered for a list of ids.
import type { Document, Value } from '../bson/decode.ts'
import type { Plan } from '../planning/plan.ts'

/** Gives a filter without the lists of _id that the plan answers; itself where there are none. */
export function remainder(filter: Document, plan: Plan): Document {
  if (plan.kind !== 'index') return filter
  const lists = [...(plan.bounds.answered ?? [])].filter(({ path, operator }) => path === '_id' && operator === '$in')
  return lists.length === 0 ? filter : without(filter, new Set(lists.map(({ operand }) => operand)))
}

// Only what all documents must meet is left out: whole parts of the filter and of its $and.
function without(filter: Document, lists: ReadonlySet<Value>): Document {
  const left: Document = new Map()
  for (const [name, value] of filter) {
    if (name === '$and' && Array.isArray(value)) {
      const parts = value.map(part => (part instanceof Map ? without(part, lists) : part))
      const asked = parts.filter(part => !(part instanceof Map) || part.size > 0)
      if (asked.length > 0) left.set(name, asked)
    } else if (name !== '_id' || !isList(value, lists)) left.set(name, value)
  }
  return left
}

function isList(value: Value, lists: ReadonlySet<Value>): boolean {
  return value instanceof Map && value.size === 1 && lists.has(value.get('$in')!)
}
