// Data as YAML 1.2 that every reader takes back as the same JSON data.
import { escapeJson } from './escape.ts'
import { jsonValue } from './json.ts'

/** Writes a value as the lines of one YAML document. */
export function yamlText(value: unknown): string {
  return nodeText(jsonValue(value) ?? null, 0).replace(/^\n/, '')
}

function nodeText(value: unknown, depth: number): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : listText(value, depth)
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    return entries.length === 0 ? '{}' : mapText(entries, depth)
  }
  return typeof value === 'string' ? scalarText(value) : String(value)
}

function mapText(entries: readonly (readonly [string, unknown])[], depth: number): string {
  const indent = '  '.repeat(depth)
  return entries.map(([key, inner]) => `\n${indent}${scalarText(key)}:${spaced(nodeText(inner, depth + 1))}`).join('')
}

function listText(items: readonly unknown[], depth: number): string {
  const indent = '  '.repeat(depth)
  return items.map(item => `\n${indent}-${spaced(nodeText(item, depth + 1))}`).join('')
}

function spaced(text: string): string {
  return text.startsWith('\n') ? text : ` ${text}`
}

const bare = /^[A-Za-z_][\w ./@-]*$/
const reserved = /^(true|false|null|yes|no|on|off|y|n|nan|inf)$/i

function scalarText(text: string): string {
  const isBare = bare.test(text) && !reserved.test(text) && !text.endsWith(' ')
  return isBare ? text : escapeJson(JSON.stringify(text))
}
