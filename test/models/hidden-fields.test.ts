// Secret and transient fields keep their promise wherever they lie, or the model is refused.
import { inspect } from 'node:util'
import { audit, connection, model, secret, transient, z } from 'goose-odm'
import { createSchema, jsonText } from 'goose-odm/http'
import { describe, expect, test } from 'vitest'
import { useModelDatabase } from '../support/model-database.ts'

useModelDatabase('hidden_fields')

const pin = secret(z.string())
const once = transient(z.string())
let made = 0
const modelWith = (field: z.ZodType) => class extends model(`Marked${made++}`, { field }) {}

describe('a secret that goose could not find again is refused', () => {
  test.each([
    ['a union', z.union([pin, z.number()])],
    ['an option of a union', z.discriminatedUnion('t', [z.object({ t: z.literal('a'), pin })])],
    ['a record', z.record(z.string(), pin)],
    ['objects of a record', z.record(z.string(), z.object({ pin }))],
    ['a tuple', z.tuple([z.string(), pin])],
    ['an intersection', z.intersection(z.object({ pin }), z.object({ other: z.string() }))],
    ['a lazy schema', z.lazy(() => z.object({ pin }))],
    ['the names an object does not declare', z.object({}).catchall(pin)],
  ])('in %s', async (_, field) => {
    await expect(modelWith(field).find().all()).rejects.toThrow('"field" holds secret() where goose cannot see it')
  })

  test.each([
    ['an object', z.object({ once })],
    ['a list', z.array(once)],
    ['a union', z.union([once, z.number()])],
  ])('and a transient one in %s would be stored', async (_, field) => {
    await expect(modelWith(field).find().all()).rejects.toThrow('"field" holds transient()')
  })
})

class Vault extends model(
  'MarkVault',
  {
    codes: z.array(pin).default([]),
    deep: z.array(z.array(pin)).default([]),
    doors: z.array(z.object({ name: z.string(), pin, log: z.object({ pin: pin.optional() }).optional() })).default([]),
    loose: z.looseObject({ name: z.string(), pin: pin.optional() }).optional(),
    once: once.optional(),
  },
  { plugins: [audit()] },
) {}

test('a secret in a list, in an object of a list and beside undeclared names is shown nowhere', async () => {
  const { _id } = await Vault.create({
    codes: ['hush-1'],
    deep: [['hush-2']],
    doors: [{ name: 'north', pin: 'hush-3', log: { pin: 'hush-4' } }],
    loose: { name: 'x', pin: 'hush-5', other: 1 },
    once: 'hush-6',
  })
  const vault = await Vault.get(_id)
  vault.doors[0]!.pin = 'hush-7'
  await vault.save()
  const shown = [
    JSON.stringify(vault),
    jsonText(vault),
    jsonText({ vaults: [vault] }),
    inspect(vault, { depth: 9 }),
    JSON.stringify(await connection().db.collection('_audit_log').find().toArray()),
  ]
  for (const text of shown) {
    expect(text).toContain('north')
    expect(text).not.toContain('hush')
  }
  expect([...vault.codes, vault.deep[0]![0], vault.doors[0]!.pin]).toEqual(['hush-1', 'hush-2', 'hush-7'])
})

test('a document that is logged before it is saved does not show its password', () => {
  expect(inspect(new Vault({ once: 'hush' }))).toContain("once: '***'")
})

test('no secret in a list is a client’s to set', () => {
  for (const body of [{ codes: ['mine'] }, { deep: [['mine']] }, { doors: [{ name: 'x', pin: 'mine' }] }])
    expect(createSchema(Vault).safeParse(body).success, JSON.stringify(body)).toBe(false)
})
