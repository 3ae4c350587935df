// Completion: what may come next, from names kept of the project, in real shells where they are installed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
// @ts-expect-error what starts before anything is loaded is plain JavaScript
import { topics as topicNames } from '../../bin/complete.js'
import { topics } from '../../src/shell/help-topics.ts'
import { useCliProject } from '../support/cli.ts'
import { keys, openTerminal, type Terminal } from '../support/terminal.ts'

const project = useCliProject('completion')
const { goose } = project
const complete = (...words: string[]) =>
  goose(['__complete', ...words])
    .stdout.split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t')[0])

beforeAll(() => {
  goose(['models'])
})

describe('goose __complete', () => {
  test.each([
    [['fi'], ['find']],
    [['mod'], ['models']],
    [
      ['models', ''],
      ['check', 'diagram', 'list', 'show'],
    ],
    [
      ['find', ''],
      ['Author', 'Book', 'Category', 'Note', 'Reader'],
    ],
    [['find', 'B'], ['Book']],
    [['find', 'bo'], ['Book']],
    [
      ['find', 'Book', '--where', 'published='],
      ['published=true', 'published=false'],
    ],
    [['find', 'Book', '-w', 'published!=t'], ['published!=true']],
    [['find', 'Book', '--where', 'published in true,f'], ['published in true,false']],
    [['update', 'Book', 'x', '--set', 'published=f'], ['published=false']],
    [['find', 'Book', '--where', 'title='], []],
    [['find', 'Book', '--output=y'], ['--output=yaml']],
    [['find', 'Book', '--sort=-pa'], ['--sort=-pages']],
    [['find', 'Book', '--select', 'title,author.n'], ['title,author.name']],
    [['find', 'Note', '-p', 'book.'], ['book.author']],
    [['audit', 'log', '--model', 'R'], ['Reader']],
    [
      ['archive', 'run', '--policy', ''],
      ['old-books', 'gone-readers'],
    ],
    [
      ['help', 'fi'],
      ['find', 'filters'],
    ],
    [['help', 'models', 's'], ['show']],
    [['find', 'Book', '--sor'], ['--sort']],
    [
      ['find', 'Book', '--sort', 'p'],
      ['published', 'pages', 'printedAt'],
    ],
    [['find', 'book', '--sort', '-pa'], ['-pages']],
    [['find', 'Book', '--select', 'title,pa'], ['title,pages']],
    [['find', 'Book', '-p', ''], ['author']],
    [['find', 'Book', '--where', 'pag'], ['pages=']],
    [
      ['find', 'Book', '-o', ''],
      ['table', 'wide', 'json', 'ndjson', 'csv', 'yaml', 'ejson'],
    ],
    [
      ['find', 'Book', '-c', ''],
      ['here', 'guarded', 'nowhere'],
    ],
    [
      ['distinct', 'Book', 't'],
      ['title', 'tags'],
    ],
    [
      ['find', 'Note', '--select', 'place.'],
      ['place.page', 'place.line'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
    [['connection', 'test', 'no'], ['nowhere']],
    [['nonsense', ''], []],
  ])('%j is followed by %j', (words, expected) => {
    expect(complete(...words)).toEqual(expected)
  })

  test('knows the topics of help', () => {
    expect(topicNames).toEqual(Object.keys(topics))
  })

  test('knows the commands where no project is known, and loads no user code', () => {
    const folder = mkdtempSync(join(tmpdir(), 'goose-unknown-'))
    mkdirSync(join(folder, 'models'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
    writeFileSync(join(folder, 'models/a.ts'), "console.log('loaded'); throw new Error('loaded')\n")
    const run = goose(['__complete', 'find', ''], { cwd: folder })
    expect(run).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(goose(['__complete', 'cou'], { cwd: folder }).stdout).toContain('count\t')
    rmSync(folder, { recursive: true })
  })
})

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0

/** Starts a shell on a terminal, with goose in its PATH. */
function openShell(command: readonly string[]): Terminal {
  const bin = join(project.folder, 'bin')
  mkdirSync(bin, { recursive: true })
  const script = `#!/bin/sh\nexec '${process.execPath}' '${project.program}' "$@"\n`
  writeFileSync(join(bin, 'goose'), script, { mode: 0o755 })
  const env = {
    ...project.env,
    CI: undefined,
    PATH: `${bin}:${process.env.PATH}`,
    PS1: 'ready> ',
    XDG_DATA_HOME: project.folder,
  }
  return openTerminal(command, { cwd: project.folder, env, columns: 120 })
}

/** Types the beginning of a line and a tab, waits for what the shell makes of it, and clears the line. */
async function completed(shell: Terminal, typed: string, expected: RegExp): Promise<void> {
  shell.press(typed, keys.tab)
  await shell.sees(expected)
  shell.press(keys.ctrlU)
}

/** What every shell completes, and what it then shows. */
async function completesAll(shell: Terminal): Promise<void> {
  await completed(shell, 'goose fi', /goose find /)
  await completed(shell, 'goose find B', /goose find Book /)
  await completed(shell, 'goose find Book --sor', /--sort /)
  await completed(shell, 'goose find Book --sort -pa', /--sort -pages /)
  await completed(shell, 'goose find Book --select title,pa', /title,pages/)
  await completed(shell, 'goose find Note --select place.l', /place\.line/)
  await completed(shell, 'goose find Book --where pag', /pages=/)
  await completed(shell, 'goose connection test no', /test nowhere /)
  await completed(shell, 'goose find bo', /Book /)
  await completed(shell, 'goose find Book --where published=t', /published=true /)
  shell.press('exit', keys.enter)
  await shell.ended
}

test('bash completes on Tab', async ({ skip }) => {
  skip(!has('bash'), 'bash is not installed')
  const shell = openShell(['bash', '--norc', '--noprofile', '-i'])
  await shell.sees('ready> ')
  shell.press('eval "$(goose completion bash --quiet)"; echo do""ne', keys.enter)
  await shell.sees('done')
  await completesAll(shell)
})

test('zsh completes on Tab', async ({ skip }) => {
  skip(!has('zsh'), 'zsh is not installed')
  const shell = openShell(['zsh', '-f', '-i'])
  await shell.sees('ready> ')
  shell.press('autoload -U compinit; compinit -u -D; eval "$(goose completion zsh --quiet)"; echo do""ne', keys.enter)
  await shell.sees('done')
  await completesAll(shell)
})

test('fish completes on Tab, and shows what each word means', async ({ skip }) => {
  skip(!has('fish'), 'fish is not installed')
  const shell = openShell(['fish', '--no-config', '-i'])
  shell.press(
    'function fish_prompt; echo -n "ready> "; end; goose completion fish --quiet | source; echo do""ne',
    keys.enter,
  )
  await shell.sees(/done\s*\n/)
  await completesAll(shell)
  const script = `${goose(['completion', 'fish']).stdout}\ncomplete -C 'goose find Book --sor'`
  const { stdout } = spawnSync('fish', ['--no-config', '-c', script], {
    cwd: project.folder,
    env: { ...project.env, PATH: `${join(project.folder, 'bin')}:${process.env.PATH}` },
    encoding: 'utf8',
  })
  expect(stdout).toBe('--sort\tOrder: -createdAt,title or createdAt:desc.\n')
})
