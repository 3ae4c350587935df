// What stands ready by name in the console: models, the database, and the words of its filters.
import { inspect } from 'node:util'
import { Binary, Decimal128, Double, Int32, Long, MaxKey, MinKey, ObjectId, Timestamp, UUID } from 'mongodb'
import { connect } from '../../runtime/connection.ts'
import { outside, transaction } from '../../runtime/transaction.ts'
import type { LoadedModel } from '../models.ts'
import { boundDatabase } from './bound-database.ts'
import { modelText } from './outcome.ts'
import type { Session } from './session.ts'

const ofLanguage =
  /^(Array|Object|Map|Set|Weak|Date|Error|Function|Number|String|Boolean|Symbol|Promise|Proxy|RegExp|BigInt|\w*Error|\w*Array|\w*Buffer|URL|Iterator|DataView)/

/** The names that JavaScript itself needs: a model of such a name is reached as `models.Map`. */
const taken = new Set(Object.getOwnPropertyNames(globalThis).filter(name => /^[A-Z]/.test(name) && isLanguage(name)))

/** Gives the names and values of the console. */
export function scopeOf(session: Session, models: readonly LoadedModel[]): ReadonlyMap<string, unknown> {
  const byName = Object.fromEntries(models.map(({ name, model }) => [name, model]))
  const list = models.map(({ description }) => modelText(description)).join('\n')
  Object.defineProperty(byName, inspect.custom, { value: () => list })
  return new Map<string, unknown>([
    ...Object.entries({ ...words, connect: connectBeside, transaction, outside }),
    ...Object.entries({ db: boundDatabase(session.connection.db), models: byName }),
    ...Object.entries(byName).filter(([name]) => !taken.has(name)),
  ])
}

/** Gives the models that are hidden by names of the language. */
export function hiddenModels(models: readonly LoadedModel[]): readonly string[] {
  return models.map(model => model.name).filter(name => taken.has(name))
}

/** Lets a class be called without `new`, as people of other shells write it. */
function callable<T extends new (...given: never[]) => object>(type: T): T {
  return new Proxy(type, { apply: (_, __, given) => Reflect.construct(type, given) })
}

const types = { ObjectId, UUID, Binary, Decimal128, Double, Int32, Long, MinKey, MaxKey, Timestamp }

/** The names of BSON types in the console. */
export const typeNames = Object.keys(types)

const words = {
  ...Object.fromEntries(Object.entries(types).map(([name, type]) => [name, callable(type as never)])),
  BinData: (subtype: number, base64: string) => Binary.createFromBase64(base64, subtype),
  ISODate: (text?: string) => (text === undefined ? new Date() : new Date(text)),
  NumberInt: (value: number | string) => new Int32(value),
  NumberLong: (value: number | string) => Long.fromString(String(value)),
  NumberDecimal: (value: number | string) => Decimal128.fromString(String(value)),
}

/** The names of functions of the console that make values. */
export const wordNames = Object.keys(words)

// Beside the connection of the session, not instead of it.
const connectBeside: typeof connect = (uri, options = {}) =>
  connect(uri, { ...options, alias: options.alias ?? 'other' })

// Only names of the language are looked at: to read one of Node's own, such as WebSocket, loads what is behind it.
function isLanguage(name: string): boolean {
  return ofLanguage.test(name) && typeof (globalThis as Record<string, unknown>)[name] === 'function'
}
