// Asks the embedded database what a real engine was asked, through the driver, and compares the answers.
import { type Db, MongoServerError } from 'mongodb'
import { afterAll, describe, expect, test } from 'vitest'
import type { Document, Value } from '../../src/embedded/bson/decode.ts'
import { encodeDocument } from '../../src/embedded/bson/encode.ts'
import { isNumber, toDouble } from '../../src/embedded/values/numbers.ts'
import { textOf } from '../../src/embedded/values/text.ts'
import { typeName } from '../../src/embedded/values/type-names.ts'
import { useDatabase } from '../support/database.ts'
import { type FidelityCase, fidelityCases } from '../support/fidelity-cases.ts'
import { rawCommand } from '../support/raw-command.ts'

const groups = fidelityCases()
const passed = new Map<string, number>()

afterAll(() => {
  for (const [group, cases] of groups) console.log(`fidelity ${group}: ${passed.get(group) ?? 0} of ${cases.length}`)
})

test.skipIf(groups.size > 0)('the fidelity cases are not here: ../shared/fidelity is absent', context => {
  context.skip()
})

describe.skipIf(groups.size === 0 || process.env.GOOSE_TEST_URI !== undefined)('answers as MongoDB', () => {
  const database = useDatabase()
  let number = 0
  for (const [group, cases] of groups)
    describe(group, () => {
      for (const each of cases)
        test(each.name, async () => {
          const db = database.client.db(`${database.name}_${number++}`)
          await run(db, each)
          passed.set(group, (passed.get(group) ?? 0) + 1)
          await db.dropDatabase()
        })
    })
})

async function run(db: Db, { docs, indexes, commands, expect: expected, isOrdered }: FidelityCase): Promise<void> {
  for (const [name, documents] of docs) await fill(db, name, documents as Document[])
  for (const [name, specs] of indexes)
    await rawCommand(
      db,
      new Map<string, Value>([
        ['createIndexes', name],
        ['indexes', specs],
      ]),
    )
  for (const command of commands.slice(0, -1)) await rawCommand(db, command)
  const answered = await answerOf(db, commands.at(-1)!)
  const error = expected.get('error') as Document | undefined
  if (error) compareError(answered, error)
  else compareReply(answered, expected.get('result') as Document | undefined, isOrdered)
  for (const [name, documents] of (expected.get('outcome') ?? new Map()) as Document)
    compareLists(await contentOf(db, name), documents as Value[], false)
}

async function fill(db: Db, name: string, documents: Document[]): Promise<void> {
  if (documents.length === 0) await rawCommand(db, new Map([['create', name]]))
  else
    await rawCommand(
      db,
      new Map<string, Value>([
        ['insert', name],
        ['documents', documents],
      ]),
    )
}

async function answerOf(db: Db, command: Document): Promise<Document | MongoServerError> {
  try {
    return await rawCommand(db, command)
  } catch (error) {
    if (error instanceof MongoServerError) return error
    throw error
  }
}

async function contentOf(db: Db, name: string): Promise<Value[]> {
  const reply = await rawCommand(
    db,
    new Map<string, Value>([
      ['find', name],
      ['filter', new Map()],
    ]),
  )
  return (reply.get('cursor') as Document).get('firstBatch') as Value[]
}

function compareError(answered: Document | MongoServerError, expected: Document): void {
  if (!(answered instanceof MongoServerError)) throw new Error(`no error, but ${textOf(answered)}`)
  const code = expected.get('code')
  if (code !== undefined) expect(Number(answered.code), answered.message).toBe(toDouble(code as number))
  const name = expected.get('codeName')
  if (name !== undefined && !['40415', '40414'].includes(String(answered.code)))
    expect(answered.codeName, answered.message).toBe(name)
  const message = expected.get('message')
  if (message !== undefined) expect(answered.message.slice(0, String(message).length)).toBe(message)
}

const UNASKED = ['writeErrors', 'upserted']

function compareReply(answered: Document | MongoServerError, expected: Document | undefined, isOrdered: boolean): void {
  if (answered instanceof MongoServerError) throw answered
  for (const field of UNASKED)
    if (answered.has(field) && !expected?.has(field)) throw new Error(`${field}: ${textOf(answered.get(field))}`)
  for (const [field, value] of expected ?? []) compareField(field, answered.get(field), { value, isOrdered })
}

/** Documents that matter compare exactly; other parts of a reply only in what is named. */
const EXACT = new Set(['value', '_id', 'keyValue', 'keyPattern'])

function compareField(
  field: string,
  actual: Value | undefined,
  { value, isOrdered }: { readonly value: Value; readonly isOrdered: boolean },
): void {
  if (field === 'firstBatch' || field === 'values') compareLists(actual as Value[], value as Value[], isOrdered)
  else if (field === 'errmsg') expect(String(actual).slice(0, String(value).length)).toBe(value)
  else if (EXACT.has(field)) expect(same(actual, value), `${field}: ${textOf(actual)} for ${textOf(value)}`).toBe(true)
  else if (isNumber(value)) expect(isNumber(actual) ? toDouble(actual) : actual, field).toBe(toDouble(value))
  else if (value instanceof Map && !isPlaceholder(value)) {
    if (!(actual instanceof Map)) throw new Error(`${field} is ${textOf(actual)}`)
    for (const [name, inner] of value) compareField(name, actual.get(name), { value: inner, isOrdered })
  } else if (Array.isArray(value)) {
    expect((actual as Value[] | undefined)?.length, `${field}: ${textOf(actual)}`).toBe(value.length)
    for (const [at, inner] of value.entries()) compareField('', (actual as Value[])[at], { value: inner, isOrdered })
  } else expect(same(actual, value), `${field}: ${textOf(actual)} for ${textOf(value)}`).toBe(true)
}

function compareLists(actual: readonly Value[], expected: readonly Value[], isOrdered: boolean): void {
  const message = `${textOf([...actual])} for ${textOf([...expected])}`
  expect(actual.length, message).toBe(expected.length)
  if (isOrdered) {
    for (const [at, value] of expected.entries()) expect(same(actual[at], value), message).toBe(true)
    return
  }
  const left = [...actual]
  for (const value of expected) {
    const at = left.findIndex(one => same(one, value))
    expect(at, message).toBeGreaterThanOrEqual(0)
    left.splice(at, 1)
  }
}

function isPlaceholder(value: Value): boolean {
  return value instanceof Map && value.size === 1 && value.has('$$type')
}

/** Equal by bytes, except where any value of a type will do. */
function same(actual: Value | undefined, expected: Value): boolean {
  if (actual === undefined) return false
  if (isPlaceholder(expected)) return typeName(actual) === (expected as Document).get('$$type')
  if (expected instanceof Map && actual instanceof Map) return sameFields(actual, expected)
  if (Array.isArray(expected) && Array.isArray(actual))
    return actual.length === expected.length && expected.every((value, at) => same(actual[at], value))
  return bytesOf(actual).equals(bytesOf(expected))
}

function sameFields(actual: Document, expected: Document): boolean {
  const [names, others] = [[...actual.keys()], [...expected.keys()]]
  return (
    names.length === others.length &&
    others.every((name, at) => names[at] === name && same(actual.get(name), expected.get(name)!))
  )
}

function bytesOf(value: Value): Buffer {
  return encodeDocument(new Map([['', value]]))
}
