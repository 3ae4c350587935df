// Reads $out: the documents replace a collection.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { isCollectionName } from '../../values/collection-names.ts'
import { typeName } from '../../values/type-names.ts'
import type { StageOperator } from '../stage.ts'

export const out: StageOperator = (specification, { environment }) => ({
  reads: null,
  output: { kind: 'out', ...checked(targetOf(specification, environment.source.db)) },
  run: input => input,
})

interface Target {
  readonly db: string
  readonly collection: string
}

function checked(target: Target): Target {
  if (target.db !== '' && isCollectionName(target.collection)) return target
  throw new CommandError('InvalidNamespace', `Invalid $out target namespace, ${target.db}.${target.collection}`)
}

function targetOf(specification: Value, db: string): Target {
  if (typeof specification === 'string') return { db, collection: specification }
  if (!(specification instanceof Map)) {
    throw new CommandError(
      16990,
      `$out only supports a string or object argument, but found ${typeName(specification)}`,
    )
  }
  if (specification.has('timeseries'))
    throw new CommandError(
      'CommandNotSupported',
      '$out to a time series collection is not supported by the embedded database',
    )
  const collection = specification.get('coll')
  const other = specification.get('db')
  if (specification.size === 2 && typeof collection === 'string' && typeof other === 'string')
    return { db: other, collection }
  throw new CommandError(16994, "If an object is passed to $out it must have exactly 2 fields: 'db' and 'coll'")
}
