// Checks an update against a model before anything is sent, and turns its values into what is stored.
import * as z from 'zod'
import { GooseError, ValidationFailed } from '../errors.ts'
import type { ModelDefinition } from './definition.ts'
import type { Field } from './field.ts'
import { checkFilter } from './filter.ts'
import { suggestion } from './nearest.ts'
import { findPath, unknownPath } from './path.ts'
import { settingsOf } from './settings.ts'

type Values = Record<string, unknown>

/** An update as it is sent: operators, or a pipeline. */
export type SentUpdate = Values | Values[]

/** What turns a checked value into its stored form. */
export type ToStored = (value: unknown, field: Field | undefined) => unknown

interface Check {
  readonly definition: ModelDefinition
  readonly toStored: ToStored
}

type Checker = (check: Check, path: string, value: unknown) => unknown

/** Checks operators or a pipeline, and adds what plugins keep: the time of the change, the version. */
export function checkUpdate(definition: ModelDefinition, update: unknown, toStored: ToStored): SentUpdate {
  const check = { definition, toStored }
  if (Array.isArray(update))
    return withStages(
      definition,
      update.map(stage => checkStage(check, stage)),
    )
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
  $rename: (check, path, to) => {
    fieldAt(check, String(to))
    return checkUnset(check, path, to)
  },
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
      if (value === undefined)
        throw invalid(check.definition, `"${path}" is undefined`, 'give it a value, or use $unset')
      return [path, checker(check, path, value)]
    }),
  )
}

function fieldAt(check: Check, path: string): Field | undefined {
  const { definition } = check
  const found = findPath(definition, path)
  if (!found.known) throw unknownPath(definition, path)
  if (path === '_id' || path.startsWith('_id.'))
    throw invalid(definition, 'the _id of a document never changes', 'insert a new document')
  if (found.field?.marks.transient)
    throw invalid(definition, `"${path}" is transient: it is never stored`, 'set it on a document and save that')
  return found.field
}

function checkValue(check: Check, path: string, value: unknown): unknown {
  const field = fieldAt(check, path)
  return field ? parsed(check, field, path, value) : check.toStored(value, undefined)
}

function parsed(check: Check, field: Field, path: string, value: unknown): unknown {
  const result = z.safeParse(field.schema as z.core.$ZodType, value)
  if (result.success) return check.toStored(result.data, field)
  const issues = result.error.issues.map(issue => ({
    path: [path, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))
  throw new ValidationFailed(check.definition.name, issues)
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

function checkUnset(check: Check, path: string, value: unknown): unknown {
  const field = fieldAt(check, path)
  if (field && !field.optional && !field.defaultOf && !/\.(\d+|\$)/.test(path))
    throw invalid(check.definition, `"${path}" is required`, 'give it another value')
  return value
}

const pushModifiers = new Set(['$each', '$position', '$slice', '$sort'])

function checkPush(check: Check, path: string, value: unknown): unknown {
  if (!isPlain(value) || !('$each' in value)) return checkElement(check, path, value)
  const wrong = Object.keys(value).find(key => !pushModifiers.has(key))
  if (wrong) throw invalid(check.definition, `there is no modifier ${wrong}`, suggestion(wrong, pushModifiers))
  return { ...value, $each: listed(check, path, value.$each).map(item => checkElement(check, path, item)) }
}

function checkElement(check: Check, path: string, value: unknown): unknown {
  const field = fieldAt(check, path)
  if (!field || field.kind === 'mixed') return check.toStored(value, undefined)
  if (!field.element) throw invalid(check.definition, `"${path}" is no list`, 'use $set')
  return parsed(check, field.element, path, value)
}

function checkPull(check: Check, path: string, value: unknown): unknown {
  expectKind(check, path, ['array', 'mixed'])
  const field = fieldAt(check, path)
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
  const field = fieldAt(check, path)
  if (field && !kinds.includes(field.kind))
    throw invalid(check.definition, `"${path}" is ${field.kind}`, `this operator works on ${kinds[0]}`)
}

const assigning = new Set(['$set', '$addFields'])

function checkStage(check: Check, stage: unknown): Values {
  const [name, ...more] = isPlain(stage) ? Object.keys(stage) : []
  if (!isPlain(stage) || !name || more.length > 0)
    throw invalid(check.definition, 'a stage is an object with one key', 'write [{ $set: { … } }]')
  const value = stage[name]
  if (assigning.has(name) && isPlain(value))
    return {
      [name]: Object.fromEntries(
        Object.entries(value).map(([path, item]) => [path, checkExpression(check, path, item)]),
      ),
    }
  if (name === '$unset') {
    for (const path of [value].flat()) checkUnset(check, String(path), 1)
    return stage
  }
  if (name === '$replaceWith' || name === '$replaceRoot' || name === '$project') return stage
  throw invalid(
    check.definition,
    `an update has no stage ${name}`,
    suggestion(name, [...assigning, '$unset', '$project', '$replaceWith', '$replaceRoot']),
  )
}

// A plain value is checked like any other; what an expression gives is known to the server alone.
function checkExpression(check: Check, path: string, value: unknown): unknown {
  if (value === undefined) throw invalid(check.definition, `"${path}" is undefined`, 'give it a value')
  if (typeof value === 'string' && value.startsWith('$')) return fieldAt(check, path) ? value : value
  if (isPlain(value) && '$literal' in value) return { $literal: checkValue(check, path, value.$literal) }
  if (isPlain(value) || Array.isArray(value)) {
    fieldAt(check, path)
    return value
  }
  return checkValue(check, path, value)
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

function isPlain(value: unknown): value is Values {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function invalid(definition: ModelDefinition, reason: string, hint: string): GooseError {
  return new GooseError('INVALID_UPDATE', { model: definition.name, reason, hint })
}
