// A thousand mutated command lines in process, and fifty spawned: a documented exit code, a sentence, no stack.
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// @ts-expect-error the build is plain JavaScript
import { commandFiles, commandId } from '../../scripts/build.mjs'
import { main } from '../../src/shell/main.ts'
import { useCliProject } from '../support/cli.ts'
import { randomFrom } from '../support/random-words.ts'

const root = resolve(import.meta.dirname, '../..')
const project = useCliProject('lines')
const documented = new Set([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])

// All commands are there; those that wait for a signal or for a person are not among the seeds.
const commands = Object.fromEntries(
  commandFiles().map((file: string) => [commandId(file), () => import(join(root, 'src/commands', file))]),
)

const seeds: readonly (readonly string[])[] = [
  ['find', 'Book', '--where', 'pages>=100', '--sort', '-pages', '--limit', '3'],
  ['find', 'Book', '--filter', '{pages: {$gt: 5}}', '--populate', 'author', '-o', 'csv'],
  ['find', 'Book', '--after', 'start', '--limit', '2', '--output', 'yaml', '--count'],
  ['count', 'Book', '--where', 'published=true'],
  ['get', 'Book', '0b0001', '--select', 'title'],
  ['get', 'Reader', '0b0001', '--at', '-2h'],
  ['update', 'Book', '0b0001', '--set', 'pages=7', '-n'],
  ['insert', 'Book', '--data', '{"title": "x"}', '--dry-run'],
  ['delete', 'Book', '0b0001', '--dry-run'],
  ['restore', 'Note', '0b0001', '-n'],
  ['explain', 'Book', '-w', 'tags exists'],
  ['distinct', 'Book', 'tags'],
  ['breadcrumbs', 'Category', 'Products > Electronics', '--sep', '/'],
  ['tree', 'Category', '--depth', '2'],
  ['models', 'show', 'Author', '--json'],
  ['models', 'check', 'Author', '--sample', '5'],
  ['models', 'diagram', '--format', 'mermaid'],
  ['indexes', 'diff', 'Author'],
  ['doctor', 'Author', '--sample', '3'],
  ['connection', 'list', '-o', 'wide'],
  ['keys', 'status', 'Author'],
  ['completion', 'fish'],
  ['help', 'filters'],
]

let printed = ''
const before = { cwd: process.cwd(), uri: process.env.MONGODB_URI }

beforeEach(() => {
  process.chdir(project.folder)
  process.env.MONGODB_URI = project.env.MONGODB_URI
  printed = ''
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation(((text: string, ...rest: unknown[]) => {
      printed += text
      const done = rest.find(part => typeof part === 'function') as (() => void) | undefined
      done?.()
      return true
    }) as never)
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  process.chdir(before.cwd)
  if (before.uri === undefined) delete process.env.MONGODB_URI
  else process.env.MONGODB_URI = before.uri
})

test('a thousand mutated command lines each end with a documented code and no stack', {
  timeout: 240_000,
}, async () => {
  const random = randomFrom(20260101)
  const codes = new Map<number, number>()
  for (let index = 0; index < 1000; index++) {
    const argv = mutated(seeds[index % seeds.length] ?? [], random)
    printed = ''
    const code = await main(argv, { root, commands })
    codes.set(code, (codes.get(code) ?? 0) + 1)
    expect(documented.has(code), `${JSON.stringify(argv)} ended with ${code}: ${printed}`).toBe(true)
    expect(printed, JSON.stringify(argv)).not.toMatch(/\n\s+at \S+ ?\(?.*:\d+:\d+/)
    if (code !== 0 && code !== 9) expect(printed, JSON.stringify(argv)).toMatch(/✖ [A-Z_]+ {2}\S|"ok":false/)
  }
  expect(codes.get(2)).toBeGreaterThan(200)
  expect(codes.get(0)).toBeGreaterThan(50)
})

test('fifty of them spawned end the same way', { timeout: 120_000 }, () => {
  vi.restoreAllMocks()
  const random = randomFrom(7)
  for (let index = 0; index < 50; index++) {
    const argv = mutated(seeds[index % seeds.length] ?? [], random).map(word => word.replaceAll('\u0000', ''))
    const { status, stderr } = project.goose(argv)
    expect(documented.has(status ?? -1), `${JSON.stringify(argv)} ended with ${status}: ${stderr}`).toBe(true)
    expect(stderr, JSON.stringify(argv)).not.toMatch(/\n\s+at \S+ ?\(?.*:\d+:\d+/)
  }
})

test('bytes that are no text, and values as long as a command line may be, end the same way', () => {
  vi.restoreAllMocks()
  const line = (words: string) => `'${process.execPath}' '${project.program}' ${words}`
  const words = [
    String.raw`find $'B\xffook'`,
    String.raw`find Book --where $'title=\xc3\x28'`,
    String.raw`find Book --filter $'{title: "\xed\xa0\x80"}'`,
    String.raw`get Book $'\xfe\xff'`,
    String.raw`$'\xf0\x28\x8c\xbc'`,
    'find Book --where "title=$(head -c 100000 /dev/zero | tr "\\0" x)"',
    'find "$(head -c 100000 /dev/zero | tr "\\0" x)"',
    'count Book --filter "{title: {\\$in: [$(head -c 60000 /dev/zero | tr "\\0" 1 | sed s/1/1,/g)1]}}"',
    'find Book --sort "$(head -c 50000 /dev/zero | tr "\\0" -)"',
    'find Book --filter "$(head -c 5000 /dev/zero | tr "\\0" [)"',
    'find Book --filter "{a: $(head -c 20000 /dev/zero | tr "\\0" {)"',
  ]
  for (const part of words) {
    const { status, stderr, signal } = spawnSync('bash', ['-c', line(part)], {
      cwd: project.folder,
      env: project.env,
      encoding: 'utf8',
      timeout: 60_000,
    })
    expect(signal, part).toBe(null)
    expect(documented.has(status ?? -1), `${part} ended with ${status}: ${stderr.slice(0, 500)}`).toBe(true)
    expect(stderr, part).not.toMatch(/\n\s+at \S+ ?\(?.*:\d+:\d+/)
    // A message says what is wrong; it does not repeat a hundred thousand letters.
    expect(stderr.length, part).toBeLessThan(2000)
  }
})

type Random = ReturnType<typeof randomFrom>

const oddities = [
  ...[
    '',
    ' ',
    '-',
    '--',
    '---',
    '=',
    '--=',
    '-=',
    '--no-',
    '-o',
    '-oo',
    '--json=1',
    '--no-json',
    '--limit=',
    '\u0000',
    '\u001b[2J',
    '\n',
  ],
  ...[
    '"',
    "'",
    '{',
    '}',
    '{}',
    '[]',
    'null',
    'undefined',
    '__proto__',
    'constructor',
    '--__proto__',
    '--constructor=x',
    '$where',
    '日本語',
    '👩‍👩‍👧',
  ],
  ...[
    '9'.repeat(400),
    '-1',
    '1e999',
    'NaN',
    'a'.repeat(20_000),
    '--limit=99999999999999999999',
    '--width=1',
    '@',
    '@/',
    '@/nonexistent',
    '--where=',
    '\ud800',
    '../..',
    '%00',
    '$x',
    '`id`',
    '$(id)',
  ],
]

function mutated(seed: readonly string[], { below, pick }: Random): string[] {
  const argv = [...seed]
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(argv.length + 1)
    const word = argv[at] ?? ''
    const ways = [
      () => argv.splice(at, 1),
      () => argv.splice(at, 0, pick(oddities)),
      () => argv.splice(at, 1, pick(oddities)),
      () => argv.splice(at, 0, word),
      () => argv.splice(at, 1, word.slice(0, below(word.length + 1)) + word.slice(below(word.length + 1))),
      () =>
        argv.splice(
          at,
          1,
          word.replace(/[a-z]/, letter => letter.toUpperCase()),
        ),
      () => argv.splice(at, 1, word + pick(oddities)),
      () => argv.sort(() => below(3) - 1),
    ]
    pick(ways)()
  }
  // Reading stdin is asked for by a lone dash, and would wait here for what nobody types.
  return argv.filter(word => word !== '-' && !/^--?\w+=-$|^-[fdw]-$/.test(word) && word !== '--debug')
}
