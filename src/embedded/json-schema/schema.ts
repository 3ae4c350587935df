// Compiles $jsonSchema and tells what a document does wrong in MongoDB's shape.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { additionalItems, items, maxItems, minItems, uniqueItems } from './array-rules.ts'
import { allOf, anyOf, not, oneOf } from './logic-rules.ts'
import {
  additionalProperties,
  dependencies,
  maxProperties,
  minProperties,
  patternProperties,
  properties,
  required,
} from './object-rules.ts'
import { failure, type InnerSchema, type Keyword, malformed, wrongType } from './rule.ts'
import {
  bsonType,
  enumeration,
  maximum,
  maxLength,
  minimum,
  minLength,
  multipleOf,
  pattern,
  type,
} from './scalar-rules.ts'

/** Compiles a schema; the function gives undefined for a valid document, else what its errInfo details hold. */
export function compileSchema(schema: Document): (document: Document) => Document | undefined {
  const { check, notes } = compileInner(schema, '$jsonSchema')
  return document => {
    const failures = check(document)
    if (failures.length === 0) return undefined
    return failure({
      operatorName: '$jsonSchema',
      ...Object.fromEntries(notes),
      schemaRulesNotSatisfied: [...failures],
    })
  }
}

const KEYWORDS = new Map<string, Keyword>([
  ['additionalItems', additionalItems],
  ['additionalProperties', additionalProperties],
  ['allOf', allOf],
  ['anyOf', anyOf],
  ['bsonType', bsonType],
  ['dependencies', dependencies],
  ['enum', enumeration],
  ['items', items],
  ['maximum', maximum],
  ['maxItems', maxItems],
  ['maxLength', maxLength],
  ['maxProperties', maxProperties],
  ['minimum', minimum],
  ['minItems', minItems],
  ['minLength', minLength],
  ['minProperties', minProperties],
  ['multipleOf', multipleOf],
  ['not', not],
  ['oneOf', oneOf],
  ['pattern', pattern],
  ['patternProperties', patternProperties],
  ['properties', properties],
  ['required', required],
  ['type', type],
  ['uniqueItems', uniqueItems],
])

/** Keywords that other keywords read, or that say nothing about values. */
const SILENT = new Set(['title', 'description', 'exclusiveMinimum', 'exclusiveMaximum'])

const UNSUPPORTED = new Set(['$ref', '$schema', 'default', 'definitions', 'format', 'id'])

function compileInner(schema: Value, keyword: string): InnerSchema {
  if (!(schema instanceof Map)) throw wrongType(keyword, 'an object', schema)
  checkTogether(schema)
  const scope = { schema, inner: compileInner }
  const rules = [...schema].flatMap(([name, operand]) => keywordOf(name)?.(operand, scope) ?? [])
  const notes = [...schema].filter(([name]) => name === 'title' || name === 'description')
  return { notes, check: value => rules.flatMap(rule => rule(value) ?? []) }
}

function keywordOf(name: string): Keyword | undefined {
  const keyword = KEYWORDS.get(name)
  if (keyword !== undefined || SILENT.has(name)) return keyword
  if (UNSUPPORTED.has(name)) throw malformed(`$jsonSchema keyword '${name}' is not currently supported`)
  if (name === 'encrypt' || name === 'encryptMetadata')
    throw new CommandError(
      'CommandNotSupported',
      `$jsonSchema keyword '${name}' is not supported by the embedded database`,
    )
  throw malformed(`Unknown $jsonSchema keyword: ${name}`)
}

function checkTogether(schema: Document): void {
  if (schema.has('type') && schema.has('bsonType'))
    throw malformed("Cannot specify both $jsonSchema keywords 'type' and 'bsonType'")
  for (const [flag, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const)
    if (schema.has(flag) && !schema.has(bound))
      throw malformed(`$jsonSchema keyword '${bound}' must be a present if ${flag} is present`)
  for (const name of ['title', 'description'])
    if (schema.has(name) && typeof schema.get(name) !== 'string') throw wrongType(name, 'a string', schema.get(name)!)
}
