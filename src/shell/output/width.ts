// How many terminal cells a text takes, and cutting and padding it by that measure.

/** Counts the terminal cells of a text without escape codes: wide letters and emoji take two, combining marks none. */
export function widthOf(text: string): number {
  if (isPlain(text)) return text.length
  let width = 0
  for (const { segment } of clusters(text)) width += clusterWidth(segment)
  return width
}

/** Cuts a text to at most `cells` cells, with `…` where something was left out. */
export function truncate(text: string, cells: number): string {
  if (text.length <= cells && isPlain(text)) return text
  if (widthOf(text) <= cells) return text
  if (cells <= 0) return ''
  let kept = ''
  let width = 0
  for (const { segment } of clusters(text)) {
    const next = clusterWidth(segment)
    if (width + next > cells - 1) break
    kept += segment
    width += next
  }
  return `${kept}…`
}

/** Fills a text with blanks on the right up to `cells` cells. */
export function padEnd(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - widthOf(text)))
}

/** Fills a text with blanks on the left up to `cells` cells. */
export function padStart(text: string, cells: number): string {
  return ' '.repeat(Math.max(0, cells - widthOf(text))) + text
}

let segmenter: Intl.Segmenter | undefined

/** Most answers need no segmenter, and making one takes as long as a small query. */
function clusters(text: string): Iterable<{ readonly segment: string }> {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' })
  return segmenter.segment(text)
}

const emoji = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\uFE0F/u
const nothing = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]$/u

// From Unicode's East Asian Width: the blocks whose letters are Wide or Fullwidth.
const wideBlocks: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
]

function isPlain(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x2ff && code !== 0x2026) return false
  }
  return true
}

function clusterWidth(cluster: string): number {
  if (cluster.length === 1 && cluster.charCodeAt(0) < 0x300) return 1
  if (emoji.test(cluster)) return 2
  let width = 0
  for (const letter of cluster) width += letterWidth(letter)
  return width
}

function letterWidth(letter: string): number {
  const code = letter.codePointAt(0) ?? 0
  // Vowels and finals of Hangul join the syllable before them.
  const isJoined = code >= 0x1160 && code <= 0x11ff
  if (isJoined || nothing.test(letter)) return 0
  return isWide(code) ? 2 : 1
}

function isWide(code: number): boolean {
  if (code < 0x1100) return false
  return wideBlocks.some(([from, to]) => code >= from && code <= to)
}
