// A model told from a database, as the file one would have written for it.
import type { IndexDeclaration } from '../models/index-declaration.ts'
import type { InferredModel } from '../operations/inference.ts'
import type { FieldType, InferredField, PlainKind } from '../operations/inference-field.ts'
import type { InferredPlugin } from '../operations/inference-plugins.ts'
import { around, braced, comment, type Item, listed, named, quoted, type Source, textOf } from './source-text.ts'

/** A model that others refer to: its class, and the file to import it from. */
export interface ModelPlace {
  readonly name: string
  readonly from: string
}

/** Writes the file of a model; `places` says what its references mean. */
export function modelSource(model: InferredModel, places: ReadonlyMap<string, ModelPlace>): string {
  const used = new Used(places)
  const fields = braced(
    '{',
    model.fields.map(field => itemOf(field, used)),
    '}',
  )
  const options = optionsOf(model, used)
  const head = `export class ${model.name} extends model(`
  const body = options
    ? [head, `  ${quoted(model.name)},`, `  ${expanded(fields, '  ')},`, `  ${textOf(options, '  ', 3)},`, ') {}']
    : [`${head}${quoted(model.name)}, ${expanded(fields, '')}) {}`]
  const notes = model.notes.flatMap(note => comment(sentence(note)))
  return `${[...used.imports(model.name), '', ...notes, ...body].join('\n')}\n`
}

function sentence(note: string): string {
  return note.charAt(0).toUpperCase() + note.slice(1)
}

// The fields of a model stand one to a line, however few.
function expanded(fields: Source, indent: string): string {
  if (typeof fields === 'string' || fields.items.length === 0) return '{}'
  const deeper = `${indent}  `
  const lines = fields.items.flatMap(({ notes, source }) => [
    ...notes.flatMap(note => comment(note, deeper)),
    `${deeper}${textOf(source, deeper, deeper.length + 1)},`,
  ])
  return ['{', ...lines, `${indent}}`].join('\n')
}

/** What a file imports, noted as it is written. */
class Used {
  readonly #library = new Set(['model'])
  readonly #models = new Map<string, string>()
  readonly #places: ReadonlyMap<string, ModelPlace>

  constructor(places: ReadonlyMap<string, ModelPlace>) {
    this.#places = places
  }

  library(name: string): string {
    this.#library.add(name)
    return name
  }

  model(collection: string): string | undefined {
    const place = this.#places.get(collection)
    if (place) this.#models.set(place.name, place.from)
    return place?.name
  }

  imports(own: string): readonly string[] {
    const models = [...this.#models]
      .filter(([name]) => name !== own)
      .sort(([, one], [, other]) => (one < other ? -1 : 1))
    const names = [...this.#library].sort((one, other) => one.localeCompare(other))
    return [
      `import { ${names.join(', ')} } from 'goose-odm'`,
      ...models.map(([name, from]) => `import { ${name} } from ${quoted(from)}`),
    ]
  }
}

function itemOf({ name, type, optional, nullable, isSecret, notes }: InferredField, used: Used): Item {
  const isOpen = type.kind === 'unknown'
  const ending =
    optional && nullable ? '.nullish()' : optional ? '.optional()' : nullable && !isOpen ? '.nullable()' : ''
  const source = typeSource(type, used)
  const hidden = isSecret ? around(`${used.library('secret')}(`, source, ')') : source
  return { notes, source: around(`${property(name)}: `, hidden, ending) }
}

// Written plainly, this name would set what the object is made from.
function property(name: string): string {
  return name === '__proto__' ? "['__proto__']" : named(name)
}

const calls: Readonly<Record<PlainKind, string>> = {
  string: 'z.string()',
  email: 'z.email()',
  url: 'z.url()',
  boolean: 'z.boolean()',
  date: 'z.date()',
  int: 'z.int()',
  number: 'z.number()',
  nan: 'z.nan()',
  long: 'long()',
  decimal: 'decimal()',
  objectId: 'objectId()',
  uuid: 'uuid()',
  binary: 'binary()',
  unknown: 'z.unknown()',
}

function typeSource(type: FieldType, used: Used): Source {
  const z = (text: string) => `${used.library('z')}${text}`
  if (type.kind === 'ref') return refSource(type, used)
  if (type.kind === 'enum') return listed(z('.enum(['), type.values.map(quoted), '])')
  if (type.kind === 'literal')
    return type.values.length === 1
      ? z(`.literal(${quoted(type.values[0]!)})`)
      : listed(z('.literal(['), type.values.map(quoted), '])')
  if (type.kind === 'array') return listed(z('.array('), [typeSource(type.of, used)], ')')
  if (type.kind === 'record') return listed(z('.record('), ['z.string()', typeSource(type.of, used)], ')')
  if (type.kind === 'nullable')
    return around('', typeSource(type.of, used), type.of.kind === 'unknown' ? '' : '.nullable()')
  if (type.kind === 'tuple' || type.kind === 'union')
    return listed(
      z(`.${type.kind}([`),
      type.of.map(inner => typeSource(inner, used)),
      '])',
    )
  if (type.kind === 'object' || type.kind === 'loose')
    return braced(
      z(type.kind === 'loose' ? '.looseObject({' : '.object({'),
      type.fields.map(field => itemOf(field, used)),
      '})',
    )
  const call = calls[type.kind]
  used.library(/^\w+/.exec(call)![0])
  return call
}

function refSource({ collection, by }: Extract<FieldType, { kind: 'ref' }>, used: Used): Source {
  const target = used.model(collection)
  if (target === undefined) return `${used.library('objectId')}()`
  const options = by === '_id' ? '' : `, { by: ${quoted(by)} }`
  return `${used.library('ref')}(() => ${target}${options})`
}

function optionsOf(model: InferredModel, used: Used): Source | undefined {
  const items: Item[] = [
    ...(model.isNamed ? [plain(`collection: ${quoted(model.collection)}`)] : []),
    ...(model.isStrict ? [plain('strict: true')] : []),
    ...(model.plugins.length > 0
      ? [
          plain(
            listed(
              'plugins: [',
              model.plugins.map(plugin => pluginSource(plugin, used)),
              ']',
            ),
          ),
        ]
      : []),
    ...(model.indexes.length > 0
      ? [
          plain(
            listed(
              'indexes: [',
              model.indexes.map(index => indexSource(index, used)),
              ']',
            ),
          ),
        ]
      : []),
  ]
  return items.length > 0 ? braced('{', items, '}') : undefined
}

function plain(source: Source): Item {
  return { notes: [], source }
}

function pluginSource({ name, field }: InferredPlugin, used: Used): Source {
  return `${used.library(name)}(${field === undefined ? '' : `{ field: ${quoted(field)} }`})`
}

function indexSource(index: IndexDeclaration, used: Used): Source {
  return valueSource(index, used)
}

/** Writes a value of an index: plain data, and what a partial filter may compare with. */
function valueSource(value: unknown, used: Used): Source {
  if (typeof value === 'string') return quoted(value)
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value instanceof Date) return `new Date(${quoted(value.toISOString())})`
  if (Array.isArray(value))
    return listed(
      '[',
      value.map(item => valueSource(item, used)),
      ']',
    )
  const bson = (value as { readonly _bsontype?: string })._bsontype
  if (bson === 'ObjectId' || bson === 'Decimal128' || bson === 'Long' || bson === 'UUID' || bson === 'Binary')
    return bsonSource(bson, value as never, used)
  const items = Object.entries(value as object).map(([name, item]) =>
    plain(around(`${property(name)}: `, valueSource(item, used), '')),
  )
  return braced('{', items, '}')
}

function bsonSource(
  name: string,
  value: { toString(): string; toString(encoding: 'hex'): string },
  used: Used,
): Source {
  const text = quoted(name === 'Binary' ? value.toString('hex') : value.toString())
  used.library(name)
  if (name === 'ObjectId' || name === 'UUID') return `new ${name}(${text})`
  if (name === 'Binary') return `${name}.createFromHexString(${text})`
  return `${name}.fromString(${text})`
}
