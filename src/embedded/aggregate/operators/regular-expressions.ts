// Searches strings by regular expressions: $regexMatch, $regexFind, $regexFindAll.
import { BSONRegExp } from 'mongodb'
import { int32, type Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { compileRegex } from '../../match/regex.ts'
import { typeName } from '../../values/type-names.ts'
import { namedArguments } from '../arguments.ts'
import { constantNode, isNullish, nodeOver, type Operator, type OperatorTable, type Result } from '../operator.ts'

export const regularExpressions: OperatorTable = {
  $regexFind: searcher({ nothing: null, search: (text, regex) => found(text, regex.exec(text)) }),
  $regexFindAll: searcher({
    nothing: [],
    search: (text, regex) => everyMatch(text, regex).map(match => found(text, match)),
  }),
  $regexMatch: searcher({ nothing: false, search: (text, regex) => regex.test(text) }),
}

interface Search {
  /** what null gives */
  readonly nothing: Value
  search(text: string, regex: RegExp): Value
}

function searcher({ nothing, search }: Search): Operator {
  return (argument, scope, name) => {
    const given = namedArguments(argument, name, {
      required: ['input', 'regex'],
      optional: ['options'],
      notDocument: 51103,
      unknown: 31024,
      missing: { input: 31022, regex: 31023 },
    })
    const input = scope.compile(given.get('input')!)
    const regex = scope.compile(given.get('regex')!)
    const options = given.has('options') ? scope.compile(given.get('options')!) : constantNode(undefined)
    const compile = compilerFor(name)
    return nodeOver([input, regex, options], (root, variables) => {
      const text = input.evaluate(root, variables)
      const compiled = compile(regex.evaluate(root, variables), options.evaluate(root, variables))
      if (!isNullish(text) && typeof text !== 'string') {
        throw new CommandError(51104, `${name} needs 'input' to be of type string`)
      }
      return typeof text === 'string' && compiled ? search(text, compiled) : nothing
    })
  }
}

/** Compiles regular expressions, keeping the last one. */
function compilerFor(name: string): (regex: Result, options: Result) => RegExp | undefined {
  let last: { source: string; flags: string; compiled: RegExp } | undefined
  return (regex, options) => {
    const wanted = patternOf(regex, options, name)
    if (!wanted) return undefined
    const { source, flags } = wanted
    if (!last || last.source !== source || last.flags !== flags)
      last = { source, flags, compiled: compiled(source, flags, name) }
    return last.compiled
  }
}

function patternOf(regex: Result, options: Result, name: string): { source: string; flags: string } | undefined {
  if (!isNullish(options) && typeof options !== 'string') {
    throw new CommandError(51106, `${name} needs 'options' to be of type string`)
  }
  const flags = typeof options === 'string' ? options : ''
  if (isNullish(regex)) return undefined
  if (typeof regex === 'string') return { source: regex, flags }
  if (!(regex instanceof BSONRegExp)) {
    throw new CommandError(51105, `${name} needs 'regex' to be of type string or regex, not ${typeName(regex)}`)
  }
  if (regex.options !== '' && flags !== '') {
    throw new CommandError(51107, `${name}: found regex options specified in both 'regex' and 'options' fields`)
  }
  return { source: regex.pattern, flags: flags || regex.options }
}

function compiled(source: string, flags: string, name: string): RegExp {
  if (source.includes('\0'))
    throw new CommandError(51109, `${name}: regular expression cannot contain an embedded null byte`)
  if (flags.includes('\0')) throw new CommandError(51110, `${name}: options cannot contain an embedded null byte`)
  try {
    return compileRegex(source, flags)
  } catch (cause) {
    if (!(cause instanceof CommandError) || cause.code === 51108) throw cause
    throw new CommandError(51111, `Invalid Regex in ${name}: ${cause.message}`, { cause })
  }
}

/** An empty match at the very end of a text does not count. */
function everyMatch(text: string, regex: RegExp): RegExpExecArray[] {
  const matches = [...text.matchAll(new RegExp(regex.source, `${regex.flags}g`))]
  return matches.filter(match => match[0] !== '' || match.index < text.length || text === '')
}

function found(text: string, match: RegExpExecArray | null): Value {
  if (!match) return null
  let idx = 0
  for (const _ of text.slice(0, match.index)) idx++
  return new Map<string, Value>([
    ['match', match[0]],
    ['idx', int32(idx)],
    ['captures', match.slice(1).map(capture => capture ?? null)],
  ])
}
