// Reads $merge: into which collection documents go, and what happens to those that are there.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isCollectionName } from '../../values/collection-names.ts'
import { typeName } from '../../values/type-names.ts'
import type { Result } from '../operator.ts'
import type { MergeOutput, MergePipeline } from '../output.ts'
import { parsePath } from '../path.ts'
import type { StageContext, StageOperator } from '../stage.ts'
import { bindVariables } from './bindings.ts'

const options = new Set(['into', 'on', 'let', 'whenMatched', 'whenNotMatched'])
const matchedModes = ['replace', 'keepExisting', 'merge', 'fail'] as const
const notMatchedModes = ['insert', 'discard', 'fail'] as const

/** Only these pairs have a meaning. */
const pairs = new Set([
  'replace insert',
  'replace fail',
  'replace discard',
  'merge insert',
  'merge fail',
  'merge discard',
  'keepExisting insert',
  'fail insert',
  'pipeline insert',
  'pipeline fail',
  'pipeline discard',
])

export const merge: StageOperator = (specification, context) => {
  const given = mergeSpecification(specification)
  const whenMatched = whenMatchedIn(given, context)
  const whenNotMatched = modeIn(given.get('whenNotMatched') ?? 'insert', 'whenNotMatched', notMatchedModes)
  const pair = `${typeof whenMatched === 'string' ? whenMatched : 'pipeline'} ${whenNotMatched}`
  if (!pairs.has(pair)) {
    throw new CommandError(
      51181,
      `Combination of $merge modes 'whenMatched' and 'whenNotMatched' is not supported: ${pair}`,
    )
  }
  const target = targetOf(given.get('into'), context.environment.source.db)
  const output: MergeOutput = { kind: 'merge', ...target, on: onFields(given.get('on')), whenMatched, whenNotMatched }
  return { reads: null, output, run: input => input }
}

function mergeSpecification(specification: Value): Document {
  if (typeof specification === 'string') return new Map([['into', specification]])
  if (!(specification instanceof Map)) {
    throw new CommandError(51182, `$merge only supports a string or object argument, not ${typeName(specification)}`)
  }
  for (const key of specification.keys()) {
    if (!options.has(key)) throw new CommandError(40415, `BSON field '$merge.${key}' is an unknown field.`)
  }
  if (specification.has('into')) return specification
  throw new CommandError(40414, "BSON field '$merge.into' is missing but a required field")
}

function targetOf(into: Result, db: string): { db: string; collection: string } {
  if (typeof into === 'string') return checkedTarget(db, into)
  if (into instanceof Map) {
    for (const key of into.keys())
      if (key !== 'db' && key !== 'coll') throw new CommandError(40415, `BSON field 'into.${key}' is an unknown field.`)
    const collection = into.get('coll')
    const other = into.get('db') ?? db
    if (typeof collection === 'string' && typeof other === 'string') return checkedTarget(other, collection)
  }
  throw new CommandError(51178, "$merge 'into' field must be either a string or an object")
}

function checkedTarget(db: string, collection: string): { db: string; collection: string } {
  if (db !== '' && isCollectionName(collection)) return { db, collection }
  throw new CommandError('InvalidNamespace', `Invalid $merge target namespace: '${db}.${collection}'`)
}

function onFields(on: Result): readonly string[] {
  if (on === undefined) return ['_id']
  if (typeof on !== 'string' && !Array.isArray(on)) {
    throw new CommandError(
      51186,
      `$merge 'on' field must be either a string or an array of strings, but found ${typeName(on)}`,
    )
  }
  const fields = Array.isArray(on) ? on : [on]
  if (fields.length === 0)
    throw new CommandError(51187, "If explicitly specifying $merge 'on', must include at least one field")
  const names = fields.map(field => {
    if (typeof field !== 'string')
      throw new CommandError(51134, `$merge 'on' array elements must be strings, but found ${typeName(field)}`)
    return parsePath(field).join('.')
  })
  if (new Set(names).size < names.length)
    throw new CommandError(31465, "Found a duplicate field in the $merge 'on' list")
  return names
}

function whenMatchedIn(given: Document, context: StageContext): MergeOutput['whenMatched'] {
  const mode = given.get('whenMatched') ?? 'merge'
  if (Array.isArray(mode)) return mergePipeline(mode, given.get('let'), context)
  if (given.has('let'))
    throw new CommandError(51199, "Cannot use 'let' variables with 'whenMatched' that is not a pipeline")
  return modeIn(mode, 'whenMatched', matchedModes)
}

function modeIn<Mode extends string>(mode: Value, field: string, modes: readonly Mode[]): Mode {
  const known = modes.find(each => each === mode)
  if (known !== undefined) return known
  throw new CommandError(
    'BadValue',
    `Enumeration value '${String(mode)}' for field '$merge.${field}' is not a valid value.`,
  )
}

function mergePipeline(
  stages: readonly Value[],
  given: Result,
  { environment, compilePipeline }: StageContext,
): MergePipeline {
  if (given !== undefined && !(given instanceof Map))
    throw new CommandError('TypeMismatch', "BSON field '$merge.let' is the wrong type, expected type 'object'")
  if (given?.has('new') && given.get('new') !== '$$ROOT') {
    throw new CommandError(51273, "'let' may not define a value for the reserved 'new' variable other than '$$ROOT'")
  }
  const bindings = bindVariables(new Map<string, Value>([['new', '$$ROOT'], ...(given ?? [])]), environment)
  const inner = compilePipeline(stages, { ...environment, variables: bindings.live }, 'update')
  return (stored, incoming) => {
    bindings.bind(incoming, bindings.outer)
    const [made] = inner.run([stored])
    return made!
  }
}
