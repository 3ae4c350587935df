// The entries of a session as a maintenance script for `goose run`.
import type { LoadedModel } from '../models.ts'
import { type Entry, savedEntries } from './saved-entries.ts'
import { typeNames } from './scope.ts'

/** What a saved script says beside its entries. */
export interface SavedScript {
  readonly name: string
  readonly reason?: string | undefined
  /** What the file that prepares sessions exports, and how the script imports it. */
  readonly rc?: { readonly from: string; readonly names: readonly string[] } | undefined
}

/** Writes entries as a script: one job, each entry in the order it was typed, awaited where the console awaited it. */
export function scriptOf(entries: readonly Entry[], models: readonly LoadedModel[], about: SavedScript): string {
  const { name, reason, rc } = about
  const body = entries.map(entry => entry.code).join('\n')
  const used = (names: readonly string[]) =>
    names.filter(word => new RegExp(`(?<![\\w$.])${word}(?![\\w$])`).test(body))
  const saved = savedEntries(entries, { keepsLast: used(['_']).length > 0 })
  const isGiven = (word: string) => !saved.declared.has(word)
  const imports = ['defineJob', ...(used(['db']).length > 0 ? ['connection'] : []), ...used(given)].filter(isGiven)
  const types = used(typeNames).filter(isGiven)
  const own = used(Object.keys(words)).filter(isGiven)
  const ours = used(models.map(model => model.name)).filter(isGiven)
  const prepared = used(rc?.names ?? []).filter(isGiven)
  const lines = [
    ...(ours.length > 0 ? [`const { ${ours.join(', ')} } = models`] : []),
    ...(imports.includes('connection') ? ['const { db } = connection()'] : []),
    ...(types.length > 0 ? [callable, ...types.map(type => `const ${type} = callable(bson.${type})`)] : []),
    ...own.map(word => `const ${word} = ${words[word]}`),
    ...saved.statements,
  ]
  return [
    `// ${reason ? oneLine(reason) : 'Saved from a session of goose repl.'}`,
    `import { ${imports.sort().join(', ')} } from 'goose-odm'`,
    ...(types.length + own.length > 0 ? ["import * as bson from 'mongodb'"] : []),
    ...(rc && prepared.length > 0 ? [`import { ${prepared.join(', ')} } from '${rc.from}'`] : []),
    ...saved.imports,
    '',
    'export default defineJob({',
    `  name: '${name.replaceAll(/[^\w.:-]/g, '-')}',`,
    '  async run({ models }) {',
    ...indented(lines),
    '  },',
    '})',
    '',
  ].join('\n')
}

// Text over several lines stays as it is: its lines are part of it.
function indented(lines: readonly string[]): readonly string[] {
  return lines.flatMap(line =>
    line.includes('`') ? [`    ${line}`] : line.split('\n').map(part => `    ${part}`.trimEnd()),
  )
}

// Names of the console that goose-odm gives to scripts too.
const given = ['transaction', 'outside', 'connect']

const callable =
  'const callable = (type: any): any => new Proxy(type, { apply: (_, __, given) => Reflect.construct(type, given) })'

const words: Readonly<Record<string, string>> = {
  ISODate: '(text?: string) => (text === undefined ? new Date() : new Date(text))',
  NumberInt: '(value: number | string) => new bson.Int32(value)',
  NumberLong: '(value: number | string) => bson.Long.fromString(String(value))',
  NumberDecimal: '(value: number | string) => bson.Decimal128.fromString(String(value))',
  BinData: '(subtype: number, base64: string) => bson.Binary.createFromBase64(base64, subtype)',
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
