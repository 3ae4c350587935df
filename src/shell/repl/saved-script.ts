// The entries of a session as a maintenance script for `goose run`.
import { Script } from 'node:vm'
import type { LoadedModel } from '../models.ts'
import { typeNames } from './scope.ts'

/** An entry that was typed: a result that was only looked at by the page is told apart. */
export interface Entry {
  readonly code: string
  readonly kind: 'value' | 'pages'
}

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
  const keeps = used(['_']).length > 0
  const imports = ['defineJob', ...(used(['db']).length > 0 ? ['connection'] : []), ...used(given)]
  const types = used(typeNames)
  const own = used(Object.keys(words))
  const ours = used(models.map(model => model.name))
  const prepared = used(rc?.names ?? [])
  const lines = [
    ...(ours.length > 0 ? [`const { ${ours.join(', ')} } = models`] : []),
    ...(imports.includes('connection') ? ['const { db } = connection()'] : []),
    ...(types.length > 0 ? [callable, ...types.map(type => `const ${type} = callable(bson.${type})`)] : []),
    ...own.map(word => `const ${word} = ${words[word]}`),
    ...[...(keeps ? ['_'] : []), ...assigned(entries)].map(variable => `let ${variable}`),
    ...entries.flatMap(entry => statement(entry, keeps)),
  ]
  return [
    `// ${reason ? oneLine(reason) : 'Saved from a session of goose repl.'}`,
    `import { ${imports.sort().join(', ')} } from 'goose-odm'`,
    ...(types.length + own.length > 0 ? ["import * as bson from 'mongodb'"] : []),
    ...(rc && prepared.length > 0 ? [`import { ${prepared.join(', ')} } from '${rc.from}'`] : []),
    '',
    'export default defineJob({',
    `  name: '${name.replaceAll(/[^\w.:-]/g, '-')}',`,
    '  async run({ models }) {',
    ...lines.flatMap(line => line.split('\n')).map(line => `    ${line}`.trimEnd()),
    '  },',
    '})',
    '',
  ].join('\n')
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

/** Gives an entry as a statement: what was only shown is a comment, the value of the rest is awaited. */
function statement({ code, kind }: Entry, keeps: boolean): readonly string[] {
  const text = code.trim().replace(/;+$/, '')
  if (kind === 'pages')
    return text.split('\n').map((line, at) => (at === 0 ? `// shown: ${line}` : `//        ${line}`))
  const { head, last } = parted(text)
  if (last === undefined) return [text]
  const value = /^await\b/.test(last) ? last : /^[\w$.]+\([\s\S]*\)$/.test(last) ? `await ${last}` : `await (${last})`
  return [...(head === '' ? [] : [head]), keeps ? `_ = ${value}` : value]
}

// The console awaits the last expression of an entry; a script must say so.
function parted(text: string): { readonly head: string; readonly last?: string } {
  if (isExpression(text)) return { head: '', last: text }
  for (let at = text.length - 1; at > 0; at--) {
    if (text[at] !== ';' && text[at] !== '\n') continue
    const [head, last] = [text.slice(0, at), text.slice(at + 1).trim()]
    if (last !== '' && isExpression(last) && compiles(`(async () => {${head}\n})`)) return { head, last }
  }
  return { head: text }
}

function isExpression(text: string): boolean {
  return compiles(`(async () => (${text}\n))`)
}

function compiles(text: string): boolean {
  try {
    return new Script(text) !== undefined
  } catch {
    return false
  }
}

/** Gives the names that entries assign to without declaring them, as the console allows. */
function assigned(entries: readonly Entry[]): readonly string[] {
  const body = entries.map(({ code }) => code).join('\n')
  const names = entries.flatMap(({ code }) => /^\s*([A-Za-z$][\w$]*)\s*=(?![=>])/.exec(code)?.[1] ?? [])
  return [...new Set(names)].filter(name => !new RegExp(`\\b(const|let|var|class)\\s+${name}\\b`).test(body))
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
