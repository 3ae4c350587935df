// Runs $fill: gives missing and null fields a value, the last one known or one on a line.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { parsePath } from '../path.ts'
import { knownOptions, type StageContext, type StageOperator } from '../stage.ts'
import { addFields } from './add-fields.ts'
import { setWindowFields } from './set-window-fields.ts'

const options = new Set(['sortBy', 'partitionBy', 'partitionByFields', 'output'])
const fillings = new Set(['value', 'method'])
const methods: Readonly<Record<string, string>> = { locf: '$locf', linear: '$linearFill' }

export const fill: StageOperator = (specification, context) => {
  const given = fillSpecification(specification)
  const partition = given.get('partitionBy') ?? partitionOf(given.get('partitionByFields'))
  const values: Document = new Map()
  const windows: Document = new Map()
  for (const [path, output] of given.get('output') as Document) {
    const { value, method } = fillOutput(path, output)
    if (value !== undefined) values.set(path, operator('$ifNull', [`$${path}`, value]))
    if (method !== undefined) windows.set(path, operator(methods[method]!, `$${path}`))
  }
  const stages = [
    ...(windows.size > 0 ? [windowStage({ partition, sortBy: given.get('sortBy'), windows }, context)] : []),
    ...(values.size > 0 ? [addFields('$fill')(values, context)] : []),
  ]
  return { reads: null, run: input => stages.reduce((documents, stage) => stage.run(documents), input) }
}

interface Filling {
  readonly partition: Value | undefined
  readonly sortBy: Value | undefined
  readonly windows: Document
}

function windowStage({ partition, sortBy, windows }: Filling, context: StageContext) {
  if (
    sortBy === undefined &&
    [...windows.values()].some(window => window instanceof Map && window.has('$linearFill'))
  ) {
    throw new CommandError(
      605001,
      '$linearFill must be specified with a top level sortBy expression with exactly one element',
    )
  }
  return setWindowFields(
    new Map<string, Value>([
      ...(partition === undefined ? [] : [['partitionBy', partition] as const]),
      ...(sortBy === undefined ? [] : [['sortBy', sortBy] as const]),
      ['output', windows],
    ]),
    context,
  )
}

function partitionOf(fields: Value | undefined): Value | undefined {
  if (fields === undefined) return undefined
  if (!Array.isArray(fields))
    throw new CommandError(
      'TypeMismatch',
      "BSON field '$fill.partitionByFields' is the wrong type, expected type 'array'",
    )
  return new Map<string, Value>(
    fields.map(field => {
      if (typeof field === 'string') return [parsePath(field).join('_'), `$${field}`]
      throw new CommandError('TypeMismatch', "BSON field '$fill.partitionByFields' must be an array of strings")
    }),
  )
}

function operator(name: string, argument: Value): Document {
  return new Map([[name, argument]])
}

function fillSpecification(given: Value): Document {
  const specification = knownOptions(given, '$fill', options)
  const output = specification.get('output')
  if (output === undefined) throw new CommandError(40414, "BSON field '$fill.output' is missing but a required field")
  if (!(output instanceof Map))
    throw new CommandError('TypeMismatch', "BSON field '$fill.output' is the wrong type, expected type 'object'")
  if (output.size === 0) throw new CommandError(6050203, 'The output field must specify at least one field to fill')
  if (specification.has('partitionBy') && specification.has('partitionByFields')) {
    throw new CommandError(6050204, 'Maximum one of partitionBy and partitionByFields can be specified in $fill')
  }
  return specification
}

function fillOutput(path: string, output: Value): { value: Value | undefined; method: string | undefined } {
  if (!(output instanceof Map))
    throw new CommandError(
      6050200,
      `Each fill output specification must be an object with exactly one field, ${path} is not`,
    )
  knownOptions(output, '$fill', fillings)
  const value = output.get('value')
  const method = output.get('method')
  if (value !== undefined && method !== undefined)
    throw new CommandError(
      6050201,
      "Each fill output specification must have exactly one of 'method' or 'value' fields, not both",
    )
  if (method === undefined) return { value, method }
  if (typeof method !== 'string')
    throw new CommandError('TypeMismatch', "BSON field '$fill.method' is the wrong type, expected type 'string'")
  if (Object.hasOwn(methods, method)) return { value, method }
  throw new CommandError(6050202, 'Method must be either locf or linear')
}
