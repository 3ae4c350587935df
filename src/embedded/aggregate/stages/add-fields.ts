// Runs $addFields and $set: computes fields, also below documents and in the elements of arrays.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import type { Environment, Variables } from '../environment.ts'
import { compileExpression } from '../expression.ts'
import type { Evaluate, Result } from '../operator.ts'
import { parsePath } from '../path.ts'
import { bothFields, NO_FIELDS, type StageOperator, variablesOf } from '../stage.ts'

/** A field is computed, or fields below it are. */
type Change = Evaluate | Changes
export interface Changes extends Map<string, Change> {}

export function addFields(stage: string): StageOperator {
  return (specification, { environment }) => {
    if (!(specification instanceof Map)) {
      throw new CommandError(40272, `${stage} specification stage must be an object`)
    }
    if (specification.size === 0)
      throw new CommandError(40177, `Invalid ${stage} :: caused by :: specification must have at least one field`)
    const { changes, reads } = compileChanges(specification, environment)
    const variables = variablesOf(environment)
    return {
      reads,
      run: function* (input: Iterable<Document>) {
        for (const document of input) {
          yield changed(document, changes, variables)
        }
      },
    }
  }
}

function compileChanges(specification: Document, environment: Environment) {
  const changes: Changes = new Map()
  let reads: ReadonlySet<string> | null = NO_FIELDS
  const compile = (value: Value) => {
    const expression = compileExpression(value, environment)
    reads = bothFields(reads, expression.fields)
    return expression.evaluate
  }
  for (const [path, value] of specification) addChange(changes, parsePath(path), { value, compile, path })
  return { changes, reads }
}

interface Given {
  readonly value: Value
  readonly path: string
  compile(value: Value): Evaluate
}

function addChange(changes: Changes, names: readonly string[], given: Given): void {
  const [name, ...rest] = names
  const { value, compile, path } = given
  if (value instanceof Map && value.size === 0) {
    throw new CommandError(40180, `an empty object is not a valid value. Found empty object at path ${path}`)
  }
  const known = changes.get(name!)
  if (rest.length === 0 && !isNested(value)) {
    if (known) throw collision(path)
    changes.set(name!, compile(value))
    return
  }
  if (typeof known === 'function') throw collision(path)
  const inner: Changes = known ?? new Map()
  changes.set(name!, inner)
  if (rest.length > 0) addChange(inner, rest, given)
  else {
    for (const [key, part] of value as Document) {
      addChange(inner, parsePath(key), { value: part, compile, path: `${path}.${key}` })
    }
  }
}

/** { a: { b: 1 } } computes a.b, not a. */
function isNested(value: Value): boolean {
  if (!(value instanceof Map)) return false
  const first = value.keys().next().value
  return first !== undefined && !first.startsWith('$')
}

function collision(path: string): CommandError {
  return new CommandError(
    40176,
    `Invalid $addFields :: caused by :: specification contains two conflicting paths. Cannot specify both '${path}' and a path above or below it`,
  )
}

/** A copy with the changes made; what they compute is computed of the document as it is. */
export function changed(document: Document, changes: Changes, variables: Variables): Document {
  return changedPart(document, changes, evaluate => evaluate(document, variables))
}

function changedPart(document: Document, changes: Changes, evaluate: (expression: Evaluate) => Result): Document {
  const copy = new Map(document)
  for (const [name, change] of changes) {
    if (typeof change === 'function') {
      const value = evaluate(change)
      if (value === undefined) copy.delete(name)
      else copy.set(name, value)
    } else copy.set(name, changedBelow(copy.get(name), change, evaluate))
  }
  return copy
}

/** Elements of arrays are changed each; what is no document becomes one. */
function changedBelow(value: Result, changes: Changes, evaluate: (expression: Evaluate) => Result): Value {
  if (Array.isArray(value)) return value.map(element => changedBelow(element, changes, evaluate))
  return changedPart(value instanceof Map ? value : new Map(), changes, evaluate)
}

/** Adds a computed field below others; false where the path runs into one that is there. */
export function addComputed(changes: Changes, [name, ...rest]: readonly string[], evaluate: Evaluate): boolean {
  const known = changes.get(name!)
  if (rest.length === 0) return known === undefined && changes.set(name!, evaluate) !== undefined
  if (typeof known === 'function') return false
  const inner: Changes = known ?? new Map()
  changes.set(name!, inner)
  return addComputed(inner, rest, evaluate)
}
