// Finds the text that every string matched by a regular expression must begin with.
import type { BSONRegExp } from 'mongodb'

/** Gives the literal prefix of an anchored, case-sensitive expression; '' when there is none. */
export function literalPrefix({ pattern, options }: BSONRegExp): string {
  if (/[imx]/.test(options) || !pattern.startsWith('^') || /[|]/.test(pattern)) return ''
  let prefix = ''
  for (let i = 1; i < pattern.length; i++) {
    let letter = pattern[i]!
    if (letter === '\\') {
      letter = pattern[++i] ?? ''
      if (letter === '' || /[A-Za-z0-9]/.test(letter)) return prefix
    } else if (/[\^$.*+?()[\]{}]/.test(letter)) return prefix
    if (/[*?{+]/.test(pattern[i + 1] ?? '')) return whole(pattern[i + 1] === '+' ? prefix + letter : prefix)
    prefix += letter
  }
  return whole(prefix)
}

/** A half of a surrogate pair is no text of its own. */
function whole(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text
}
