// Takes from a filter the fields that an upsert starts its document with.

import { BSONRegExp } from 'mongodb'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isOperatorDocument } from '../match/operators.ts'
import { compareStrings } from '../values/values.ts'

/** Gives the document of the fields that the filter demands to be equal to a value. */
export function upsertSeed(filter: Document): Document {
  const equalities = new Map<string, Value>()
  collect(filter, equalities)
  const paths = [...equalities.keys()].sort(compareStrings)
  refuseNested(paths)
  const seed: Document = new Map()
  if (equalities.has('_id')) seed.set('_id', equalities.get('_id')!)
  for (const path of paths) if (path !== '_id') setAt(seed, path.split('.'), equalities.get(path)!)
  return seed
}

/** Refuses a filter from which no document can be made, whether or not one is to be. */
export function checkUpsertFilter(filter: Document): void {
  for (const [name, operand] of filter) {
    if (name === '$expr')
      throw new CommandError('QueryFeatureNotAllowed', '$expr is not allowed in the query predicate for an upsert')
    if (name.startsWith('$') && Array.isArray(operand))
      for (const branch of operand) if (branch instanceof Map) checkUpsertFilter(branch)
  }
}

function collect(filter: Document, equalities: Map<string, Value>): void {
  for (const [name, operand] of filter) {
    if (name === '$and') collectBranches(operand, equalities)
    else if (name === '$or') collectSingle(operand, equalities)
    else if (!name.startsWith('$')) collectField(name, operand, equalities)
  }
}

function collectBranches(branches: Value, equalities: Map<string, Value>): void {
  if (!Array.isArray(branches)) return
  for (const branch of branches) if (branch instanceof Map) collect(branch, equalities)
}

/** An $or of one branch demands it. */
function collectSingle(branches: Value, equalities: Map<string, Value>): void {
  if (Array.isArray(branches) && branches.length === 1) collectBranches(branches, equalities)
}

function collectField(path: string, operand: Value, equalities: Map<string, Value>): void {
  if (operand instanceof BSONRegExp) return
  if (!isOperatorDocument(operand)) {
    note(path, operand, equalities)
    return
  }
  const equal = operand.get('$eq')
  if (equal !== undefined) note(path, equal, equalities)
  const among = operand.get('$in')
  if (Array.isArray(among) && among.length === 1 && !(among[0] instanceof BSONRegExp)) note(path, among[0]!, equalities)
  const all = operand.get('$all')
  if (!Array.isArray(all)) return
  for (const item of all) if (!isOperatorDocument(item) && !(item instanceof BSONRegExp)) note(path, item, equalities)
}

function note(path: string, value: Value, equalities: Map<string, Value>): void {
  if (equalities.has(path))
    throw new CommandError('NotSingleValueField', `cannot infer query fields to set, path '${path}' is matched twice`)
  equalities.set(path, value)
}

function refuseNested(paths: readonly string[]): void {
  const known = new Set(paths)
  for (const path of paths) {
    for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
      const parent = path.slice(0, dot)
      if (known.has(parent))
        throw new CommandError(
          'NotSingleValueField',
          `cannot infer query fields to set, both paths '${path}' and '${parent}' are matched`,
        )
    }
  }
}

function setAt(target: Document, names: readonly string[], value: Value): void {
  const name = names[0]!
  if (names.length === 1) {
    target.set(name, value)
    return
  }
  const inner = target.get(name)
  const document: Document = inner instanceof Map ? inner : new Map()
  target.set(name, document)
  setAt(document, names.slice(1), value)
}
