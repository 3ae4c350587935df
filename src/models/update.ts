// Checks an update against a model before anything is sent, and turns its values into what is stored.
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { checkFilter } from './filter.ts'
import { suggestion } from './nearest.ts'
import { isHiddenAt } from './path.ts'
import { isPlain } from './plain.ts'
import { settingsOf } from './settings.ts'
import { checkStages } from './update-stages.ts'
import {
  type Check,
  checkUnset,
  checkValue,
  invalid,
  parsedBy,
  refuseUnkept,
  type ToStored,
  writtenField,
} from './update-value.ts'

type Values = Record<string, unknown>

/** An update as it is sent: operators, or a pipeline. */
export type SentUpdate = Values | Values[]

type Checker = (check: Check, path: string, value: unknown) => unknown

/** Checks operators or a pipeline, and adds what plugins keep: the time of the change, the version. */
export function checkUpdate(definition: ModelDefinition, update: unknown, toStored: ToStored): SentUpdate {
  const check = { definition, toStored }
  if (Array.isArray(update) && update.length > 0) return withStages(definition, checkStages(check, update))
  if (!isPlain(update)) throw invalid(definition, 'expected operators or a pipeline', 'write { $set: { path: value } }')
  const entries = Object.entries(update)
  if (entries.length === 0) throw invalid(definition, 'it changes nothing', 'write { $set: { path: value } }')
  return withOperators(
    definition,
    Object.fromEntries(entries.map(([operator, paths]) => [operator, checkOperator(check, operator, paths)])),
  )
}

/** Gives every path that an update writes. */
function pathsOf(update: SentUpdate): readonly string[] {
  const operators = Array.isArray(update) ? update : [update]
  return operators.flatMap(part =>
    Object.values(part).flatMap(paths => (isPlain(paths) ? Object.keys(paths) : [paths].flat().map(String))),
  )
}

const checkers: Record<string, Checker> = {
  $set: checkValue,
  $setOnInsert: checkValue,
  $inc: checkNumber,
  $mul: checkNumber,
  $min: checkValue,
  $max: checkValue,
  $unset: checkUnset,
  $rename: checkRename,
  $currentDate: (check, path, value) => {
    expectKind(check, path, ['date', 'mixed'])
    return value
  },
  $push: checkPush,
  $addToSet: checkPush,
  $pull: checkPull,
  $pullAll: (check, path, value) => listed(check, path, value).map(item => checkElement(check, path, item)),
  $pop: (check, path, value) => {
    expectKind(check, path, ['array', 'mixed'])
    return value
  },
  $bit: (check, path, value) => {
    expectKind(check, path, ['number', 'long', 'mixed'])
    return value
  },
}

function checkOperator(check: Check, operator: string, paths: unknown): unknown {
  const checker = checkers[operator]
  if (!checker) {
    const hint = operator.startsWith('$')
      ? suggestion(operator, Object.keys(checkers))
      : `write { $set: { ${operator}: … } }`
    throw invalid(check.definition, `there is no operator ${operator}`, hint)
  }
  if (!isPlain(paths))
    throw invalid(check.definition, `${operator} needs paths`, `write { ${operator}: { path: value } }`)
  return Object.fromEntries(
    Object.entries(paths).map(([path, value]) => {
      refuseUnkept(check, path, value)
      return [path, checker(check, path, value)]
    }),
  )
}

function checkNumber(check: Check, path: string, value: unknown): unknown {
  expectKind(check, path, ['number', 'long', 'decimal', 'mixed'])
  if (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    (typeof value === 'object' && value !== null && '_bsontype' in value)
  )
    return value
  throw invalid(check.definition, `"${path}" is changed by a number, ${JSON.stringify(value)} is none`, 'give a number')
}

// A value under another name is another field's: of its type, and no less hidden.
function checkRename(check: Check, path: string, to: unknown): unknown {
  const { definition } = check
  const [from, target] = [writtenField(check, path), writtenField(check, String(to))]
  if (from && target && from.kind !== target.kind)
    throw invalid(definition, `"${path}" is ${from.kind}, "${String(to)}" is ${target.kind}`, 'use $set and $unset')
  if (isHiddenAt(definition, path) && !isHiddenAt(definition, String(to)))
    throw invalid(definition, `"${String(to)}" would show what "${path}" hides`, 'load the documents and save them')
  return checkUnset(check, path, to)
}

const pushModifiers = new Set(['$each', '$position', '$slice', '$sort'])

function checkPush(check: Check, path: string, value: unknown): unknown {
  if (!isPlain(value) || !('$each' in value)) return checkElement(check, path, value)
  const wrong = Object.keys(value).find(key => !pushModifiers.has(key))
  if (wrong) throw invalid(check.definition, `there is no modifier ${wrong}`, suggestion(wrong, pushModifiers))
  return { ...value, $each: listed(check, path, value.$each).map(item => checkElement(check, path, item)) }
}

function checkElement(check: Check, path: string, value: unknown): unknown {
  const field = writtenField(check, path)
  if (!field || field.kind === 'mixed') return check.toStored(value, undefined)
  if (!field.element) throw invalid(check.definition, `"${path}" is no list`, 'use $set')
  return parsedBy(check, field.element, path, value)
}

function checkPull(check: Check, path: string, value: unknown): unknown {
  expectKind(check, path, ['array', 'mixed'])
  const field = writtenField(check, path)
  if (isPlain(value) && field?.element?.fields) {
    const inner = {
      ...check.definition,
      fields: field.element.fields,
      fieldByName: new Map(field.element.fields.map(f => [f.name, f])),
    }
    return checkFilter(inner, value)
  }
  return checkFilter(check.definition, { [path]: value })[path]
}

function listed(check: Check, path: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw invalid(check.definition, `"${path}" needs a list`, 'write [ … ]')
}

function expectKind(check: Check, path: string, kinds: readonly Field['kind'][]): void {
  const field = writtenField(check, path)
  if (field && !kinds.includes(field.kind))
    throw invalid(check.definition, `"${path}" is ${field.kind}`, `this operator works on ${kinds[0]}`)
}

function withOperators(definition: ModelDefinition, update: Values): Values {
  const { updatedAt, version } = settingsOf(definition)
  const written = pathsOf(update)
  const result = { ...update }
  if (updatedAt && !written.includes(updatedAt))
    result.$currentDate = { ...(result.$currentDate as Values | undefined), [updatedAt]: true }
  if (version && !written.includes(version)) result.$inc = { ...(result.$inc as Values | undefined), [version]: 1 }
  return result
}

function withStages(definition: ModelDefinition, stages: Values[]): Values[] {
  const { updatedAt, version } = settingsOf(definition)
  const kept = {
    ...(updatedAt ? { [updatedAt]: '$$NOW' } : {}),
    ...(version ? { [version]: { $add: [{ $ifNull: [`$${version}`, 0] }, 1] } } : {}),
  }
  return Object.keys(kept).length > 0 ? [...stages, { $set: kept }] : stages
}
