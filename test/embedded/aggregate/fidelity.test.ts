// Tests pipelines and expressions against the answers of a real engine, on documents in memory.
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Document, Value } from '../../../src/embedded/bson/decode.ts'
import { CommandError } from '../../../src/embedded/errors.ts'
import { integerOf } from '../../../src/embedded/values/numbers.ts'
import { textOf } from '../../../src/embedded/values/text.ts'
import { typeName } from '../../../src/embedded/values/type-names.ts'
import { readDocument } from '../../support/extended-json.ts'
import { aggregate, type Collections } from '../../support/memory-source.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/fidelity')
const present = existsSync(folder)

/** What these check lies outside of pipelines: in the command or in indexes. */
const elsewhere = new Set([
  'an aggregate without cursor fails',
  '$merge on a field without a unique index fails',
  '$out keeps the indexes, and on an error the old documents',
])

interface Case {
  readonly name: string
  readonly docs: Document
  readonly command: Document
  readonly expect: Document
  readonly order: string
}

function casesOf(group: string): readonly Case[] {
  const lines = JSON.parse(readFileSync(resolve(folder, `cases-${group}.json`), 'utf8')) as never[]
  return lines.map((line: { name: string; docs: never; command: never; expect: never; order: string }) => ({
    name: line.name,
    docs: readDocument(line.docs),
    command: readDocument(line.command),
    expect: readDocument(line.expect),
    order: line.order,
  }))
}

test.runIf(!present)('the fidelity cases are not here, so they are not checked', context => {
  context.skip('../shared/fidelity is absent')
})

describe.runIf(present)('pipelines answer as MongoDB', () => {
  for (const group of present ? ['aggregate', 'expression'] : []) {
    describe(group, () => {
      for (const each of casesOf(group)) test.skipIf(elsewhere.has(each.name))(each.name, () => check(each))
    })
  }
})

function check(each: Case): void {
  const collections: Collections = new Map([...each.docs].map(([name, docs]) => [name, docs as Document[]]))
  const expectedError = each.expect.get('error')
  if (expectedError instanceof Map) checkError(expectedError, () => aggregate(collections, each.command))
  else checkResult(each, aggregate(collections, each.command).documents)
  const outcome = each.expect.get('outcome')
  if (!(outcome instanceof Map)) return
  for (const [name, documents] of outcome) {
    expect(shownAll(collections.get(name) ?? [], 'any')).toEqual(shownAll(documents as Value[], 'any'))
  }
}

function checkError(expected: Document, run: () => unknown): void {
  const failure = failureOf(run)
  expect(failure).toBeInstanceOf(CommandError)
  if (expected.has('code')) expect(failure?.code).toBe(Number(integerOf(expected.get('code'))))
  if (expected.has('codeName')) expect(failure?.codeName).toBe(expected.get('codeName'))
  if (expected.has('message')) expect(failure?.message.startsWith(String(expected.get('message')))).toBe(true)
}

function failureOf(run: () => unknown): CommandError | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof CommandError) return error
    throw error
  }
  return undefined
}

function checkResult({ expect: expected, order }: Case, documents: readonly Document[]): void {
  const cursor = (expected.get('result') as Document).get('cursor') as Document
  expect(shownAll(documents, order)).toEqual(shownAll(cursor.get('firstBatch') as Value[], order))
}

function shownAll(values: readonly Value[], order: string): readonly string[] {
  const shownValues = values.map(shown)
  return order === 'any' ? shownValues.sort() : shownValues
}

/** Shows a value with the types of all its parts. */
function shown(value: Value): string {
  if (value instanceof Map) return `{${[...value].map(([name, item]) => `${name}: ${shown(item)}`).join(', ')}}`
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  return `${typeName(value)} ${Object.is(value, -0) ? '-0' : textOf(value)}`
}
