// Compiles filters, as of find, update and $match, into predicates on documents.

import { NO_VARIABLES, type Variables } from '../aggregate/environment.ts'
import { compileExpression } from '../aggregate/expression.ts'
import { isTruthy } from '../aggregate/truth.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileSchema } from '../json-schema/schema.ts'
import type { Collation } from '../values/collation.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { both, not, pathSearches, valueTest } from './conditions.ts'
import { MATCH, NO_MATCH, type Search } from './path.ts'
import type { MatchScope } from './scope.ts'

export interface Filter {
  /** the top-level fields that it reads; null means all */
  readonly fields: ReadonlySet<string> | null
  matches(document: Document): boolean
  /** the array index that the positional operator `$` stands for */
  position(document: Document): number | undefined
}

export interface FilterOptions {
  readonly collation?: Collation | undefined
  readonly variables?: Variables | undefined
  readonly now?: Date | undefined
}

/** Compiles a filter; throws MongoDB's error for a malformed one. */
export function compileFilter(filter: Document, options: FilterOptions = {}): Filter {
  const fields = new Set<string>()
  let readsAll = false
  const scope = scopeOf(options, path => {
    if (path === null) readsAll = true
    else fields.add(path.split('.', 1)[0]!)
  })
  const search = scope.document(filter)
  return {
    fields: readsAll ? null : fields,
    matches: document => search(document) !== NO_MATCH,
    position: document => {
      const found = search(document)
      return found >= 0 ? found : undefined
    },
  }
}

function scopeOf(options: FilterOptions, reads: (path: string | null) => void): MatchScope {
  const scope: MatchScope = {
    collation: options.collation,
    reads,
    document: filter => both(searchesOf(filter, scope)),
    expression: expression => expressionTest(expression, options, reads),
    element: () => elementScope(options),
    value: (conditions, path) => valueTest(conditions, path, scope),
  }
  return scope
}

/** What an element's filter reads lies below the path that was already noted. */
function elementScope(options: FilterOptions): MatchScope {
  const expression = (): never => {
    throw new CommandError('BadValue', '$expr can only be applied to the top-level document')
  }
  const scope: MatchScope = {
    collation: options.collation,
    reads: () => {},
    document: filter => both(searchesOf(filter, scope)),
    expression,
    element: () => scope,
    value: (conditions, path) => valueTest(conditions, path, scope),
  }
  return scope
}

function searchesOf(filter: Document, scope: MatchScope): readonly Search[] {
  const searches: Search[] = []
  for (const [name, operand] of filter) {
    if (name.startsWith('$')) searches.push(...topLevel(name, operand, scope))
    else searches.push(...pathSearches(name, operand, scope))
  }
  return searches.length === 0 ? [() => MATCH] : searches
}

type TopLevel = (operand: Value, scope: MatchScope) => readonly Search[]

const TOP_LEVEL = new Map<string, TopLevel>([
  ['$and', (operand, scope) => [both(branches('$and', operand, scope))]],
  ['$or', (operand, scope) => [either(branches('$or', operand, scope))]],
  ['$nor', (operand, scope) => [not(either(branches('$nor', operand, scope)))]],
  ['$comment', () => []],
  ['$expr', (operand, scope) => [searchFor(scope.expression(operand))]],
  ['$jsonSchema', schemaSearch],
  ['$alwaysTrue', operand => always('$alwaysTrue', operand, MATCH)],
  ['$alwaysFalse', operand => always('$alwaysFalse', operand, NO_MATCH)],
  ['$sampleRate', sample],
  ['$where', () => refuse('$where')],
  ['$text', () => refuse('$text')],
])

function topLevel(name: string, operand: Value, scope: MatchScope): readonly Search[] {
  const compile = TOP_LEVEL.get(name)
  if (compile !== undefined) return compile(operand, scope)
  throw new CommandError(
    'BadValue',
    `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
  )
}

function always(name: string, operand: Value, found: number): readonly Search[] {
  if (!isNumber(operand) || toDouble(operand) !== 1)
    throw new CommandError('FailedToParse', `${name} must be an integer value of 1`)
  return [() => found]
}

function refuse(name: string): never {
  throw new CommandError('CommandNotSupported', `${name} is not supported by the embedded database`)
}

function branches(name: string, operand: Value, scope: MatchScope): readonly Search[] {
  if (!Array.isArray(operand)) throw new CommandError('BadValue', `${name} must be an array`)
  if (operand.length === 0) throw new CommandError('BadValue', '$and/$or/$nor must be a nonempty array')
  return operand.map(branch => {
    if (!(branch instanceof Map)) throw new CommandError('BadValue', '$or/$and/$nor entries need to be full objects')
    return scope.document(branch)
  })
}

function either(searches: readonly Search[]): Search {
  return document => {
    for (const search of searches) {
      const found = search(document)
      if (found !== NO_MATCH) return found
    }
    return NO_MATCH
  }
}

function searchFor(test: (document: Document) => boolean): Search {
  return document => (test(document) ? MATCH : NO_MATCH)
}

function schemaSearch(operand: Value, scope: MatchScope): readonly Search[] {
  if (!(operand instanceof Map)) throw new CommandError('TypeMismatch', '$jsonSchema must be an object')
  scope.reads(null)
  const check = compileSchema(operand)
  return [searchFor(document => check(document) === undefined)]
}

function sample(operand: Value): readonly Search[] {
  if (!isNumber(operand)) throw new CommandError('BadValue', 'argument to $sampleRate must be a numeric type')
  const rate = toDouble(operand)
  if (!(rate >= 0 && rate <= 1)) throw new CommandError('BadValue', 'numeric argument to $sampleRate must be in [0, 1]')
  return [() => (Math.random() < rate ? MATCH : NO_MATCH)]
}

function expressionTest(
  expression: Value,
  options: FilterOptions,
  reads: (path: string | null) => void,
): (document: Document) => boolean {
  const { collation, variables = NO_VARIABLES, now = new Date() } = options
  const compiled = compileExpression(expression, { now, collation, variables })
  if (compiled.fields === null) reads(null)
  else for (const field of compiled.fields) reads(field)
  return document => isTruthy(compiled.evaluate(document, variables))
}
