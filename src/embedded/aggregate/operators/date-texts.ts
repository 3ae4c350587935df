// Turns dates into strings and back: $dateToString, $dateFromString.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { checkFormat, formatDate } from '../calendar/format.ts'
import { instantFrom } from '../calendar/instant.ts'
import { readDate, readDateBy } from '../calendar/read.ts'
import { UTC, zoneOf } from '../calendar/zone.ts'
import { isNullish, type Node, nodeOver, type OperatorTable, type Result, type Scope } from '../operator.ts'

export const dateTexts: OperatorTable = {
  $dateFromString: compileFromString,
  $dateToString: compileToString,
}

const isoFormat = '%Y-%m-%dT%H:%M:%S.%L'

function compileToString(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['date'],
    optional: ['format', 'timezone', 'onNull'],
    notDocument: 18629,
    unknown: 18534,
    missing: 18628,
  })
  const { date, format, timezone, onNull } = optionalNodes(given, scope)
  return nodeOver(present([date, format, timezone, onNull]), (root, variables) => {
    const value = date!.evaluate(root, variables)
    const zone = timezone ? zoneOf(timezone.evaluate(root, variables)) : UTC
    if (isNullish(value)) return onNull ? onNull.evaluate(root, variables) : null
    const text = format ? formatOf(format.evaluate(root, variables)) : undefined
    if (!zone || text === null) return null
    return formatDate(instantFrom(value), text ?? (zone.utc ? `${isoFormat}Z` : isoFormat), zone)
  })
}

function formatOf(value: Result): string | null {
  if (isNullish(value)) return null
  if (typeof value !== 'string') {
    throw new CommandError(18533, `$dateToString requires that 'format' be a string, found: ${typeName(value)}`)
  }
  checkFormat(value)
  return value
}

function compileFromString(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['dateString'],
    optional: ['format', 'timezone', 'onNull', 'onError'],
    notDocument: 40540,
    unknown: 40541,
    missing: 40542,
  })
  const { dateString, format, timezone, onNull, onError } = optionalNodes(given, scope)
  return nodeOver(present([dateString, format, timezone, onNull, onError]), (root, variables) => {
    const text = dateString!.evaluate(root, variables)
    if (isNullish(text)) return onNull ? onNull.evaluate(root, variables) : null
    const pattern = format?.evaluate(root, variables)
    const zone = timezone ? zoneOf(timezone.evaluate(root, variables)) : undefined
    if (zone === null || (format && isNullish(pattern))) return null
    try {
      return new Date(parsed(text, pattern, zone))
    } catch (error) {
      if (onError && error instanceof CommandError && error.codeName === 'ConversionFailure') {
        return onError.evaluate(root, variables)
      }
      throw error
    }
  })
}

function parsed(text: Result, format: Result, zone: ReturnType<typeof zoneOf> | undefined): number {
  if (typeof text !== 'string') {
    throw new CommandError(
      'ConversionFailure',
      `$dateFromString requires that 'dateString' be a string, found: ${typeName(text)}`,
    )
  }
  if (format === undefined) return readDate(text, zone ?? undefined)
  if (typeof format === 'string') return readDateBy(text, format, zone ?? undefined)
  throw new CommandError(40684, `$dateFromString requires that 'format' be a string, found: ${typeName(format)}`)
}

function optionalNodes(given: ReadonlyMap<string, Value>, scope: Scope): Readonly<Record<string, Node | undefined>> {
  return Object.fromEntries([...given].map(([key, value]) => [key, scope.compile(value)]))
}

function present(nodes: readonly (Node | undefined)[]): Node[] {
  return nodes.filter(node => node !== undefined)
}
