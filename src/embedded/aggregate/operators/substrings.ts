// Counts and cuts strings by bytes and by code points: $substrCP, $strLenBytes, $indexOfCP and the like.
import { int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { int32Of } from '../integer.ts'
import {
  exactly,
  isNullish,
  type Node,
  nodeOver,
  type OperatorTable,
  type Result,
  type Scope,
  unary,
  variadic,
} from '../operator.ts'
import { stringFrom } from '../string-form.ts'
import { searchBound } from './arrays.ts'

export const substrings: OperatorTable = {
  $indexOfBytes: variadic(indexOfBytes, [2, 4]),
  $indexOfCP: variadic(indexOfPoints, [2, 4]),
  $strLenBytes: unary(value => int32(Buffer.byteLength(textArgument(value, '$strLenBytes', 34473)))),
  $strLenCP: unary(value => int32(pointsIn(textArgument(value, '$strLenCP', 34471)))),
  $substr: compileSubstring(bytesOf),
  $substrBytes: compileSubstring(bytesOf),
  $substrCP: compileSubstring(pointsOf),
}

function textArgument(value: Result, name: string, code: number): string {
  if (typeof value === 'string') return value
  throw new CommandError(code, `${name} requires a string argument, found: ${typeName(value)}`)
}

function pointsIn(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

type Cut = (text: string, start: Result, length: Result) => string

function compileSubstring(cut: Cut): (argument: Value, scope: Scope, name: string) => Node {
  return (argument, scope, name) => {
    const nodes = exactly(argument, scope, { name, count: 3 })
    return nodeOver(nodes, (root, variables) => {
      const [text, start, length] = nodes.map(node => node.evaluate(root, variables))
      return cut(stringFrom(text), start, length)
    })
  }
}

function bytesOf(text: string, from: Result, count: Result): string {
  if (!isNumber(from)) {
    throw new CommandError(
      16034,
      `$substrBytes: starting index must be a numeric type (is BSON type ${typeName(from)})`,
    )
  }
  if (!isNumber(count)) {
    throw new CommandError(16035, `$substrBytes: length must be a numeric type (is BSON type ${typeName(count)})`)
  }
  const bytes = Buffer.from(text)
  const start = Math.trunc(toDouble(from))
  const length = Math.trunc(toDouble(count))
  if (start < 0) throw new CommandError(50752, `$substrBytes: starting index must be non-negative (got: ${start})`)
  if (isContinuation(bytes[start])) {
    throw new CommandError(28656, '$substrBytes: Invalid range, starting index is a UTF-8 continuation byte.')
  }
  const end = length < 0 ? bytes.length : Math.min(bytes.length, start + length)
  if (isContinuation(bytes[end])) {
    throw new CommandError(28657, '$substrBytes: Invalid range, ending index is in the middle of a UTF-8 character.')
  }
  return bytes.toString('utf8', start, end)
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function pointsOf(text: string, from: Result, count: Result): string {
  const start = pointBound(from, 'starting index', [34450, 34451])
  const length = pointBound(count, 'length', [34452, 34453])
  if (length < 0) throw new CommandError(34454, '$substrCP: length must be a nonnegative integer.')
  if (start < 0) throw new CommandError(34455, '$substrCP: the starting index must be nonnegative integer.')
  return [...text].slice(start, start + length).join('')
}

function pointBound(value: Result, what: string, [notNumber, notInteger]: readonly [number, number]): number {
  if (!isNumber(value)) {
    throw new CommandError(notNumber, `$substrCP: ${what} must be a numeric type (is BSON type ${typeName(value)})`)
  }
  const bound = int32Of(value)
  if (bound !== undefined) return bound
  throw new CommandError(notInteger, `$substrCP: ${what} cannot be represented as a 32-bit integral value`)
}

function indexOfBytes(values: Result[]): Result {
  const search = searchOf(values, '$indexOfBytes', [40091, 40092])
  if (!search) return null
  const bytes = Buffer.from(search.text)
  if (search.start > bytes.length) return int32(-1)
  const at = bytes.subarray(0, Math.min(search.end, bytes.length)).indexOf(search.wanted, search.start)
  return int32(at)
}

function indexOfPoints(values: Result[]): Result {
  const search = searchOf(values, '$indexOfCP', [40093, 40094])
  if (!search) return null
  const points = [...search.text]
  const wanted = [...search.wanted]
  const last = Math.min(search.end, points.length) - wanted.length
  for (let at = search.start; at <= last; at++) {
    if (wanted.every((point, offset) => points[at + offset] === point)) return int32(at)
  }
  return int32(-1)
}

function searchOf(values: Result[], name: string, [noText, noWanted]: readonly [number, number]) {
  const [text, wanted] = values
  if (isNullish(text)) return undefined
  if (typeof text !== 'string') {
    throw new CommandError(noText, `${name} requires a string as the first argument, found: ${typeName(text)}`)
  }
  if (typeof wanted !== 'string') {
    throw new CommandError(noWanted, `${name} requires a string as the second argument, found: ${typeName(wanted)}`)
  }
  const start = values.length > 2 ? searchBound(values[2], name, 'starting') : 0
  const end = values.length > 3 ? searchBound(values[3], name, 'ending') : Number.POSITIVE_INFINITY
  return { text, wanted, start, end: Math.max(start, end) }
}
