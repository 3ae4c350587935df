// Any value as text that cannot steer a terminal: in colour where nothing in it has to be escaped, without stacks.
import { inspect } from 'node:util'
import { maskUris } from '../../runtime/masked-uri.ts'
import { escapeLines } from '../output/escape.ts'
import type { Style } from '../output/style.ts'

/** How results are shown. */
export interface Look {
  readonly format: 'table' | 'json'
  readonly depth: number
  readonly width: number
  readonly style: Style
}

/** Shows a value as it would be written in code. */
export function inspectedText(value: unknown, { depth, width, style }: Look): string {
  const show = (colors: boolean) =>
    withoutStacks(inspect(value, { depth, colors, breakLength: width, maxArrayLength: 100, maxStringLength: 10_000 }))
  const text = show(false)
  const safe = escapeLines(text)
  // Names of classes, functions and symbols are shown by Node as they are, so its colours cannot be told from theirs.
  return maskUris(style.enabled && safe === text ? show(true) : safe)
}

/** Takes the places in Node and goose off that an error comes by. */
function withoutStacks(text: string): string {
  return text.replace(/(\n\s+at [^\n]*(?=\n|$))+/g, '')
}
