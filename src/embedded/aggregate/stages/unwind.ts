// Runs $unwind: one document for each element of an array.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { isNullish, type Result } from '../operator.ts'
import { parsePath, withoutValueAt, withValueAt } from '../path.ts'
import type { StageOperator } from '../stage.ts'

interface Unwinding {
  readonly names: readonly string[]
  readonly preserve: boolean
  readonly index: readonly string[] | undefined
}

export const unwind: StageOperator = specification => {
  const unwinding = unwindingOf(specification)
  return {
    reads: new Set([unwinding.names[0]!]),
    run: function* (input: Iterable<Document>) {
      for (const document of input) yield* unwound(document, unwinding)
    },
  }
}

function* unwound(document: Document, { names, preserve, index }: Unwinding): Iterable<Document> {
  const value = nestedValue(document, names)
  const indexed = (made: Document, at: bigint | null) => (index ? withValueAt(made, index, at) : made)
  if (!Array.isArray(value)) {
    if (!isNullish(value) || preserve) yield indexed(document, null)
    return
  }
  if (value.length === 0 && preserve) yield indexed(withoutValueAt(document, names), null)
  for (const [at, element] of value.entries()) yield indexed(withValueAt(document, names, element), BigInt(at))
}

/** The value below documents only: an array on the way ends the search. */
function nestedValue(document: Document, names: readonly string[]): Result {
  let value: Result = document
  for (const name of names) value = value instanceof Map ? value.get(name) : undefined
  return value
}

function unwindingOf(specification: Value): Unwinding {
  if (typeof specification === 'string') return { names: pathOf(specification), preserve: false, index: undefined }
  if (!(specification instanceof Map)) {
    throw new CommandError(
      15981,
      `expected either a string or an object as specification for $unwind stage, got ${typeName(specification)}`,
    )
  }
  for (const key of specification.keys()) {
    if (key !== 'path' && key !== 'preserveNullAndEmptyArrays' && key !== 'includeArrayIndex') {
      throw new CommandError(28811, `unrecognized option to $unwind stage: ${key}`)
    }
  }
  const path = specification.get('path')
  if (path === undefined) throw new CommandError(28812, 'no path specified to $unwind stage')
  if (typeof path !== 'string')
    throw new CommandError(28808, `expected a string as the path for $unwind stage, got ${typeName(path)}`)
  const preserve = specification.get('preserveNullAndEmptyArrays') ?? false
  if (typeof preserve !== 'boolean') {
    throw new CommandError(
      28809,
      `expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage, got ${typeName(preserve)}`,
    )
  }
  return { names: pathOf(path), preserve, index: indexPath(specification.get('includeArrayIndex')) }
}

function pathOf(path: string): readonly string[] {
  if (path === '') throw new CommandError(28812, 'no path specified to $unwind stage')
  if (path.startsWith('$')) return parsePath(path.slice(1))
  throw new CommandError(28818, `path option to $unwind stage should be prefixed with a '$': ${path}`)
}

function indexPath(value: Result): readonly string[] | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value === '') {
    throw new CommandError(28810, 'expected a non-empty string for the includeArrayIndex option to $unwind stage')
  }
  if (value.startsWith('$')) {
    throw new CommandError(
      28822,
      `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${value}`,
    )
  }
  return parsePath(value)
}
