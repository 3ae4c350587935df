// Checks the options of collections and views before they are kept.
import { compilePipeline } from '../aggregate/pipeline.ts'
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileFilter } from '../match/filter.ts'
import { Scans } from '../query/scans.ts'
import { StoredSource } from '../query/source.ts'
import type { Operation } from './room.ts'

const CHOICES = new Map<string, readonly string[]>([
  ['validationLevel', ['off', 'strict', 'moderate']],
  ['validationAction', ['error', 'warn']],
])

export function checkValidator(options: Document): void {
  const validator = options.get('validator')
  if (validator instanceof Map) compileFilter(validator)
  for (const [field, choices] of CHOICES) {
    const value = options.get(field)
    if (value !== undefined && !choices.includes(value as string))
      throw new CommandError(
        'BadValue',
        `Enumeration value '${String(value)}' for field '${field}' is not a valid value.`,
      )
  }
}

export function checkViewPipeline({ request, room, data }: Operation, options: Document): void {
  if (options.has('validator')) throw new CommandError('InvalidOptions', 'cannot specify a validator for a view')
  if (options.get('viewOn') === '') throw new CommandError('BadValue', "'viewOn' cannot be empty")
  const now = new Date()
  const settings = { db: request.db, collection: undefined, data, scans: new Scans(), collation: undefined, now }
  const source = new StoredSource(room, settings)
  const { output } = compilePipeline((options.get('pipeline') ?? []) as Value[], { source, now })
  if (output) throw new CommandError(167, `The aggregation stage $${output.kind} is not allowed in a view definition`)
}

/** Images are noted, and shown to nobody: there are no change streams. */
export function setImages(body: Document, options: Document): void {
  const images = body.get('changeStreamPreAndPostImages')
  if (!(images instanceof Map)) return
  if (typeof images.get('enabled') !== 'boolean')
    throw new CommandError(40414, "BSON field 'changeStreamPreAndPostImages.enabled' is missing but a required field")
  if (images.get('enabled') === true) options.set('changeStreamPreAndPostImages', images)
  else options.delete('changeStreamPreAndPostImages')
}
