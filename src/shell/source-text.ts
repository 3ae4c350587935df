// Source text with brackets, on one line where it fits and has nothing to be said about its parts.

/** A piece of source: plain text, or brackets around items. */
export type Source = string | Brackets

interface Brackets {
  readonly open: string
  readonly items: readonly Item[]
  readonly close: string
  /** What stands inside brackets on one line. */
  readonly pad: '' | ' '
}

/** A part of brackets, with what is to be said above it. */
export interface Item {
  readonly notes: readonly string[]
  readonly source: Source
}

/** Puts text before and behind a piece of source. */
export function around(before: string, source: Source, behind: string): Source {
  if (typeof source === 'string') return `${before}${source}${behind}`
  return { ...source, open: `${before}${source.open}`, close: `${source.close}${behind}` }
}

/** Makes a list in brackets. */
export function listed(open: string, sources: readonly Source[], close: string): Source {
  return { open, items: sources.map(source => ({ notes: [], source })), close, pad: '' }
}

/** Makes an object in braces. */
export function braced(open: string, items: readonly Item[], close: string): Source {
  return { open, items, close, pad: ' ' }
}

const width = 120

/** Writes a piece of source, beginning behind `taken` columns and indented by `indent` where it goes on. */
export function textOf(source: Source, indent = '', taken = indent.length): string {
  const line = oneLine(source)
  if (typeof source === 'string' || (line !== undefined && taken + line.length <= width)) return line ?? ''
  const deeper = `${indent}  `
  const items = source.items.flatMap(item => [
    ...item.notes.flatMap(note => comment(note, deeper)),
    `${deeper}${textOf(item.source, deeper, deeper.length + 1)},`,
  ])
  return [source.open, ...items, `${indent}${source.close}`].join('\n')
}

/** Writes a sentence as a comment, in lines that fit. */
export function comment(note: string, indent = ''): readonly string[] {
  const lines: string[] = []
  for (const word of note.replaceAll(/\s+/g, ' ').split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && indent.length + last.length + word.length < width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(`// ${word}`)
  }
  return lines.map(line => `${indent}${line}`)
}

/** Writes text as a literal in single quotes. */
export function quoted(text: string): string {
  const inside = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${inside.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`
}

/** Writes the name of a property, in quotes where it must be. */
export function named(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}

function oneLine(source: Source): string | undefined {
  if (typeof source === 'string') return source.includes('\n') ? undefined : source
  const parts: string[] = []
  for (const { notes, source: inner } of source.items) {
    const text = notes.length > 0 ? undefined : oneLine(inner)
    if (text === undefined) return undefined
    parts.push(text)
  }
  if (parts.length === 0) return `${source.open}${source.close}`
  return `${source.open}${source.pad}${parts.join(', ')}${source.pad}${source.close}`
}
