// Reads a projection into a flat list of what it asks for at each path.
import { isExpressionOperator } from '../aggregate/expression.ts'
import { checkFieldName, parsePath } from '../aggregate/path.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { textOf } from '../values/text.ts'
import { type Slice, sliceOf } from './slice.ts'

export type Entry = { readonly path: readonly string[] } & (
  | { readonly kind: 'include' | 'exclude' | 'positional' }
  | { readonly kind: 'compute'; readonly expression: Value }
  | { readonly kind: 'slice'; readonly slice: Slice }
  | { readonly kind: 'elemMatch'; readonly filter: Document }
)

/** Where a projection stands: a $project knows neither `a.$` nor $elemMatch nor the $slice of find. */
export type ProjectionPlace = 'find' | 'stage'

export function entriesOf(spec: Document, place: ProjectionPlace): readonly Entry[] {
  const entries: Entry[] = []
  const reading = { entries, place }
  for (const [path, value] of spec) read(path, value, reading)
  checkCompany(entries)
  return entries
}

interface Reading {
  readonly entries: Entry[]
  readonly place: ProjectionPlace
}

function read(path: string, value: Value, reading: Reading): void {
  const { entries, place } = reading
  if (place === 'find' && (path.endsWith('.$') || path.includes('.$.'))) {
    entries.push(positional(path, value))
    return
  }
  const names = parsePath(path)
  if (isFlag(value)) entries.push({ path: names, kind: isOn(value) ? 'include' : 'exclude' })
  else if (!(value instanceof Map)) entries.push({ path: names, kind: 'compute', expression: value })
  else readDocument(names, value, reading)
}

function readDocument(path: readonly string[], value: Document, reading: Reading): void {
  const first = value.keys().next().value
  if (first === undefined)
    throw new CommandError(
      51270,
      `An empty sub-projection is not a valid value. Found empty object at path ${path.join('.')}`,
    )
  if (first.startsWith('$')) {
    reading.entries.push(reading.place === 'find' ? findOperator(path, first, value) : expressionOf(path, first, value))
    return
  }
  for (const [name, inner] of value) {
    if (name.startsWith('$')) checkFieldName(name)
    read([...path, name].join('.'), inner, reading)
  }
}

function findOperator(path: readonly string[], operator: string, value: Document): Entry {
  const operand = value.get(operator)!
  if (operator === '$elemMatch') return elemMatch(path, operand)
  if (operator === '$meta')
    throw new CommandError('CommandNotSupported', '$meta is not supported by the embedded database')
  const slice = operator === '$slice' ? sliceOf(operand) : undefined
  if (slice !== undefined) return { path, kind: 'slice', slice }
  return expressionOf(path, operator, value)
}

function expressionOf(path: readonly string[], operator: string, value: Document): Entry {
  if (!isExpressionOperator(operator)) throw new CommandError(31325, `Unknown expression ${operator}`)
  if (value.size > 1)
    throw new CommandError(
      40181,
      `an expression specification must contain exactly one field, the name of the expression. Found ${value.size} fields in ${textOf(value)}`,
    )
  return { path, kind: 'compute', expression: value }
}

function elemMatch(path: readonly string[], operand: Value): Entry {
  if (!(operand instanceof Map)) throw new CommandError(31274, 'elemMatch: Invalid argument, object required')
  if (path.length > 1)
    throw new CommandError(
      31275,
      `Cannot use $elemMatch projection on a nested field (currently unsupported): ${path.join('.')}`,
    )
  return { path, kind: 'elemMatch', filter: operand }
}

function positional(path: string, value: Value): Entry {
  if (path.includes('.$.'))
    throw new CommandError(
      31394,
      "As of 4.4, it's illegal to specify positional operator in the middle of a path. Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.",
    )
  if (value instanceof Map)
    throw new CommandError(31271, 'positional projection cannot be used with an expression or sub object')
  if (!isFlag(value)) throw new CommandError(31308, 'positional projection cannot be used with a literal')
  if (!isOn(value)) throw new CommandError(31395, 'positional projection cannot be used with exclusion')
  return { path: parsePath(path.slice(0, -2)), kind: 'positional' }
}

function checkCompany(entries: readonly Entry[]): void {
  const positionals = entries.filter(entry => entry.kind === 'positional')
  if (positionals.length > 1)
    throw new CommandError(31276, 'Cannot specify more than one positional projection per query.')
  if (positionals.length > 0 && entries.some(entry => entry.kind === 'elemMatch'))
    throw new CommandError(31256, 'Cannot specify positional operator and $elemMatch.')
}

function isFlag(value: Value): boolean {
  return typeof value === 'boolean' || isNumber(value)
}

function isOn(value: Value): boolean {
  return isNumber(value) ? toDouble(value) !== 0 : value === true
}
