// Reads what makes a collection capped, clustered or one of time series, and refuses what makes no sense.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, toDouble } from '../values/numbers.ts'
import { flagAt, numberAt, objectAt } from './arguments.ts'

/** Gives the options of the kind of collection that `create` asks for; none for an ordinary one. */
export function kindOptions(body: Document): Document {
  const capped = cappedOptions(body)
  const clustered = clusteredOptions(body)
  const series = seriesOptions(body)
  const kinds = [capped, clustered, series].filter(options => options.size > 0)
  if (kinds.length > 1) throw invalid('a collection can be only one of capped, clustered, and one of time series')
  return new Map([...(kinds[0] ?? []), ...expiry(body, clustered.size > 0 || series.size > 0)])
}

function invalid(message: string): CommandError {
  return new CommandError('InvalidOptions', message)
}

const LEAST_CAPPED_SIZE = 4096
const LARGEST_CAPPED_SIZE = 2 ** 50

/** Gives the size a capped collection takes: whole units of 256 bytes, at least 4096. */
export function cappedSize(value: Value | undefined): Value {
  if (value === undefined || !isNumber(value)) throw invalid("the 'size' field is required when 'capped' is true")
  const size = Math.trunc(toDouble(value))
  if (!(size > 0 && size <= LARGEST_CAPPED_SIZE))
    throw new CommandError('BadValue', `BSON field 'size' value must be in [1, 1PB], actual value '${size}'`)
  return numberValue(Math.max(LEAST_CAPPED_SIZE, Math.ceil(size / 256) * 256))
}

function numberValue(number: number): Value {
  return number < 2 ** 31 ? int32(number) : BigInt(number)
}

function cappedOptions(body: Document): Document {
  if (!flagAt(body, 'capped')) {
    for (const field of ['size', 'max'])
      if (body.has(field)) throw invalid(`the '${field}' field is only allowed when 'capped' is true`)
    return new Map()
  }
  const options: Document = new Map<string, Value>([
    ['capped', true],
    ['size', cappedSize(body.get('size'))],
  ])
  const max = numberAt(body, 'max')
  if (max !== undefined && max > 0) options.set('max', numberValue(Math.trunc(max)))
  return options
}

function clusteredOptions(body: Document): Document {
  const given = body.get('clusteredIndex')
  if (given === undefined || given === false) return new Map()
  if (!(given instanceof Map))
    throw new CommandError('TypeMismatch', "BSON field 'create.clusteredIndex' is the wrong type, expected an object")
  const key = objectAt(given, 'key')
  if (key?.size !== 1 || numberAt(key, '_id') !== 1)
    throw invalid('The clusteredIndex option must have the key pattern { _id: 1 }')
  if (!flagAt(given, 'unique')) throw new CommandError('BadValue', 'The clusteredIndex option requires unique: true')
  const name = given.get('name') ?? '_id_'
  return new Map<string, Value>([
    [
      'clusteredIndex',
      new Map<string, Value>([
        ['v', int32(2)],
        ['key', key],
        ['name', name],
        ['unique', true],
      ]),
    ],
  ])
}

const SPANS: Readonly<Record<string, number>> = { seconds: 3600, minutes: 86_400, hours: 2_592_000 }
const SERIES_FIELDS = new Set([
  'timeField',
  'metaField',
  'granularity',
  'bucketMaxSpanSeconds',
  'bucketRoundingSeconds',
])

function seriesOptions(body: Document): Document {
  const given = objectAt(body, 'timeseries')
  if (given === undefined) return new Map()
  for (const field of given.keys())
    if (!SERIES_FIELDS.has(field))
      throw new CommandError(40415, `BSON field 'create.timeseries.${field}' is an unknown field.`)
  if (body.has('viewOn') || body.has('validator'))
    throw invalid('time-series collections take no view and no validator')
  const time = fieldName(given, 'timeField')
  if (time === undefined)
    throw new CommandError(40414, "BSON field 'create.timeseries.timeField' is missing but a required field")
  const meta = fieldName(given, 'metaField')
  if (meta === time || meta === '_id' || time === '_id')
    throw invalid("The time-series options 'timeField' and 'metaField' must be different fields other than '_id'")
  const series: Document = new Map([['timeField', time]])
  if (meta !== undefined) series.set('metaField', meta)
  return new Map([['timeseries', new Map([...series, ...bucketOptions(given)])]])
}

function fieldName(given: Document, field: string): string | undefined {
  const name = given.get(field)
  if (name === undefined) return undefined
  if (typeof name !== 'string')
    throw new CommandError(
      'TypeMismatch',
      `BSON field 'create.timeseries.${field}' is the wrong type, expected a string`,
    )
  if (name === '' || name.includes('.') || name.startsWith('$'))
    throw invalid(`The time-series option '${field}' must be the name of a top-level field`)
  return name
}

function bucketOptions(given: Document): Document {
  const span = numberAt(given, 'bucketMaxSpanSeconds')
  const rounding = numberAt(given, 'bucketRoundingSeconds')
  const granularity = given.get('granularity')
  if (granularity !== undefined && (typeof granularity !== 'string' || !Object.hasOwn(SPANS, granularity)))
    throw new CommandError(
      'BadValue',
      `Enumeration value '${String(granularity)}' for field 'create.timeseries.granularity' is not a valid value.`,
    )
  if (span !== rounding || (span !== undefined && !(span >= 1 && span <= 31_536_000)))
    throw invalid("'bucketMaxSpanSeconds' and 'bucketRoundingSeconds' must be given together and be equal")
  if (span !== undefined && granularity === undefined)
    return new Map([
      ['bucketMaxSpanSeconds', int32(span)],
      ['bucketRoundingSeconds', int32(span)],
    ])
  const chosen = (granularity ?? 'seconds') as string
  if (span !== undefined && span !== SPANS[chosen])
    throw invalid("'bucketMaxSpanSeconds' and 'bucketRoundingSeconds' cannot be set with this 'granularity'")
  return new Map<string, Value>([
    ['granularity', chosen],
    ['bucketMaxSpanSeconds', int32(SPANS[chosen]!)],
  ])
}

function expiry(body: Document, isAllowed: unknown): Document {
  const seconds = body.get('expireAfterSeconds')
  if (seconds === undefined || seconds === 'off') return new Map()
  if (isAllowed !== true)
    throw invalid(
      "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified",
    )
  if (!isNumber(seconds) || !(toDouble(seconds) >= 0))
    throw invalid("'expireAfterSeconds' must be a number that is not negative, or 'off'")
  return new Map([['expireAfterSeconds', BigInt(Math.trunc(toDouble(seconds)))]])
}
