// Text as data: filters and documents in Extended JSON or shell syntax, from a flag, a file or stdin.
import { readFileSync } from 'node:fs'
import { parse } from '@mongodb-js/shell-bson-parser'
import { BSON } from 'mongodb'
import { GooseError } from '../errors.ts'

/** Reads a filter. Refuses text that is none, and `$where`, which runs code on the server. */
export function parseFilter(text: string): Readonly<Record<string, unknown>> {
  const value = parseData(text, '--filter', 'write it as \'{"views": {"$gt": 5}}\' or \'{views: {$gt: 5}}\'')
  if (!isObject(value)) throw refused('--filter', 'a filter is an object', "write it as '{path: value}'")
  refuseCode(value)
  return value
}

/** Reads one document, or several: a JSON array, or one document on each line. */
export function parseDocuments(text: string): readonly Readonly<Record<string, unknown>>[] {
  const hint = 'write it as \'{"name": "Ada"}\' or \'{name: "Ada"}\', an array of them, or one on each line'
  const source = sourceOf(text, '--data')
  const values = oneOrMany(source, hint)
  if (values.length === 0) throw refused('--data', 'there is no document in it', hint)
  const wrong = values.findIndex(value => !isObject(value))
  if (wrong !== -1) throw refused('--data', `document ${wrong + 1} is not an object`, hint)
  return values as readonly Readonly<Record<string, unknown>>[]
}

/** Reads any value: Extended JSON first, then shell syntax. */
export function parseData(text: string, flag: string, hint: string): unknown {
  const value = parseText(sourceOf(text, flag))
  if (value === unreadable) throw refused(flag, 'it cannot be read', hint)
  return value
}

function oneOrMany(source: string, hint: string): readonly unknown[] {
  const whole = parseText(source)
  if (Array.isArray(whole)) return whole
  if (whole !== unreadable) return [whole]
  const lines = source.split('\n').filter(line => line.trim() !== '')
  return lines.map((line, index) => {
    const value = parseText(line)
    if (value === unreadable || lines.length === 1) throw refused('--data', `line ${index + 1} cannot be read`, hint)
    return value
  })
}

/** Gives what `@file`, `-` or the text itself holds. */
function sourceOf(text: string, flag: string): string {
  const source = text === '-' ? readFileSync(0, 'utf8') : text.startsWith('@') ? fileText(text.slice(1), flag) : text
  if (source.trim() !== '') return source.replace(/^\uFEFF/, '')
  throw refused(flag, 'it is empty', flag === '--filter' ? 'leave the flag out to mean no filter' : "write '{…}'")
}

function fileText(path: string, flag: string): string {
  if (path === '') throw refused(flag, '@ names no file', 'write @file.json')
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    // Of a folder the system does not say which.
    throw Object.assign(error as Error, { path })
  }
}

const unreadable = Symbol('unreadable')

function parseText(text: string): unknown {
  try {
    // Not relaxed: a $numberLong beyond 2^53 would lose its last digits.
    return BSON.EJSON.parse(text, { relaxed: false })
  } catch {
    return parseShell(text)
  }
}

// The parser answers '' to what it rejects, and some of its inputs throw.
function parseShell(text: string): unknown {
  try {
    const value: unknown = parse(text, { mode: 'loose' as never })
    return value === '' ? unreadable : revived(value)
  } catch {
    return unreadable
  }
}

// Extended JSON without its quotes is what people type: { _id: { $oid: '…' } }.
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived)
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value
  if (Object.keys(value).some(key => extended.has(key))) return BSON.EJSON.deserialize(value, { relaxed: false })
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revived(inner)]))
}

const extended = new Set(
  '$oid $date $numberInt $numberLong $numberDouble $numberDecimal $binary $uuid $timestamp $minKey $maxKey'.split(' '),
)

function isObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return !('_bsontype' in value) && !(value instanceof Date) && !(value instanceof RegExp)
}

function refuseCode(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$where' || key === '$function') {
      throw refused('--filter', `${key} runs code on the server and is refused`, 'say it with operators, or $expr')
    }
    refuseCode(inner)
  }
}

function refused(flag: string, reason: string, hint: string): GooseError {
  return new GooseError('USAGE', { reason: `${flag}: ${reason}`, hint })
}
