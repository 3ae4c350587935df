// Every command as it is typed and what it prints: `$` in a pipe, `%` on a terminal; UPDATE_TRANSCRIPTS=1 writes anew.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { useCliProject } from './support/cli.ts'
import { openTerminal } from './support/terminal.ts'

const folder = join(import.meta.dirname, 'transcripts')
const project = useCliProject('transcripts', 'installed')

for (const file of readdirSync(folder).filter(name => name.endsWith('.txt'))) {
  test(`${file} is what goose prints`, { timeout: 240_000 }, async () => {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const played: string[] = []
    for (const block of text.split(/^(?=[$%] )/m)) played.push(await play(block))
    if (process.env.UPDATE_TRANSCRIPTS) writeFileSync(path, played.join(''))
    else expect(played.join('')).toBe(text)
  })
}

test('every command has a transcript in both forms', () => {
  const { commands } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../oclif.manifest.json'), 'utf8'))
  const typed = readdirSync(folder).flatMap(
    file => readFileSync(join(folder, file), 'utf8').match(/^[$%] goose .*$/gm) ?? [],
  )
  // What serve does is seen by its own test: it prints nothing and ends at a signal.
  const wanted = Object.keys(commands).filter(id => id !== 'serve')
  const without = wanted.flatMap(id =>
    ['$', '%']
      .map(form => `${form} goose ${id.replaceAll(':', ' ')}`)
      .filter(start => !typed.some(line => `${line} `.startsWith(`${start} `))),
  )
  expect(without).toEqual([])
})

/** Runs the command of a block and gives the block as it would be written now. */
async function play(block: string): Promise<string> {
  if (!/^[$%] /.test(block)) return block
  const [line = ''] = block.split('\n', 1)
  const shown = line.startsWith('$') ? piped(line.slice(2)) : await onTerminal(line.slice(2))
  return `${line}\n${stable(shown)}\n`
}

function piped(command: string): string {
  const { stdout, stderr, status } = spawnSync('bash', ['-c', `${define()} ${command}`], {
    cwd: project.folder,
    env: { ...project.env, ...own },
    encoding: 'utf8',
    input: '',
    timeout: 60_000,
  })
  return [stdout, stderr.replace(/^(?=.)/gm, '! '), status === 0 ? '' : `[${status}]\n`].join('')
}

async function onTerminal(command: string): Promise<string> {
  const env = { ...project.env, ...own, CI: undefined, NO_COLOR: '1', GOOSE_PAGER: '' }
  const terminal = openTerminal(['bash', '-c', `${define()} ${command}`], { cwd: project.folder, env })
  const status = await terminal.ended
  return `${terminal.shown}${status === 0 ? '' : `[${status}]\n`}`
}

function define(): string {
  return `goose() { ${quoted(process.execPath)} ${quoted(project.program)} "$@"; };`
}

const own = {
  GOOSE_KEYS: ['new', 'old'].map(id => `${id}:${Buffer.alloc(32, id).toString('base64')}`).join(),
  GOOSE_ACTOR: 'ada@laptop',
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Takes out what differs from run to run: times, addresses, versions. */
function stable(text: string): string {
  return text
    .replace(/\d+(\.\d+)? ms/g, 'N ms')
    .replace(/\b(run|plan|op)_(?!none)[a-z0-9]{8,}/g, '$1_ID')
    .replace(/[\d.]+ % {2}[█░]{20}[^()\n]*\([^)\n]*\)/g, '')
    .replace(/^((?:! )?TIME ).*$/gm, '$1…')
    .replace(/(?<=journal about )[\d.]+ k?B/g, 'N kB')
    .replace(/(?<=")(times)":\{[^}]*\}/g, '$1":{}')
    .replace(/(?<= · )(index \S+|no index used)/g, 'INDEX')
    .replace(/"milliseconds":[\d.]+/g, '"milliseconds":N')
    .replace(/"bytes":\d+/g, '"bytes":N')
    .replaceAll(String(project.env.MONGODB_URI), 'URI')
    .replace(/"uri":"[^"]*"(?=,"(source|database))/g, '"uri":"URI"')
    .replace(/(: )\S+(?=, database )|(?<=│ )(?:mongodb:\/\/127|embedded:)\S+ */g, '$1URI ')
    .replace(/goose_cli_\w+|(?<="database":"|database )test\b/g, 'DATABASE')
    .replace(/version":"[^"]*"/g, 'version":"N"')
    .replace(/version \S+$/gm, 'version N')
    .replace(/\d{4}-\d\d-\d\d:[\w+/]{43}=/g, 'DAY:KEY')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z( by \S+)? · \S+/g, 'TIME · OPERATION')
    .replace(/(\bat|created) \d{4}-\d\d-\d\dT[\d:.]+Z/g, '$1 TIME')
    .replace(/\b[0-9a-f]{64}\b/g, 'HASH')
    .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'CHAIN')
    .replace(/\bop_[0-9a-z]+/g, 'OPERATION')
    .replace(/\b(?!65f0)[0-9a-f]{24}\b/g, 'ENTRY')
    .replace(/(?<="at": ?"|\bwhen {3}|sealed last )\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/(?<=--after )ey\S+/g, 'CURSOR')
    .replace(/\b(run|op)_[0-9a-z]{15,}/g, '$1_ID')
    .replace(/(\bbefore |"(?:at|startedAt)":")\d{4}-\d\d-\d\dT[\d:.]+Z/g, '$1TIME')
    .replace(/"times":\{[^}]*\}/g, '"times":{}')
    .replace(/^(! )?TIME {5}.*$/gm, '$1TIME     …')
    .replaceAll('\r\u001b[2K', '')
    .replace(/\d+ % {2}[█░]+.*?\(Ctrl-C: stop after this batch\)/g, '')
    .replace(/(\r?\d[\d,]* {2}(\d[\d,]*\/s {2})?\(Ctrl-C: stop after this batch\))+\r?/g, '')
    .replaceAll(project.folder, 'FOLDER')
}
