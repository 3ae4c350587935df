// Works on strings as a whole: $concat, $toLower, $toUpper, $strcasecmp, $split, $replaceOne, $replaceAll.
import { int32 } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { typeName } from '../../values/type-names.ts'
import { compareStrings } from '../../values/values.ts'
import { named } from '../arguments.ts'
import { binary, isNullish, type Operator, type OperatorTable, type Result, unary, variadic } from '../operator.ts'
import { stringFrom } from '../string-form.ts'

export const strings: OperatorTable = {
  $concat: variadic(concatenate),
  $replaceAll: replacer('$replaceAll', replaceEverywhere),
  $replaceOne: replacer('$replaceOne', (input, find, replacement) => {
    const at = input.indexOf(find)
    return at < 0 ? input : input.slice(0, at) + replacement + input.slice(at + find.length)
  }),
  $split: binary(split),
  $strcasecmp: binary((first, second) =>
    int32(Math.sign(compareStrings(upperCase(stringFrom(first)), upperCase(stringFrom(second))))),
  ),
  $toLower: unary(value => stringFrom(value).replace(/[A-Z]+/g, letters => letters.toLowerCase())),
  $toUpper: unary(value => upperCase(stringFrom(value))),
}

/** Only ASCII letters have cases for the server. */
function upperCase(text: string): string {
  return text.replace(/[a-z]+/g, letters => letters.toUpperCase())
}

function concatenate(values: Result[]): Result {
  let joined = ''
  for (const value of values) {
    if (isNullish(value)) return null
    if (typeof value !== 'string')
      throw new CommandError(16702, `$concat only supports strings, not ${typeName(value)}`)
    joined += value
  }
  return joined
}

/** Nothing is found before each character and at the end. */
function replaceEverywhere(input: string, find: string, replacement: string): string {
  if (find !== '') return input.split(find).join(replacement)
  return replacement + [...input].map(character => character + replacement).join('')
}

function split(text: Result, separator: Result): Result {
  if (isNullish(text) || isNullish(separator)) return null
  if (typeof text !== 'string') {
    throw new CommandError(
      40085,
      `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(text)}`,
    )
  }
  if (typeof separator !== 'string') {
    throw new CommandError(
      40086,
      `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(separator)}`,
    )
  }
  if (separator === '') throw new CommandError(40087, '$split requires a non-empty separator')
  return text.split(separator)
}

function replacer(name: string, replace: (input: string, find: string, replacement: string) => string): Operator {
  return named(
    {
      required: ['input', 'find', 'replacement'],
      notDocument: 51751,
      unknown: 51750,
      missing: { input: 51749, find: 51748, replacement: 51747 },
    },
    ({ input, find, replacement }) => {
      checkText(input, { name, what: 'input', code: 51746 })
      checkText(find, { name, what: 'find', code: 51745 })
      checkText(replacement, { name, what: 'replacement', code: 51744 })
      if (typeof input !== 'string' || typeof find !== 'string' || typeof replacement !== 'string') return null
      return replace(input, find, replacement)
    },
  )
}

function checkText(value: Result, { name, what, code }: { name: string; what: string; code: number }): void {
  if (typeof value === 'string' || isNullish(value)) return
  throw new CommandError(code, `${name} requires that '${what}' be a string, found: ${typeName(value)}`)
}
