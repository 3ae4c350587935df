// Runs $setWindowFields: computes fields over the documents around each one.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isNumber, toDouble } from '../../values/numbers.ts'
import { compileSort, type Sort } from '../../values/sort.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues, hashValue } from '../../values/values.ts'
import { compileExpression, type Expression, scopeFor } from '../expression.ts'
import { parsePath, valueAtPath } from '../path.ts'
import { bothFields, knownOptions, type StageEnvironment, type StageOperator, variablesOf } from '../stage.ts'
import type { Partition, WindowFunction } from '../windows/partition.ts'
import { compileWindowFunction } from '../windows.ts'
import { addComputed, type Changes, changed } from './add-fields.ts'

const options = new Set(['partitionBy', 'sortBy', 'output'])

export const setWindowFields: StageOperator = (specification, { environment }) => {
  const given = checkedSpecification(specification)
  const sortBy = given.get('sortBy') as Document | undefined
  const order = sortBy && sortBy.size > 0 ? compileSort(sortBy, environment.collation) : undefined
  const by = given.has('partitionBy') ? compileExpression(given.get('partitionBy')!, environment) : undefined
  const { fields, reads } = compileFields(given.get('output') as Document, sortBy, environment)
  const keys = new Set([...(by ? (by.fields ?? []) : []), ...(order?.fields ?? [])])
  return {
    reads: by && by.fields === null ? null : bothFields(keys, reads),
    run: function* (input: Iterable<Document>) {
      const positionNames = sortBy?.size === 1 ? parsePath(sortBy.keys().next().value!) : undefined
      for (const documents of partitions(input, { by, order, environment })) {
        const positions = positionNames ? documents.map(document => valueAtPath(document, positionNames, 0)) : []
        yield* computed({ documents, order, positions, variables: variablesOf(environment) }, fields)
      }
    },
  }
}

interface Field {
  readonly names: readonly string[]
  readonly function: WindowFunction
}

function compileFields(output: Document, sortBy: Document | undefined, environment: StageEnvironment) {
  const reads = { fields: new Set<string>(), whole: false }
  const scope = scopeFor(environment, reads)
  const direction = sortBy?.values().next().value
  const ascending = isNumber(direction) && toDouble(direction) === 1
  const fields = [...output].map(
    ([path, specification]): Field => ({
      names: parsePath(path),
      function: compileWindowFunction(path, specification, { scope, sortFields: sortBy?.size ?? 0, ascending }),
    }),
  )
  checkPaths(fields)
  return { fields, reads: reads.whole ? null : reads.fields }
}

interface Partitioning {
  readonly by: Expression | undefined
  readonly order: Sort | undefined
  readonly environment: StageEnvironment
}

/** The partitions in the order of their keys, each sorted. */
function partitions(input: Iterable<Document>, { by, order, environment }: Partitioning): Document[][] {
  const { collation } = environment
  const found = new Map<string, { key: Value; documents: Document[] }>()
  for (const document of input) {
    const key = by?.evaluate(document, variablesOf(environment)) ?? null
    if (Array.isArray(key))
      throw new CommandError('TypeMismatch', 'An expression used to partition cannot evaluate to value of type array')
    const hash = hashValue(key, collation)
    const partition = found.get(hash)
    if (partition) partition.documents.push(document)
    else found.set(hash, { key, documents: [document] })
  }
  const sorted = [...found.values()].sort((a, b) => compareValues(a.key, b.key, collation))
  return sorted.map(({ documents }) => (order ? documents.sort((a, b) => order.compare(a, b)) : documents))
}

function* computed(partition: Partition, fields: readonly Field[]): Iterable<Document> {
  const changes: Changes = new Map()
  let at = 0
  for (const { names, function: windowFunction } of fields) {
    const column = windowFunction.compute(partition)
    addComputed(changes, names, () => column[at] ?? null)
  }
  for (; at < partition.documents.length; at++) yield changed(partition.documents[at]!, changes, partition.variables)
}

function checkPaths(fields: readonly Field[]): void {
  const changes: Changes = new Map()
  for (const { names } of fields)
    if (!addComputed(changes, names, () => null))
      throw new CommandError(6307900, "$setWindowFields 'output' specification contains two conflicting paths")
}

function checkedSpecification(given: Value): Document {
  const specification = knownOptions(given, '$setWindowFields', options)
  const output = specification.get('output')
  if (output === undefined)
    throw new CommandError(40414, "BSON field '$setWindowFields.output' is missing but a required field")
  for (const key of ['output', 'sortBy']) {
    const value = specification.get(key)
    if (value === undefined || value instanceof Map) continue
    throw new CommandError(
      'TypeMismatch',
      `BSON field '$setWindowFields.${key}' is the wrong type '${typeName(value)}', expected type 'object'`,
    )
  }
  return specification
}
