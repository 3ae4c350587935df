// Draws docs/terminal.svg: commands typed on the blog example, and what they really print.
import { execFileSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const blog = join(root, 'examples/blog')
const columns = 104
const commands = [
  'goose find Post --populate author --sort -views --select title,author,views,published --limit 5',
  'goose count Comment --where likes>=9',
]

const wide = '\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\uff00-\uff60'
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are control characters.
const escapeCode = /(\u001b\[[\d;]*m)/
const isWide = new RegExp(`[${wide}]`)
const cell = { width: 8.2, height: 18 }
const margin = { left: 18, top: 52, bottom: 18 }
const colours = {
  31: '#ff7b72',
  32: '#7ee787',
  33: '#f2cc60',
  34: '#79c0ff',
  35: '#d2a8ff',
  36: '#76e3ea',
  90: '#8b949e',
}

rmSync(join(blog, '.goose'), { recursive: true, force: true })
execFileSync(process.execPath, [join(blog, 'demo.mjs')], { stdio: 'ignore' })
const lines = commands.flatMap(command => [`\u001b[32m$\u001b[39m \u001b[1m${command}\u001b[22m`, ...run(command), ''])
writeFileSync(join(root, 'docs/terminal.svg'), svg(lines.slice(0, -1)))

function run(command) {
  const { MONGODB_URI, GOOSE_URI, GOOSE_CONNECTION, NO_COLOR, ...env } = process.env
  const args = [...command.split(' ').slice(1), '-o', 'table', '--color', '--width', String(columns), '-q']
  const printed = execFileSync(process.execPath, [join(root, 'bin/run.js'), ...args], {
    cwd: blog,
    env,
    encoding: 'utf8',
  })
  return printed.trimEnd().split('\n')
}

function svg(lines) {
  const columnsUsed = Math.max(
    ...lines.map(line =>
      widthOf(
        line
          .split(escapeCode)
          .filter((_, n) => n % 2 === 0)
          .join(''),
      ),
    ),
  )
  const width = Math.ceil(margin.left * 2 + columnsUsed * cell.width)
  const height = margin.top + lines.length * cell.height + margin.bottom
  const texts = lines.flatMap((line, n) => draw(line, margin.top + n * cell.height + 13))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="goose in a terminal">
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
<circle cx="22" cy="22" r="6" fill="#ff5f57"/><circle cx="42" cy="22" r="6" fill="#febc2e"/><circle cx="62" cy="22" r="6" fill="#28c840"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.6" fill="#e6edf3">
${texts.join('\n')}
</g>
</svg>
`
}

/** Draws one line: each run of one style gets its place by cells, so that columns stay straight in any font. */
function draw(line, y) {
  let column = 0
  return runs(line).flatMap(({ text, style }) => {
    const shown = text.trim()
    const x = margin.left + (column + text.length - text.trimStart().length) * cell.width
    column += widthOf(text)
    if (shown === '') return []
    const length = (widthOf(shown) * cell.width).toFixed(1)
    return `<text x="${x.toFixed(1)}" y="${y}" textLength="${length}" lengthAdjust="spacingAndGlyphs"${style}>${escaped(shown)}</text>`
  })
}

/** Splits where the style changes, and at borders of wide characters, which fonts space differently. */
function runs(line) {
  const found = []
  const on = new Set()
  for (const part of line.split(escapeCode)) {
    const codes = escapeCode.exec(part)
    if (codes) for (const code of part.slice(2, -1).split(';').map(Number)) turn(on, code)
    else
      for (const text of part.match(new RegExp(`[${wide}]+|[^${wide}]+`, 'g')) ?? []) append(found, text, styleOf(on))
  }
  return found
}

function append(found, text, style) {
  const last = found.at(-1)
  if (last && last.style === style && isWide.test(last.text) === isWide.test(text)) last.text += text
  else found.push({ text, style })
}

function turn(on, code) {
  if (code === 0) on.clear()
  else if (code === 22) for (const weight of [1, 2]) on.delete(weight)
  else if (code === 39) for (const colour of Object.keys(colours)) on.delete(Number(colour))
  else on.add(code)
}

function styleOf(on) {
  const colour = [...on].map(code => colours[code]).find(Boolean)
  return `${colour ? ` fill="${colour}"` : ''}${on.has(1) ? ' font-weight="600"' : ''}${on.has(2) ? ' opacity="0.6"' : ''}`
}

function widthOf(text) {
  return [...text].reduce((sum, character) => sum + (isWide.test(character) ? 2 : 1), 0)
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
