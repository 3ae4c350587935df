// Completion: what may come next, from names kept of the project, in real shells where they are installed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { useCliProject } from '../support/cli.ts'

const program = resolve(import.meta.dirname, '../../bin/run.js')
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

  test('knows the commands where no project is known, and loads no user code', () => {
    const folder = join(project.folder, 'broken')
    mkdirSync(join(folder, 'models'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{}')
    writeFileSync(join(folder, 'models/a.ts'), "console.log('loaded'); throw new Error('loaded')\n")
    const run = goose(['__complete', 'find', ''], { cwd: folder })
    expect(run).toEqual({ stdout: '', stderr: '', status: 0 })
    expect(goose(['__complete', 'cou'], { cwd: folder }).stdout).toContain('count\t')
  })
})

const has = (shell: string) => spawnSync(shell, ['--version']).status === 0
const define = `goose() { '${process.execPath}' '${program}' "$@"; }`

/** Runs a script in a shell, in the project. */
function inShell(shell: string, script: string): string {
  const { stdout, stderr } = spawnSync(shell, ['-c', script], {
    cwd: project.folder,
    env: project.env,
    encoding: 'utf8',
  })
  return stdout + stderr
}

test.skipIf(!has('bash'))('bash completes commands, models, sorts and conditions', () => {
  const ask = (line: string) => `COMP_LINE='${line}' COMP_POINT=${line.length}
    read -r -a COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _goose; echo "\${COMPREPLY[*]}"`
  const lines = ['goose fi', 'goose find B', 'goose find Book --sort -pa', 'goose find Book --where pag']
  const script = `${define}\n${goose(['completion', 'bash']).stdout}\ncompopt() { :; }\n${lines.map(ask).join('\n')}`
  expect(inShell('bash', script)).toBe('find\nBook\n-pages\npages=\n')
})

test.skipIf(!has('zsh'))('zsh takes the script and completes models', () => {
  const script = `${define}; autoload -U compinit; compinit -u -D; ${goose(['completion', 'zsh']).stdout}
    _describe() { print -l -- "\${(@P)2}" }
    words=(goose find B) CURRENT=3; _goose`
  expect(inShell('zsh', script)).toBe('Book\n')
})

test.skipIf(!has('fish'))('fish completes models', () => {
  const script = `function goose; '${process.execPath}' '${program}' $argv; end
    ${goose(['completion', 'fish']).stdout}
    complete -C 'goose find B'`
  expect(inShell('fish', script)).toContain('Book')
})
