// Compares the indexes that a model declares with those that are there, by structure and never by name.
import { BSON } from 'mongodb'
import type { IndexDeclaration } from './index-declaration.ts'

/** An index as the server lists it. */
export interface StoredIndex {
  readonly name: string
  readonly key: Readonly<Record<string, unknown>>
  readonly [option: string]: unknown
}

/** A declared index whose keys are there with other options. */
export interface IndexChange {
  readonly declared: IndexDeclaration
  readonly existing: StoredIndex
  /** The options that differ. */
  readonly differs: readonly string[]
}

/** What would be done to the indexes of a collection, before anything is done. */
export interface IndexPlan {
  readonly create: readonly IndexDeclaration[]
  readonly change: readonly IndexChange[]
  /** There, and declared by nobody: kept unless one asks to drop them. */
  readonly extra: readonly StoredIndex[]
  readonly same: readonly StoredIndex[]
}

/** Plans how the indexes that are there become the declared ones. */
export function planIndexes(declared: readonly IndexDeclaration[], existing: readonly StoredIndex[]): IndexPlan {
  const left = new Set(existing.filter(index => index.name !== '_id_'))
  const same: StoredIndex[] = []
  const open = unique(declared).filter(index => {
    const found = [...left].find(candidate => hasKeysOf(index, candidate) && differences(index, candidate).length === 0)
    if (!found) return true
    left.delete(found)
    same.push(found)
    return false
  })
  const change: IndexChange[] = []
  const create = open.filter(index => {
    const found = [...left].find(candidate => hasKeysOf(index, candidate))
    if (!found) return true
    left.delete(found)
    change.push({ declared: index, existing: found, differs: differences(index, found) })
    return false
  })
  return { create, change, extra: [...left], same }
}

/** Gives the name an index is created under: its own or that of its keys, with a number when it is taken. */
export function indexName(index: IndexDeclaration, taken: ReadonlySet<string>): string {
  const name = index.name ?? Object.entries(index.key).flat().join('_')
  for (let count = 2, candidate = name; ; count++) {
    if (!taken.has(candidate)) return candidate
    candidate = `${name}_${count}`
  }
}

function unique(declared: readonly IndexDeclaration[]): readonly IndexDeclaration[] {
  return [...new Map(declared.map(index => [canonical({ ...index, key: keysOf(index), name: '' }), index])).values()]
}

function hasKeysOf(index: IndexDeclaration, stored: StoredIndex): boolean {
  return canonicalKeys(keysOf(index)) === canonicalKeys(keysOf(stored))
}

type Keys = readonly (readonly [path: string, direction: unknown])[]

// A text index is listed with the keys _fts and _ftsx and its paths in the weights.
function keysOf(index: { readonly key: Readonly<Record<string, unknown>>; readonly weights?: unknown }): Keys {
  const keys = Object.entries(index.key)
  const texts = keys.filter(([, direction]) => direction === 'text').map(([path]) => path)
  if (texts.length === 0) return keys.map(([path, direction]) => [path, direction])
  const paths = texts[0] === '_fts' ? Object.keys((index.weights ?? {}) as object) : texts
  const at = keys.findIndex(([, direction]) => direction === 'text')
  const others = (part: Keys) => part.filter(([path, direction]) => direction !== 'text' && path !== '_ftsx')
  return [...others(keys.slice(0, at)), [[...paths].sort().join(' '), 'text'], ...others(keys.slice(at))]
}

function canonicalKeys(keys: Keys): string {
  return JSON.stringify(keys.map(([path, way]) => [path, typeof way === 'string' ? way : Number(way)]))
}

const options = ['unique', 'sparse', 'expireAfterSeconds', 'partialFilterExpression', 'wildcardProjection'] as const

function differences(index: IndexDeclaration, stored: StoredIndex): string[] {
  const found: string[] = options.filter(name => canonical(index[name]) !== canonical(stored[name]))
  if (!hasWeightsOf(index, stored)) found.push('weights')
  if (!isCollation(index.collation, stored.collation as IndexDeclaration['collation'])) found.push('collation')
  if ((index.default_language ?? 'english') !== (stored.default_language ?? 'english')) found.push('default_language')
  return found
}

function hasWeightsOf(index: IndexDeclaration, stored: StoredIndex): boolean {
  if (!Object.values(index.key).includes('text')) return true
  const weights = stored.weights as Readonly<Record<string, unknown>> | undefined
  return Object.entries(weights ?? {}).every(([path, weight]) => Number(weight) === (index.weights?.[path] ?? 1))
}

// The server lists every option of a collation, with the defaults of its locale: only the declared ones count.
function isCollation(declared: IndexDeclaration['collation'], stored: IndexDeclaration['collation']): boolean {
  const [own, there] = [declared?.locale === 'simple' ? undefined : declared, stored]
  if (!own || !there) return !own && (!there || there.locale === 'simple')
  return Object.entries(own).every(([name, value]) => canonical(there[name]) === canonical(value))
}

/** Writes a value so that equal ones are equal text: keys sorted, numbers by value, absent and false alike. */
function canonical(value: unknown): string {
  if (value === undefined || value === false || value === null) return ''
  return JSON.stringify(sorted(BSON.EJSON.serialize({ v: value }, { relaxed: true }).v))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, sorted(item)] as const)
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}
