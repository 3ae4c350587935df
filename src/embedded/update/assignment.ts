// Implements $set, $unset, $min, $max and $currentDate.
import { Timestamp } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { typeName } from '../values/type-names.ts'
import { compareValues } from '../values/values.ts'
import type { Change, Operator } from './change.ts'

export const set: Operator = operand => ({ absent: 'create', existing: () => operand, missing: () => operand })

export const unset: Operator = () => ({ absent: 'ignore', existing: () => undefined, missing: () => undefined })

export const min: Operator = (operand, scope) => bound(operand, order => order < 0, scope.collation)

export const max: Operator = (operand, scope) => bound(operand, order => order > 0, scope.collation)

export const currentDate: Operator = (operand, { now }) => {
  const isTimestamp = currentDateType(operand) === 'timestamp'
  const value = (): Value => (isTimestamp ? timestampOf(now()) : now())
  return { absent: 'create', existing: value, missing: value }
}

/** Gives the timestamp of a moment. */
export function timestampOf(moment: Date): Timestamp {
  return new Timestamp({ t: Math.floor(moment.getTime() / 1000), i: nextIncrement() })
}

let increment = 0

/** Timestamps of one second stay apart by their second part. */
function nextIncrement(): number {
  increment = (increment % 0x7fffffff) + 1
  return increment
}

function bound(
  operand: Value,
  wins: (order: number) => boolean,
  collation: Parameters<typeof compareValues>[2],
): Change {
  return {
    absent: 'create',
    existing: value => (wins(compareValues(operand, value, collation)) ? operand : value),
    missing: () => operand,
  }
}

function currentDateType(operand: Value): 'date' | 'timestamp' {
  if (typeof operand === 'boolean') return 'date'
  if (!(operand instanceof Map))
    throw new CommandError(
      'BadValue',
      `${typeName(operand)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    )
  for (const name of operand.keys())
    if (name !== '$type') throw new CommandError('BadValue', `Unrecognized $currentDate option: ${name}`)
  const type = operand.get('$type')
  if (type === 'date' || type === 'timestamp') return type
  throw new CommandError(
    'BadValue',
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  )
}
