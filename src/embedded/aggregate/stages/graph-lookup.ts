// Runs $graphLookup: follows references breadth first, from level to level.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileFilter } from '../../match/filter.ts'
import { isCollectionName } from '../../values/collection-names.ts'
import { isNumber } from '../../values/numbers.ts'
import { typeName } from '../../values/type-names.ts'
import { hashValue } from '../../values/values.ts'
import { compileExpression, type Expression } from '../expression.ts'
import { Foreign, joinValues } from '../foreign.ts'
import { integerOf } from '../integer.ts'
import type { Result } from '../operator.ts'
import { parsePath, withValueAt } from '../path.ts'
import { type StageEnvironment, type StageOperator, variablesOf } from '../stage.ts'

export const graphLookup: StageOperator = (specification, { environment }) => {
  const walk = walkOf(specification, environment)
  const variables = variablesOf(environment)
  return {
    reads: walk.start.fields,
    run: function* (input: Iterable<Document>) {
      const { source } = environment
      const foreign = new Foreign(
        { source, db: source.db, collection: walk.from, filter: walk.restriction },
        environment,
      )
      for (const document of input) {
        const start = walk.start.evaluate(document, variables)
        yield withValueAt(document, walk.as, walked(start, walk, { foreign, environment }))
      }
    },
  }
}

interface Walk {
  readonly from: string
  readonly as: readonly string[]
  readonly start: Expression
  readonly connectFrom: readonly string[]
  readonly connectTo: string
  readonly maxDepth: number
  readonly depth: readonly string[] | undefined
  readonly restriction: Document | undefined
}

interface Ground {
  readonly foreign: Foreign
  readonly environment: StageEnvironment
}

function walked(start: Result, walk: Walk, { foreign, environment }: Ground): Value[] {
  const keyOf = (value: Result) => hashValue(value, environment.collation)
  const found: Value[] = []
  const visited = new Set<string>()
  const asked = new Set<string>()
  let frontier = Array.isArray(start) ? start : start === undefined ? [] : [start]
  for (let level = 0; frontier.length > 0 && level <= walk.maxDepth; level++) {
    const next: Value[] = []
    const values = frontier.filter(value => isNew(asked, keyOf(value)))
    for (const document of foreign.matching(walk.connectTo, values)) {
      if (!isNew(visited, keyOf(document.get('_id')))) continue
      found.push(walk.depth ? withValueAt(document, walk.depth, BigInt(level)) : document)
      for (const value of joinValues(document, walk.connectFrom)) next.push(value)
    }
    frontier = next
  }
  return found
}

function isNew(known: Set<string>, key: string): boolean {
  if (known.has(key)) return false
  known.add(key)
  return true
}

const names = ['from', 'as', 'startWith', 'connectFromField', 'connectToField'] as const
const options = new Set<string>([...names, 'maxDepth', 'depthField', 'restrictSearchWithMatch'])

function walkOf(specification: Value, environment: StageEnvironment): Walk {
  if (!(specification instanceof Map))
    throw failed(`the $graphLookup stage specification must be an object, but found ${typeName(specification)}`)
  const from = sourceIn(specification.get('from'), environment.source.db)
  for (const key of specification.keys()) {
    if (!options.has(key)) throw new CommandError(40104, `Unknown argument to $graphLookup: ${key}`)
  }
  const texts = ['as', 'connectFromField', 'connectToField', 'depthField'].map(key => textIn(specification, key))
  if (names.some(key => !specification.has(key))) {
    throw new CommandError(
      40105,
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    )
  }
  const [as, connectFrom, connectTo, depth] = texts
  return {
    from,
    as: parsePath(as!),
    start: compileExpression(specification.get('startWith')!, environment),
    connectFrom: parsePath(connectFrom!),
    connectTo: parsePath(connectTo!).join('.'),
    maxDepth: maxDepthIn(specification.get('maxDepth')),
    depth: depth === undefined ? undefined : parsePath(depth),
    restriction: restrictionIn(specification.get('restrictSearchWithMatch'), environment),
  }
}

function failed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

function sourceIn(from: Result, db: string): string {
  if (from === undefined) throw failed("missing 'from' option to $graphLookup stage specification")
  if (typeof from !== 'string') throw failed(`$graphLookup 'from' field must be a string, but found ${typeName(from)}`)
  if (isCollectionName(from)) return from
  throw new CommandError('InvalidNamespace', `invalid $graphLookup namespace: ${db}.${from}`)
}

function textIn(specification: Document, key: string): string | undefined {
  const value = specification.get(key)
  if (value === undefined || typeof value === 'string') return value
  throw new CommandError(40103, `expected string as argument for ${key}, found: ${typeName(value)}`)
}

function maxDepthIn(value: Result): number {
  if (value === undefined) return Number.POSITIVE_INFINITY
  if (!isNumber(value)) throw new CommandError(40100, `maxDepth must be numeric, found type: ${typeName(value)}`)
  const depth = integerOf(value)
  if (depth === undefined) throw new CommandError(40102, 'maxDepth could not be represented as a long long')
  if (depth < 0) throw new CommandError(40101, `maxDepth requires a nonnegative argument, found: ${depth}`)
  return depth
}

function restrictionIn(value: Result, environment: StageEnvironment): Document | undefined {
  if (value === undefined) return undefined
  if (!(value instanceof Map)) {
    throw new CommandError(40185, `restrictSearchWithMatch must be an object, found ${typeName(value)}`)
  }
  compileFilter(value, environment)
  return value
}
