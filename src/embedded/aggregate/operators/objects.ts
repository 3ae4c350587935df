// Works on fields of documents: $getField, $setField, $unsetField, $objectToArray, $arrayToObject.
import { type Document, UNDEFINED, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { isNullish, type Node, nodeOver, type OperatorTable, type Result, type Scope, unary } from '../operator.ts'

export const objects: OperatorTable = {
  $arrayToObject: unary(arrayToObject),
  $getField: compileGetField,
  $objectToArray: unary(objectToArray),
  $setField: compileSetField,
  $unsetField: compileUnsetField,
}

function objectToArray(value: Result): Result {
  if (isNullish(value)) return null
  if (!(value instanceof Map)) {
    throw new CommandError(40390, `$objectToArray requires a document input, found: ${typeName(value)}`)
  }
  return [...value].map(
    ([name, inner]): Document =>
      new Map<string, Value>([
        ['k', name],
        ['v', inner],
      ]),
  )
}

function arrayToObject(value: Result): Result {
  if (isNullish(value)) return null
  if (!Array.isArray(value)) {
    throw new CommandError(40386, `$arrayToObject requires an array input, found: ${typeName(value)}`)
  }
  const document: Document = new Map()
  const first = value[0]
  for (const element of value) {
    const [name, inner] = Array.isArray(first) ? fromPair(element) : fromEntry(element, first!)
    if (name.includes('\0')) throw new CommandError(4940400, 'Key field cannot contain an embedded null byte')
    document.set(name, inner)
  }
  return document
}

function fromPair(element: Value): readonly [string, Value] {
  if (!Array.isArray(element)) throw inconsistentFormat(40396, 'Array', element)
  const [name, inner] = element
  if (element.length !== 2 || inner === undefined) {
    throw new CommandError(
      40397,
      `$arrayToObject requires an array of size 2 arrays,found array of size: ${element.length}`,
    )
  }
  if (typeof name === 'string') return [name, inner]
  throw new CommandError(
    40395,
    `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(name)}`,
  )
}

function fromEntry(element: Value, first: Value): readonly [string, Value] {
  if (!(first instanceof Map)) {
    throw new CommandError(40398, `Unrecognised input type format for $arrayToObject: ${typeName(first)}`)
  }
  if (!(element instanceof Map)) throw inconsistentFormat(40391, 'Object', element)
  if (element.size !== 2) {
    throw new CommandError(
      40392,
      `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${element.size}`,
    )
  }
  const name = element.get('k')
  const inner = element.get('v')
  if (name === undefined || inner === undefined) {
    throw new CommandError(
      40393,
      "$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys",
    )
  }
  if (typeof name === 'string') return [name, inner]
  throw new CommandError(
    40394,
    `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(name)}`,
  )
}

function inconsistentFormat(code: number, detected: string, found: Value): CommandError {
  return new CommandError(
    code,
    `$arrayToObject requires a consistent input format. Elements must all be arrays or all be objects. ${detected} was detected, now found: ${typeName(found)}`,
  )
}

function compileGetField(argument: Value, scope: Scope): Node {
  const full = argument instanceof Map && !argument.keys().next().value?.startsWith('$')
  const given = full
    ? getFieldArguments(argument)
    : new Map<string, Value>([
        ['field', argument],
        ['input', '$$CURRENT'],
      ])
  const field = scope.compile(given.get('field')!)
  const input = scope.compile(given.get('input')!)
  return nodeOver([field, input], (root, variables) => {
    const name = field.evaluate(root, variables)
    if (typeof name !== 'string') {
      throw new CommandError(
        3041704,
        `$getField requires 'field' to evaluate to type String, but got ${typeName(name)}`,
      )
    }
    const from = input.evaluate(root, variables)
    if (from instanceof Map) return from.get(name)
    return from === null || from === UNDEFINED ? null : undefined
  })
}

function getFieldArguments(argument: Document): Document {
  return namedArguments(argument, '$getField', {
    required: ['field', 'input'],
    notDocument: 3041701,
    unknown: 3041701,
    missing: { field: 3041702, input: 3041703 },
  })
}

function compileSetField(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['field', 'value', 'input'],
    notDocument: 4161100,
    unknown: 4161101,
    missing: { field: 4161102, value: 4161103, input: 4161109 },
  })
  return fieldSetter(
    { field: given.get('field')!, input: given.get('input')!, value: given.get('value')!, name },
    scope,
  )
}

function compileUnsetField(argument: Value, scope: Scope, name: string): Node {
  const given = namedArguments(argument, name, {
    required: ['field', 'input'],
    notDocument: 4161100,
    unknown: 4161101,
    missing: { field: 4161102, input: 4161109 },
  })
  return fieldSetter({ field: given.get('field')!, input: given.get('input')!, value: '$$REMOVE', name }, scope)
}

function fieldSetter(given: { field: Value; input: Value; value: Value; name: string }, scope: Scope): Node {
  if (typeof given.field === 'string' && given.field.startsWith('$')) {
    const hint = `Did you mean {$literal: '${given.field}'}?`
    throw new CommandError(4161108, `A field path reference is not allowed in this context. ${hint}`)
  }
  const field = constantName(given.field, given.name)
  const input = scope.compile(given.input)
  const value = scope.compile(given.value)
  return nodeOver([input, value], (root, variables) => {
    const from = input.evaluate(root, variables)
    if (isNullish(from)) return null
    if (!(from instanceof Map))
      throw new CommandError(4161105, `${given.name} requires 'input' to evaluate to type Object`)
    const copy = new Map(from)
    const inner = value.evaluate(root, variables)
    if (inner === undefined) copy.delete(field)
    else copy.set(field, inner)
    return copy
  })
}

/** Only what is written as a constant is one here; an expression over constants is none. */
function constantName(given: Value, name: string): string {
  const value = given instanceof Map && isLiteral(given) ? given.values().next().value : given
  if (typeof value === 'string') return value
  const requires = `${name} requires 'field' to evaluate to`
  if (value instanceof Map || Array.isArray(value))
    throw new CommandError(4161106, `${requires} a constant, but got a non-constant argument`)
  throw new CommandError(4161107, `${requires} type String, but got ${typeName(value)}`)
}

function isLiteral(expression: Document): boolean {
  return expression.size === 1 && (expression.has('$literal') || expression.has('$const'))
}
