// Tests the semantic core by itself against the answers of a real engine, on documents in memory.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Document, Value } from '../../src/embedded/bson/decode.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { integerOf } from '../../src/embedded/values/numbers.ts'
import { textOf } from '../../src/embedded/values/text.ts'
import { typeName } from '../../src/embedded/values/type-names.ts'
import { readDocument } from '../support/extended-json.ts'
import { type Collections, runInMemory } from '../support/memory-commands.ts'

const folder = resolve(import.meta.dirname, '../../../shared/fidelity')
const groups = (process.env.FIDELITY_GROUPS ?? 'query,update,projection,bson,collation,findandmodify').split(',')

interface Case {
  readonly name: string
  readonly docs: Document
  readonly commands: readonly Document[]
  readonly expect: Document
  readonly order: string
}

function casesOf(group: string): readonly Case[] {
  const lines = JSON.parse(readFileSync(resolve(folder, `cases-${group}.json`), 'utf8')) as never[]
  return lines.map(
    (line: { name: string; docs: never; command?: never; commands?: never[]; expect: never; order: string }) => ({
      name: line.name,
      docs: readDocument(line.docs),
      commands: (line.commands ?? [line.command!]).map(readDocument),
      expect: readDocument(line.expect),
      order: line.order,
    }),
  )
}

describe.skipIf(!existsSync(folder))('the semantic core answers as MongoDB', () => {
  for (const group of existsSync(folder) ? groups : []) {
    describe(group, () => {
      for (const each of casesOf(group))
        test(each.name, context => run(each, () => context.skip('a command that needs the server')))
    })
  }
})

function run(each: Case, skip: () => void): void {
  const collections: Collections = new Map([...each.docs].map(([name, docs]) => [name, docs as Document[]]))
  let reply: Document | undefined
  let failure: CommandError | undefined
  try {
    for (const command of each.commands) {
      reply = runInMemory(collections, command)
      if (reply === undefined) {
        skip()
        return
      }
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    failure = error
  }
  checkError(each.expect.get('error'), failure)
  checkResult(each.expect.get('result'), reply, each.order)
  const outcome = each.expect.get('outcome')
  if (outcome instanceof Map)
    for (const [name, documents] of outcome)
      expect(sorted(collections.get(name) ?? [])).toEqual(sorted(documents as Value[], collections.get(name)))
}

function checkError(expected: Value | undefined, failure: CommandError | undefined): void {
  if (!(expected instanceof Map)) {
    if (failure !== undefined) throw failure
    return
  }
  expect(failure).toBeInstanceOf(CommandError)
  if (expected.has('code')) expect(failure?.code).toBe(Number(integerOf(expected.get('code'))))
  if (expected.has('message')) expect(failure?.message.startsWith(String(expected.get('message')))).toBe(true)
}

function checkResult(expected: Value | undefined, reply: Document | undefined, order: string): void {
  if (!(expected instanceof Map)) return
  for (const [name, value] of expected) {
    const actual = reply?.get(name)
    if (name === 'cursor') {
      const batch = (actual as Document).get('firstBatch') as Value[]
      const wanted = (value as Document).get('firstBatch') as Value[]
      if (order === 'any') expect(sorted(batch)).toEqual(sorted(wanted))
      else expect(batch.map(shown)).toEqual(wanted.map(item => shown(item)))
    } else if (name === 'writeErrors') {
      expect((actual as Document[]).map(item => [item.get('index'), item.get('code')])).toEqual(
        (value as Document[]).map(item => [item.get('index'), item.get('code')]),
      )
    } else if (name === 'upserted') expect(shown(actual!)).toEqual(shown(value, actual))
    else if (name !== 'lastErrorObject') expect(shown(actual!)).toBe(shown(value))
  }
  expect(reply?.has('writeErrors')).toBe(expected.has('writeErrors'))
}

function sorted(values: readonly Value[], actual?: readonly Value[]): readonly string[] {
  return values.map((value, index) => shown(value, actual?.[index])).sort()
}

/** Shows a value with its types; a wildcard takes over the actual value when the type is right. */
function shown(value: Value, actual?: Value): string {
  if (value instanceof Map) {
    const wanted = value.get('$$type')
    if (wanted !== undefined)
      return actual !== undefined && typeName(actual) === wanted ? shown(actual) : `any ${String(wanted)}`
    const inner = actual instanceof Map ? actual : undefined
    return `{${[...value].map(([name, item]) => `${name}: ${shown(item, inner?.get(name))}`).join(', ')}}`
  }
  if (Array.isArray(value))
    return `[${value.map((item, index) => shown(item, Array.isArray(actual) ? actual[index] : undefined)).join(', ')}]`
  return `${typeName(value)} ${Object.is(value, -0) ? '-0' : textOf(value)}`
}
