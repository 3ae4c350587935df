// Takes characters off the ends of strings: $trim, $ltrim, $rtrim.
import type { Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { named } from '../arguments.ts'
import { isNullish, type Operator, type OperatorTable, type Result } from '../operator.ts'

type Ends = 'both' | 'left' | 'right'

/** What $trim takes off unless told: MongoDB's table of white space. */
const whiteSpace = new Set(
  '\0\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
)

export const trims: OperatorTable = {
  $ltrim: trimmer('left'),
  $rtrim: trimmer('right'),
  $trim: trimmer('both'),
}

function trimmer(ends: Ends): Operator {
  return (argument, scope, name) => {
    const operator = named(
      { required: ['input'], optional: ['chars'], notDocument: 50696, unknown: 50694, missing: 50695 },
      ({ input, chars }) => {
        if (isNullish(input)) return null
        const text = textOf(input, { name, what: 'its input', code: 50699 })
        if (argument instanceof Map && !argument.has('chars')) return trim(text, whiteSpace, ends)
        if (isNullish(chars)) return null
        return trim(text, new Set(textOf(chars, { name, what: "'chars'", code: 50700 })), ends)
      },
    )
    return operator(argument as Value, scope, name)
  }
}

function textOf(value: Result, { name, what, code }: { name: string; what: string; code: number }): string {
  if (typeof value === 'string') return value
  throw new CommandError(code, `${name} requires ${what} to be a string, got ${typeName(value)} instead.`)
}

function trim(text: string, unwanted: ReadonlySet<string>, ends: Ends): string {
  const points = [...text]
  let start = 0
  let end = points.length
  if (ends !== 'right') while (start < end && unwanted.has(points[start]!)) start++
  if (ends !== 'left') while (end > start && unwanted.has(points[end - 1]!)) end--
  return points.slice(start, end).join('')
}
