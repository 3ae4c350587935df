// Makes text from a database harmless for a terminal: control and direction characters are shown, not obeyed.

// Control characters of both blocks, marks of writing direction, line separators, and halves of surrogate pairs.
const harmful = /\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Cs}/gu

/** Shows control characters as `\x1b`, `\n`, `\u202e`. */
export function escapeControl(text: string): string {
  return text.replace(harmful, show)
}

/** Shows control characters but keeps line breaks, for texts of more than one line. */
export function escapeLines(text: string): string {
  return text.replace(harmful, character => (character === '\n' ? character : show(character)))
}

/** Escapes what JSON leaves alone, so that the text stays JSON and cannot steer a terminal. */
export function escapeJson(json: string): string {
  return json.replace(harmful, character =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function show(character: string): string {
  const known = names[character]
  if (known) return known
  const code = character.charCodeAt(0)
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}
