// Every command as it is typed and what it prints: `$` in a pipe, `%` on a terminal; UPDATE_TRANSCRIPTS=1 writes anew.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { useCliProject } from './support/cli.ts'

const folder = join(import.meta.dirname, 'transcripts')
const program = resolve(import.meta.dirname, '../bin/run.js')
const project = useCliProject('transcripts')
const hasTerminal = spawnSync('script', ['--version']).status === 0

for (const file of readdirSync(folder).filter(name => name.endsWith('.txt'))) {
  test(`${file} is what goose prints`, { timeout: 120_000 }, () => {
    const path = join(folder, file)
    const text = readFileSync(path, 'utf8')
    const blocks = text.split(/^(?=[$%] )/m).filter(block => hasTerminal || !block.startsWith('%'))
    const played = blocks.map(play)
    if (process.env.UPDATE_TRANSCRIPTS) writeFileSync(path, played.join(''))
    else expect(played.join('')).toBe(blocks.join(''))
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
function play(block: string): string {
  if (!/^[$%] /.test(block)) return block
  const [line = ''] = block.split('\n', 1)
  const shown = line.startsWith('$') ? piped(line.slice(2)) : onTerminal(line.slice(2))
  return `${line}\n${stable(shown)}\n`
}

function piped(command: string): string {
  const { stdout, stderr, status } = run(command, {})
  return [stdout, stderr.replace(/^(?=.)/gm, '! '), status === 0 ? '' : `[${status}]\n`].join('')
}

function onTerminal(command: string): string {
  const inner = `stty cols 80 rows 24; ${command}`
  const { stdout, status } = run(`script -qec ${quoted(inner)} /dev/null`, { NO_COLOR: '1', TERM: 'xterm', CI: '' })
  const text = stdout.replaceAll('\r\n', '\n')
  return `${text}${status === 0 ? '' : `[${status}]\n`}`
}

function run(command: string, more: NodeJS.ProcessEnv) {
  const define = `goose() { ${quoted(process.execPath)} ${quoted(program)} "$@"; }; export -f goose;`
  const env = { ...project.env, GOOSE_KEYS: keys, SHELL: '/bin/bash', ...more }
  return spawnSync('bash', ['-c', `${define} ${command}`], {
    cwd: project.folder,
    env,
    encoding: 'utf8',
    input: '',
    timeout: 30_000,
  })
}

const keys = ['new', 'old'].map(id => `${id}:${Buffer.alloc(32, id).toString('base64')}`).join()

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** Takes out what differs from run to run: times, addresses, versions. */
function stable(text: string): string {
  return text
    .replace(/\d+(\.\d+)? ms/g, 'N ms')
    .replace(/"milliseconds":[\d.]+/g, '"milliseconds":N')
    .replaceAll(String(project.env.MONGODB_URI), 'URI')
    .replace(/"uri":"[^"]*"(?=,"(source|database))/g, '"uri":"URI"')
    .replace(/(: )\S+(?=, database )|(?<=│ )(?:mongodb:\/\/127|embedded:)\S+ */g, '$1URI ')
    .replace(/goose_cli_\w+|(?<="database":"|database )test\b/g, 'DATABASE')
    .replace(/version":"[^"]*"/g, 'version":"N"')
    .replace(/version \S+$/gm, 'version N')
    .replace(/\d{4}-\d\d-\d\d:[\w+/]{43}=/g, 'DAY:KEY')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z · \S+/g, 'TIME · OPERATION')
    .replace(/(\bat|created) \d{4}-\d\d-\d\dT[\d:.]+Z/g, '$1 TIME')
    .replaceAll(project.folder, 'FOLDER')
}
