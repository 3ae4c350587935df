// Compiles the regular expressions of filters into tests of strings and of stored expressions.
import { BSONRegExp, BSONSymbol } from 'mongodb'
import type { Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import type { Test } from './path.ts'
import { translatePattern } from './pattern.ts'

/** Tests whether a string matches, or a stored regular expression is the same. */
export function regexTest(regex: BSONRegExp): Test {
  const compiled = compileRegex(regex.pattern, regex.options)
  return value => {
    if (typeof value === 'string') return compiled.test(value)
    if (value instanceof BSONRegExp) return value.pattern === regex.pattern && value.options === regex.options
    return value instanceof BSONSymbol && compiled.test(value.value)
  }
}

/** Builds the regular expression of `$regex` and `$options`, whichever of them are given. */
export function regexOperand(pattern: Value | undefined, options: Value | undefined): BSONRegExp {
  if (pattern === undefined) throw new CommandError('BadValue', '$options needs a $regex')
  if (options !== undefined && typeof options !== 'string')
    throw new CommandError('BadValue', '$options has to be a string')
  if (pattern instanceof BSONRegExp) {
    if (options === undefined) return pattern
    if (pattern.options !== '') throw new CommandError(51075, 'options set in both $regex and $options')
    return regexOf(pattern.pattern, options)
  }
  if (typeof pattern !== 'string') throw new CommandError('BadValue', '$regex has to be a string')
  return regexOf(pattern, options ?? '')
}

/** Compiles a pattern written for PCRE with MongoDB's options. */
export function compileRegex(pattern: string, options: string): RegExp {
  for (const option of options)
    if (!'imxsu'.includes(option)) throw new CommandError(51108, `invalid flag in regex options: ${option}`)
  if (pattern.includes('\0') || options.includes('\0'))
    throw new CommandError('BadValue', 'Regular expression cannot contain an embedded null byte')
  const translated = translatePattern(pattern, options)
  try {
    return new RegExp(translated.source, translated.flags)
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*\/[a-z]*: /s, '') : ''
    throw new CommandError(51091, `Regular expression is invalid: ${reason}`, { cause: error })
  }
}

function regexOf(pattern: string, options: string): BSONRegExp {
  const regex = new BSONRegExp('', '')
  regex.pattern = pattern
  regex.options = [...options].sort().join('')
  return regex
}
