// Compares strings by the rules of a language, as a collation asks for.
import { type Document, int32, type Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isNumber, truncated } from './numbers.ts'

export interface Collation {
  compare(a: string, b: string): number
  /** equal for strings that compare as equal; its order means nothing */
  key(text: string): string
  /** the full specification, with all defaults filled in */
  readonly spec: Document
}

/** Builds the collation of a specification; undefined for none and for `simple`, which are by bytes. */
export function collationOf(spec: Document | undefined): Collation | undefined {
  if (spec === undefined || spec.size === 0) return undefined
  const options = optionsOf(spec)
  if (options.locale === 'simple') return simple(spec)
  refuseUnsupported(options)
  const compare = comparison(options)
  return { compare, key: keys(compare, options), spec: fullSpec(options) }
}

interface Options {
  readonly locale: string
  readonly caseLevel: boolean
  readonly caseFirst: 'off' | 'upper' | 'lower'
  readonly strength: number
  readonly numericOrdering: boolean
  readonly alternate: 'non-ignorable' | 'shifted'
  readonly maxVariable: 'punct' | 'space'
  readonly normalization: boolean
  readonly backwards: boolean
}

const FIELDS = new Set([
  'locale',
  'caseLevel',
  'caseFirst',
  'strength',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'normalization',
  'backwards',
  'version',
])

function simple(spec: Document): undefined {
  if (spec.size > 1) throw new CommandError('BadValue', "If locale is 'simple' no other fields may be given")
  return undefined
}

function optionsOf(spec: Document): Options {
  for (const name of spec.keys())
    if (!FIELDS.has(name)) throw new CommandError(40415, `BSON field 'collation.${name}' is an unknown field.`)
  const locale = spec.get('locale')
  if (locale === undefined)
    throw new CommandError(40414, "BSON field 'collation.locale' is missing but a required field")
  if (typeof locale !== 'string') throw wrongType('locale', 'string')
  return {
    locale,
    caseLevel: flag(spec, 'caseLevel'),
    caseFirst: choice(spec, 'caseFirst', ['off', 'upper', 'lower']),
    strength: strength(spec.get('strength')),
    numericOrdering: flag(spec, 'numericOrdering'),
    alternate: choice(spec, 'alternate', ['non-ignorable', 'shifted']),
    maxVariable: choice(spec, 'maxVariable', ['punct', 'space']),
    normalization: flag(spec, 'normalization'),
    backwards: flag(spec, 'backwards'),
  }
}

function wrongType(field: string, wanted: string): CommandError {
  return new CommandError(
    'TypeMismatch',
    `BSON field 'collation.${field}' is the wrong type, expected type '${wanted}'`,
  )
}

function flag(spec: Document, field: string): boolean {
  const value = spec.get(field)
  if (value === undefined) return false
  if (typeof value === 'boolean') return value
  throw wrongType(field, 'bool')
}

function choice<Choice extends string>(spec: Document, field: string, choices: readonly [Choice, ...Choice[]]): Choice {
  const value = spec.get(field)
  if (value === undefined) return choices[0]
  if (typeof value !== 'string') throw wrongType(field, 'string')
  const chosen = choices.find(name => name === value)
  if (chosen === undefined)
    throw new CommandError(
      'BadValue',
      `Enumeration value '${value}' for field 'collation.${field}' is not a valid value.`,
    )
  return chosen
}

function strength(value: Value | undefined): number {
  if (value === undefined) return 3
  const level = isNumber(value) ? truncated(value) : undefined
  if (level === undefined) throw wrongType('strength', 'int')
  if (level < 0n) throw new CommandError(51024, `BSON field 'strength' value must be >= 0, actual value '${level}'`)
  if (level > 5n) throw new CommandError(51024, `BSON field 'strength' value must be <= 5, actual value '${level}'`)
  if (level === 0n)
    throw new CommandError('BadValue', "Enumeration value '0' for field 'collation.strength' is not a valid value.")
  return Number(level)
}

/** What the platform's collator has no setting for is refused, never compared in another way. */
function refuseUnsupported(options: Options): void {
  if (options.alternate === 'shifted' && options.maxVariable === 'space')
    throw new CommandError(
      'NotImplemented',
      "collation option maxVariable: 'space' is not supported by the embedded database",
    )
}

/** ICU names such as `de_AT@collation=phonebook` become language tags. */
function languageTag(locale: string): string {
  const [name = '', keyword] = locale.split('@collation=')
  const variants: Record<string, string> = { phonebook: 'phonebk', traditional: 'trad', gb2312han: 'gb2312' }
  const tag = name.replaceAll('_', '-')
  const full = keyword === undefined ? tag : `${tag}-u-co-${variants[keyword] ?? keyword}`
  try {
    const isCanonical = Intl.getCanonicalLocales(tag)[0] === tag
    if (isCanonical && Intl.Collator.supportedLocalesOf(full).length > 0) return full
  } catch {
    // not even the form of a language tag: the same answer as for an unknown language
  }
  throw new CommandError('BadValue', `Field 'locale' is invalid in: { locale: "${locale}" }`)
}

function sensitivityOf({ strength, caseLevel }: Options): 'base' | 'accent' | 'case' | 'variant' {
  if (strength === 1) return caseLevel ? 'case' : 'base'
  if (strength === 2) return caseLevel ? 'variant' : 'accent'
  return 'variant'
}

function comparison(options: Options): Compare {
  const settings: Intl.CollatorOptions = {
    usage: 'sort',
    sensitivity: sensitivityOf(options),
    numeric: options.numericOrdering,
    caseFirst: options.caseFirst === 'off' ? 'false' : options.caseFirst,
    ignorePunctuation: options.alternate === 'shifted',
  }
  const tag = languageTag(options.locale)
  const whole = new Intl.Collator(tag, settings).compare
  const first = options.backwards && options.strength > 1 ? backwards(tag, settings, whole) : whole
  if (options.strength < 4) return first
  const second = new Intl.Collator(tag, { ...settings, ignorePunctuation: false }).compare
  const last = options.strength === 5 ? compareIdentical : () => 0
  return (a, b) => first(a, b) || second(a, b) || last(a, b)
}

type Compare = (a: string, b: string) => number

/** Accents count from the end of the text, once the letters are the same. */
function backwards(tag: string, settings: Intl.CollatorOptions, whole: Compare): Compare {
  const letters = new Intl.Collator(tag, { ...settings, sensitivity: 'base' }).compare
  const accents = new Intl.Collator(tag, { ...settings, sensitivity: 'accent' }).compare
  return (a, b) => letters(a, b) || compareFromEnd(a, b, accents) || whole(a, b)
}

function compareFromEnd(a: string, b: string, compare: Compare): number {
  const left = charactersOf(a)
  const right = charactersOf(b)
  if (left.length !== right.length) return 0
  for (let index = left.length - 1; index >= 0; index--) {
    const order = compare(left[index]!, right[index]!)
    if (order !== 0) return order
  }
  return 0
}

/** Splits text into letters with their accents. */
function charactersOf(text: string): readonly string[] {
  return text.normalize('NFD').match(/\P{M}\p{M}*|\p{M}+/gsu) ?? []
}

function compareIdentical(a: string, b: string): number {
  const left = a.normalize('NFD')
  const right = b.normalize('NFD')
  return left < right ? -1 : left > right ? 1 : 0
}

/** A key is the text with each character replaced by the plainest one that compares as equal. */
function keys(compare: Compare, options: Options): (text: string) => string {
  const plainest = new Map<string, string>()
  const plain = (character: string): string => {
    let found = plainest.get(character)
    if (found === undefined) {
      found = candidates(character).find(candidate => compare(candidate, character) === 0) ?? character
      plainest.set(character, found)
    }
    return found
  }
  return text => {
    const key = charactersOf(text).map(plain).join('')
    return options.numericOrdering ? key.replace(/0+(?=\d)/g, '') : key
  }
}

const LIGATURES: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
  ð: 'd',
}

function candidates(character: string): readonly string[] {
  const compatible = character.normalize('NFKD')
  const base = compatible.replace(/\p{M}/gu, '')
  const ligature = LIGATURES[base.toLowerCase()]
  return ['', ...(ligature === undefined ? [] : [ligature]), folded(base), base, folded(character), compatible]
}

/** Folds case by way of capitals, which makes ß the same as ss. */
function folded(text: string): string {
  return text.toUpperCase().toLowerCase()
}

function fullSpec(options: Options): Document {
  return new Map<string, Value>([
    ['locale', options.locale],
    ['caseLevel', options.caseLevel],
    ['caseFirst', options.caseFirst],
    ['strength', int32(options.strength)],
    ['numericOrdering', options.numericOrdering],
    ['alternate', options.alternate],
    ['maxVariable', options.maxVariable],
    ['normalization', options.normalization],
    ['backwards', options.backwards],
    ['version', '57.1'],
  ])
}
