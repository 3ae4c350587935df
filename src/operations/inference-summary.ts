// What values of one place have in common: their types, how often, and what lies in objects and lists.
import { type Binary, BSON, Double, type Int32, type Long, ObjectId } from 'mongodb'

/** The types that are told apart. */
export type StoredType =
  | 'string'
  | 'int'
  | 'double'
  | 'long'
  | 'decimal'
  | 'bool'
  | 'date'
  | 'objectId'
  | 'uuid'
  | 'binData'
  | 'object'
  | 'array'
  | 'null'
  | 'undefined'
  | 'other'

/** How many different texts are kept to tell whether a field has a few that repeat. */
const mostTexts = 40
/** How many different keys are kept to look for what they refer to. */
const mostKeys = 100
/** How many names of an object are kept apart; what comes later is put together. */
const mostNames = 1000
const mostDepth = 20

/** All values seen at one place. */
export class Summary {
  count = 0
  readonly types = new Map<StoredType, number>()
  /** Texts and how often each was seen; undefined once there are too many. */
  texts: Map<string, number> | undefined = new Map()
  longest = 0
  isEmail = true
  isLink = true
  /** Whether every double is a whole number beyond 32 bits, as JavaScript stores large integers. */
  isLargeWhole = true
  isSafe = true
  hasNaN = false
  hasInfinity = false
  /** Names of types that models have no field for. */
  readonly others = new Set<string>()
  /** Different values that may refer to something, by their text. */
  readonly keys = new Map<string, unknown>()
  readonly fields = new Map<string, Summary>()
  /** Values of names beyond those kept apart. */
  rest: Summary | undefined
  restNames = 0
  element: Summary | undefined
  readonly lengths = new Set<number>()

  add(value: unknown, depth = 0): void {
    const type = depth > mostDepth ? 'other' : typeOf(value)
    this.count += 1
    this.types.set(type, (this.types.get(type) ?? 0) + 1)
    if (type === 'string') this.#addText(value as string)
    else if (type === 'double') this.#addDouble((value as Double).value)
    else if (type === 'long') this.isSafe &&= Number.isSafeInteger((value as Long).toNumber())
    else if (type === 'object') this.#addObject(value as object, depth)
    else if (type === 'array') this.#addList(value as readonly unknown[], depth)
    else if (type === 'other') this.others.add(nameOf(value))
    if (type === 'int' || type === 'long' || type === 'uuid' || type === 'objectId') this.#addKey(String(value), value)
  }

  /** Takes over what another place has, for objects whose names are data. */
  merge(other: Summary): void {
    this.count += other.count
    for (const [type, count] of other.types) this.types.set(type, (this.types.get(type) ?? 0) + count)
    if (other.texts) for (const [text, count] of other.texts) this.#countText(text, count)
    else this.texts = undefined
    this.longest = Math.max(this.longest, other.longest)
    for (const flag of ['isEmail', 'isLink', 'isLargeWhole', 'isSafe'] as const) this[flag] &&= other[flag]
    for (const flag of ['hasNaN', 'hasInfinity'] as const) this[flag] ||= other[flag]
    for (const name of other.others) this.others.add(name)
    for (const [text, key] of other.keys) this.#addKey(text, key)
    for (const [name, inner] of other.fields) this.#named(name).merge(inner)
    if (other.element) this.#elements().merge(other.element)
    for (const length of other.lengths) this.lengths.add(length)
  }

  has(...types: readonly StoredType[]): boolean {
    return types.some(type => this.types.has(type))
  }

  countOf(...types: readonly StoredType[]): number {
    return types.reduce((sum, type) => sum + (this.types.get(type) ?? 0), 0)
  }

  #addText(text: string): void {
    this.longest = Math.max(this.longest, text.length)
    this.isEmail &&= /^[A-Za-z0-9_+'-]+(\.[A-Za-z0-9_+'-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/.test(text)
    this.isLink &&= /^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text)
    this.#countText(text, 1)
    if (text.length <= 200) this.#addKey(text, text)
  }

  #countText(text: string, count: number): void {
    if (!this.texts) return
    this.texts.set(text, (this.texts.get(text) ?? 0) + count)
    if (this.texts.size > mostTexts) this.texts = undefined
  }

  #addDouble(value: number): void {
    this.hasNaN ||= Number.isNaN(value)
    this.hasInfinity ||= Math.abs(value) === Number.POSITIVE_INFINITY
    this.isLargeWhole &&= Number.isSafeInteger(value) && (value > 0x7fffffff || value < -0x80000000)
  }

  #addKey(text: string, key: unknown): void {
    if (this.keys.size < mostKeys) this.keys.set(text, key)
  }

  #addObject(value: object, depth: number): void {
    for (const [name, item] of Object.entries(value)) this.#named(name).add(item, depth + 1)
  }

  #addList(value: readonly unknown[], depth: number): void {
    if (this.lengths.size < 5) this.lengths.add(value.length)
    for (const item of value) this.#elements().add(item, depth + 1)
  }

  #elements(): Summary {
    this.element ??= new Summary()
    return this.element
  }

  #named(name: string): Summary {
    const there = this.fields.get(name)
    if (there) return there
    const made = new Summary()
    if (this.fields.size < mostNames) {
      this.fields.set(name, made)
      return made
    }
    this.restNames += 1
    this.rest ??= made
    return this.rest
  }
}

/** Reads stored bytes with all types told apart. */
export function exactly(bytes: Uint8Array): object {
  return BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true })
}

const bsonTypes: Readonly<Record<string, StoredType>> = {
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
  ObjectId: 'objectId',
}

function typeOf(value: unknown): StoredType {
  if (value === null) return 'null'
  if (typeof value === 'string') return 'string'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value !== 'object') return value === undefined ? 'undefined' : 'other'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'other' : 'date'
  // A document may have a field of this name itself: then it is the name of no type.
  const bson = Object.hasOwn(value, '_bsontype') ? undefined : (value as { readonly _bsontype?: string })._bsontype
  if (bson === undefined) return 'object'
  if (bson === 'Binary')
    return (value as Binary).sub_type === 4 && (value as Binary).position === 16 ? 'uuid' : 'binData'
  return bsonTypes[bson] ?? 'other'
}

function nameOf(value: unknown): string {
  if (value instanceof Date) return 'a date beyond those of JavaScript'
  const bson = (value as { readonly _bsontype?: string })?._bsontype
  return bson === undefined ? 'a value too deep inside others' : `a ${bson}`
}

/** A key as it is asked for: ids as they are, numbers as numbers. */
export function askable(key: unknown): unknown {
  if (key instanceof ObjectId || typeof key === 'string' || key instanceof Double) return key
  const value = (key as Int32 | undefined)?.valueOf?.()
  return typeof value === 'number' ? value : key
}
