// Tests that documents are checked against schemas, and that failures are told in MongoDB's shape.
import { describe, expect, test } from 'vitest'
import { document, plainOf } from '../../src/embedded/bson/literal.ts'
import { CommandError } from '../../src/embedded/errors.ts'
import { compileSchema } from '../../src/embedded/json-schema/schema.ts'

function failuresOf(schema: object, subject: object): unknown {
  const details = compileSchema(document({ ...schema }))(document({ ...subject }))
  return details && plainOf(details)
}

describe('a schema', () => {
  test('tells each rule that a document breaks', () => {
    const schema = {
      bsonType: 'object',
      title: 'Students',
      required: ['name', 'year'],
      properties: { year: { bsonType: 'int', maximum: 3017, description: 'must be an int' } },
    }
    expect(failuresOf(schema, { year: 4000 })).toEqual({
      operatorName: '$jsonSchema',
      title: 'Students',
      schemaRulesNotSatisfied: [
        { operatorName: 'required', specifiedAs: { required: ['name', 'year'] }, missingProperties: ['name'] },
        {
          operatorName: 'properties',
          propertiesNotSatisfied: [
            {
              propertyName: 'year',
              description: 'must be an int',
              details: [
                {
                  operatorName: 'maximum',
                  specifiedAs: { maximum: 3017 },
                  reason: 'comparison failed',
                  consideredValue: 4000,
                },
              ],
            },
          ],
        },
      ],
    })
    expect(failuresOf(schema, { name: 'x', year: 2000 })).toBeUndefined()
  })

  const cases: readonly (readonly [schema: object, valid: object, invalid: object])[] = [
    [{ properties: { a: { type: 'number' } } }, { a: 1n }, { a: '1' }],
    [{ properties: { a: { enum: [1, { x: 1, y: 2 }] } } }, { a: { y: 2, x: 1 } }, { a: { x: 1 } }],
    [{ properties: { a: { minimum: 1, exclusiveMinimum: true } } }, { a: 1.1 }, { a: 1 }],
    [{ properties: { a: { multipleOf: 0.5 } } }, { a: 1.5 }, { a: 1.2 }],
    [{ properties: { a: { minLength: 2, maxLength: 2 } } }, { a: '😀😀' }, { a: 'abc' }],
    [{ properties: { a: { pattern: '^x' } } }, { a: 'xy' }, { a: 'yx' }],
    [{ properties: { a: { items: { type: 'string' } } } }, { a: ['x'] }, { a: ['x', 1] }],
    [{ properties: { a: { items: [{ type: 'string' }], additionalItems: false } } }, { a: ['x'] }, { a: ['x', 1] }],
    [{ properties: { a: { minItems: 1, maxItems: 2 } } }, { a: [1] }, { a: [] }],
    [{ properties: { a: { uniqueItems: true } } }, { a: [1, '1'] }, { a: [1, 1n] }],
    [
      { additionalProperties: false, properties: { a: {} }, patternProperties: { '^x': {} } },
      { a: 1, x1: 2 },
      { b: 1 },
    ],
    [{ additionalProperties: { type: 'number' } }, { a: 1 }, { a: 'x' }],
    [{ minProperties: 1, maxProperties: 1 }, { a: 1 }, { a: 1, b: 1 }],
    [{ dependencies: { a: ['b'] } }, { a: 1, b: 1 }, { a: 1 }],
    [{ dependencies: { a: { required: ['b'] } } }, { c: 1 }, { a: 1 }],
    [{ allOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }, { a: 1 }],
    [{ anyOf: [{ required: ['a'] }, { required: ['b'] }] }, { b: 1 }, { c: 1 }],
    [{ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { b: 1 }, { a: 1, b: 1 }],
    [{ not: { required: ['a'] } }, { b: 1 }, { a: 1 }],
    [{ patternProperties: { '^n': { type: 'number' } } }, { n1: 1, x: 'x' }, { n1: 'x' }],
  ]

  test.each(cases.map(each => [JSON.stringify(each[0]), ...each] as const))(
    '%s decides',
    (_, schema, valid, invalid) => {
      expect(failuresOf(schema, valid)).toBeUndefined()
      expect(failuresOf(schema, invalid)).toMatchObject({ schemaRulesNotSatisfied: [{}] })
    },
  )

  test('with unknown or malformed keywords is refused', () => {
    for (const schema of [
      { foo: 1 },
      { $ref: '#/a' },
      { required: [] },
      { required: ['a', 'a'] },
      { type: 'integer' },
      { type: 'object', bsonType: 'object' },
      { exclusiveMaximum: true },
      { minLength: -1 },
      { enum: [] },
      { properties: 5 },
    ])
      expect(() => compileSchema(document(schema))).toThrow(CommandError)
  })
})
