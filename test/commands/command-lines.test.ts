// A thousand mutated command lines in process, and fifty spawned: a documented exit code, a sentence, no stack.
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import manifest from '../../oclif.manifest.json' with { type: 'json' }
import { useCliProject } from '../support/cli.ts'
import { useLines } from '../support/line.ts'
import { randomFrom } from '../support/random-words.ts'

const project = useCliProject('lines')
const run = useLines(project)
const documented = new Set([0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])

// Every run of the long suite takes other lines; the usual one takes the same, so that it fails for one reason only.
const isLong = process.env.GOOSE_TEST_LONG !== undefined
const [seed, amount] = isLong ? [Date.now() % 2 ** 31, 20_000] : [20260101, 1000]

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
  ['find', 'Note', '--deleted', 'include', '--populate', 'book,book.author', '--select', 'text,book.title'],
  ['find', 'Book', '--skip', '2', '--page', '1', '--hint', '_id_', '-o', 'ejson', '--no-color'],
  ['export', 'Author', '--format', 'ndjson', '--select', 'name'],
  ['bulk', 'update', 'Book', '-w', 'pages<5', '--set', 'tags=x', '--dry-run'],
  ['bulk', 'delete', 'Note', '--filter', '{text: "x"}', '--max-docs', '3', '-n'],
  ['jobs', 'list', '--json'],
  ['audit', 'log', '--model', 'Reader', '--since', '-2h', '--limit', '3'],
  ['indexes', 'sync', '--dry-run'],
  ['connection', 'test', 'here', '--timeout', '5s'],
  ['ping', '-c', 'nowhere', '--timeout', '20ms'],
  ['undo', 'run_0', '--dry-run'],
  ['archive', 'list', 'Book', '--to', 'coll:x'],
  ['purge', 'Note', '--older-than', '90d', '--deleted', 'only', '-n'],
]

// Control and direction characters; line ends are our own.
const harmful = /\p{Cc}|[\u200e\u200f\u2028-\u202e\u2066-\u2069]/u

// Flags of all commands: one that is another's is wrong here, and must be told so. Some wait, or colour what is shown.
const unfit = new Set(['color', 'debug', 'follow', 'ping', 'port'])
const flags = Object.values(manifest.commands)
  .flatMap(command => Object.keys(command.flags))
  .filter(name => !unfit.has(name))
  .map(name => `--${name}`)

test('a thousand mutated command lines each end with a documented code and no stack', {
  timeout: isLong ? 3_600_000 : 240_000,
}, async () => {
  const random = randomFrom(seed)
  const codes = new Map<number, number>()
  for (let index = 0; index < amount; index++) {
    const argv = mutated(seeds[index % seeds.length] ?? [], random)
    const { stdout, stderr, status } = await run(argv)
    const line = `${JSON.stringify(argv)} of seed ${seed} ended with ${status}: ${stderr}`
    codes.set(status ?? -1, (codes.get(status ?? -1) ?? 0) + 1)
    expect(documented.has(status ?? -1), line).toBe(true)
    expect(stderr, line).not.toMatch(/\n\s+at \S+ ?\(?.*:\d+:\d+/)
    expect(stdout + stderr, line).not.toContain('swordfish')
    // What was typed is shown, and steers no terminal.
    expect(stderr.replaceAll('\n', ''), line).not.toMatch(harmful)
    if (status === 0 || status === 9) continue
    expect(stderr, line).toMatch(/✖ [A-Z_]+ {2}\S|"ok":false/)
    expect(stdout, line).toBe('')
  }
  expect(codes.get(2)).toBeGreaterThan(amount / 5)
  expect(codes.get(0)).toBeGreaterThan(amount / 25)
})

test('fifty of them spawned end the same way', { timeout: 120_000 }, () => {
  const random = randomFrom(isLong ? seed : 7)
  for (let index = 0; index < 50; index++) {
    const argv = mutated(seeds[index % seeds.length] ?? [], random).map(word => word.replaceAll('\u0000', ''))
    const { status, stderr } = project.goose(argv)
    expect(documented.has(status ?? -1), `${JSON.stringify(argv)} ended with ${status}: ${stderr}`).toBe(true)
    expect(stderr, JSON.stringify(argv)).not.toMatch(/\n\s+at \S+ ?\(?.*:\d+:\d+/)
  }
})

test('bytes that are no text, and values as long as a command line may be, end the same way', () => {
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
    '\u202ereversed',
    '\u009b31m',
    'a\u0000b',
    "it's",
    '5e-324',
    '0x10',
    '1_000',
    '2026-02-30',
    '-2h',
    'mongodb://user:swordfish@host/',
    '65f000000000000000000a01',
    '{$where: "1"}',
    '{"$oid": "x"}',
    '(((((a+)+)+)+)+)$',
    'title~=(a+)+$',
  ],
]

function mutated(seed: readonly string[], { below, pick }: Random): string[] {
  const argv = [...seed]
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(argv.length + 1)
    const word = argv[at] ?? ''
    const ways = [
      () => argv.splice(at, 1),
      () => argv.splice(at, 0, pick(flags)),
      () => argv.splice(at, 0, pick(flags), pick(oddities)),
      () => argv.splice(at, 0, `${pick(flags)}=${pick(oddities)}`),
      () => argv.splice(at, 1, pick(pick(seeds) as string[])),
      () => argv.splice(at, 0, pick(oddities)),
      () => argv.splice(at, 1, pick(oddities)),
      () => argv.splice(at, 0, word),
      () => argv.splice(at, 1, word.slice(0, below(word.length + 1)) + word.slice(below(word.length + 1))),
      () =>
        argv.splice(at, 1, word.slice(0, below(word.length + 1)) + pick(oddities) + word.slice(below(word.length + 1))),
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
  return argv.filter(word => word !== '-' && !/^--?[\w-]+=-$|^-[fdw]-$/.test(word) && word !== '--debug')
}
