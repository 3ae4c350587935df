import { encrypted, many, model, ref, secret, transient, z } from 'goose-odm'
import { describe, expect, test } from 'vitest'
import { checkPlaces } from '../../src/models/field-places.ts'

class Person extends model('PlacePerson', { name: z.string() }) {}

let number = 0
const check = (field: z.core.SomeType) => {
  const { definition } = model(`Place${++number}`, { odd: field })
  return () => checkPlaces(definition)
}
const marked = {
  secret: () => secret(z.string()),
  encrypted: () => encrypted(z.string()),
  ref: () => ref(() => Person),
}

describe.each(Object.entries(marked))('%s() is refused where nothing would follow it', (mark, make) => {
  test.each([
    ['a record', z.record(z.string(), make())],
    ['a record of objects', z.record(z.string(), z.object({ deep: z.array(make()) }))],
    ['a union', z.union([make(), z.number()])],
    ['a tuple', z.tuple([z.string(), make()])],
    ['an intersection', z.object({ a: make() }).and(z.object({ b: z.string() }))],
    ['the end of a pipe', z.string().pipe(make() as never)],
    ['a lazy schema', z.object({ children: z.lazy(() => make()) })],
  ])('in %s', (_, field) => {
    expect(check(field)).toThrow(`"odd" holds ${mark}() where goose cannot see it`)
  })

  test('in an object that holds itself', () => {
    const Node = z.object({
      value: make(),
      get children() {
        return z.array(Node).optional()
      },
    })
    expect(check(Node)).toThrow(`"odd" holds ${mark}() where goose cannot see it`)
  })

  test.each([
    ['alone', make()],
    ['optional, with a default', z.optional(z.nullable(make()))],
    ['in lists of lists', z.array(z.array(make()))],
    ['in objects in lists', z.array(z.object({ deep: z.object({ value: make() }) }))],
    ['before a conversion', z.preprocess(value => value, make())],
  ])('and taken %s', (_, field) => {
    expect(check(field)).not.toThrow()
  })
})

test.each([
  ['transient', transient(z.string())],
  ['many', many(() => Person, 'name')],
])('%s() is a field of the model itself', (mark, field) => {
  expect(check(z.object({ inner: field }))).toThrow(`"odd" holds ${mark}() inside`)
  expect(check(field)).not.toThrow()
})

test.each([
  ['z.map()', z.map(z.string(), z.number())],
  ['z.set()', z.array(z.set(z.string()))],
  ['z.symbol()', z.symbol().optional()],
  ['z.promise()', z.object({ later: z.promise(z.string()) })],
  ['z.file()', z.file()],
])('%s is refused, as the database would give back something else', (name, field) => {
  expect(check(field)).toThrow(`"odd" holds ${name}, which the database cannot give back`)
})

test('an object may hold itself: further down, any value is taken', () => {
  const Node = z.object({
    name: z.string(),
    get children() {
      return z.array(Node).optional()
    },
  })
  const { definition } = model('PlaceTree', { root: Node })
  const children = definition.fieldByName.get('root')?.fields?.[1]
  expect([children?.kind, children?.element?.kind]).toEqual(['array', 'mixed'])
})
