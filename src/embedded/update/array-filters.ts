// Compiles arrayFilters: what the placeholders $[name] of an update's paths stand for.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { compileFilter } from '../match/filter.ts'
import type { Collation } from '../values/collation.ts'

/** Tests array elements, by the name of the placeholder. */
export type ArrayFilters = ReadonlyMap<string, (element: Value) => boolean>

/** Compiles array filters; each names one placeholder by its top-level fields. */
export function compileArrayFilters(filters: readonly Value[], collation?: Collation): ArrayFilters {
  const compiled = new Map<string, (element: Value) => boolean>()
  for (const filter of filters) {
    if (!(filter instanceof Map)) throw new CommandError('TypeMismatch', 'arrayFilters must hold only documents')
    const name = placeholderOf(filter)
    if (compiled.has(name)) throw failed(`Found multiple array filters with the same top-level field name ${name}`)
    const matcher = compileFilter(filter, { collation })
    compiled.set(name, element => matcher.matches(new Map([[name, element]])))
  }
  return compiled
}

function failed(message: string): CommandError {
  return new CommandError('FailedToParse', message)
}

function placeholderOf(filter: Document): string {
  const names = new Set(topLevelNames(filter))
  const [name, second] = names
  if (name === undefined) throw failed('Cannot use an expression without a top-level field name in arrayFilters')
  if (second !== undefined)
    throw failed(
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${second}'`,
    )
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name))
    throw new CommandError(
      'BadValue',
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    )
  return name
}

function* topLevelNames(filter: Document): Generator<string> {
  for (const [name, operand] of filter) {
    if (!name.startsWith('$')) yield name.split('.', 1)[0]!
    else if (Array.isArray(operand))
      for (const branch of operand) if (branch instanceof Map) yield* topLevelNames(branch)
  }
}
