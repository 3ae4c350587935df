// Completes a command line from the manifest and the names kept of the project; no user code is loaded.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Writes the candidates for the last word, one on each line, with what they mean after a tab. */
export function complete(words, root) {
  const manifest = readJson(join(root, 'oclif.manifest.json')) ?? { commands: {} }
  const current = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const candidates = candidatesFor(before, current, manifest.commands)
  const lines = candidates
    .filter(([value]) => value.startsWith(current))
    .map(([value, meaning]) => (meaning ? `${value}\t${meaning}` : value))
  process.stdout.write(lines.map(line => `${line}\n`).join(''))
}

function candidatesFor(before, current, commands) {
  const { id, rest } = commandIn(before, commands)
  const nextWords = wordsAfter(before, commands)
  if (!id || (rest.length === 0 && nextWords.length > 0 && !current.startsWith('-'))) {
    return id ? [...nextWords, ...argument(commands[id], rest)] : nextWords
  }
  const command = commands[id]
  const asked = optionBefore(rest, command)
  if (asked) return valuesOf(asked, current, modelIn(rest, command))
  return current.startsWith('-') ? flagsOf(command, rest) : argument(command, rest)
}

/** Finds the command the words name; a topic alone means its list. */
function commandIn(words, commands) {
  const end = words.findIndex(word => word.startsWith('-'))
  const named = end === -1 ? words : words.slice(0, end)
  for (let length = named.length; length > 0; length--) {
    const id = named.slice(0, length).join(':')
    if (commands[id]) return { id, rest: words.slice(length) }
  }
  return { id: undefined, rest: words }
}

function wordsAfter(before, commands) {
  const prefix = before.map(word => `${word}:`).join('')
  const ids = Object.keys(commands).filter(id => id.startsWith(prefix) && !commands[id].hidden)
  const words = new Map(
    ids.map(id => {
      const [word, more] = id.slice(prefix.length).split(':')
      return [word, more ? '' : commands[id].summary]
    }),
  )
  if (before.length === 0) words.set('help', 'Show help.')
  return [...words].sort(([one], [other]) => (one < other ? -1 : 1))
}

function flagsOf(command, rest) {
  const used = new Set(rest)
  return Object.values(command.flags)
    .filter(flag => !flag.hidden && (flag.multiple || !used.has(`--${flag.name}`)))
    .flatMap(flag => [[`--${flag.name}`, flag.summary], ...(flag.allowNo ? [[`--no-${flag.name}`, flag.summary]] : [])])
}

function optionBefore(rest, command) {
  const last = rest.at(-1) ?? ''
  const flag = Object.values(command.flags).find(
    candidate => last === `--${candidate.name}` || (candidate.char && last === `-${candidate.char}`),
  )
  return flag?.type === 'option' ? flag : undefined
}

const listsOfPaths = new Set(['sort', 'select', 'unset', 'populate', 'parent', 'label'])

function valuesOf(flag, current, model) {
  if (flag.options) return flag.options.map(option => [option, ''])
  if (flag.name === 'connection') return names().connections.map(name => [name, ''])
  if (flag.name === 'where' || flag.name === 'set') return pathsOf(model).map(({ path, type }) => [`${path}=`, type])
  if (!listsOfPaths.has(flag.name)) return []
  const head = current.slice(0, current.lastIndexOf(',') + 1)
  const sign = /^-/.test(current.slice(head.length)) ? '-' : ''
  return pathsOf(model)
    .filter(path => flag.name !== 'populate' || path.isReference)
    .map(({ path, type }) => [`${head}${sign}${path}`, type])
}

function argument(command, rest) {
  const given = positional(rest, command)
  const name = Object.keys(command.args)[given.length]
  if (name === 'model') return names().models.map(model => [model.name, ''])
  if (name === 'path') return pathsOf(given[0]).map(({ path, type }) => [path, type])
  if (name === 'name') return names().connections.map(connection => [connection, ''])
  return (command.args[name]?.options ?? []).map(option => [option, ''])
}

function positional(rest, command) {
  return rest.filter((word, index) => !word.startsWith('-') && !optionBefore(rest.slice(0, index), command))
}

function modelIn(rest, command) {
  return Object.keys(command.args)[0] === 'model' ? positional(rest, command)[0] : undefined
}

function pathsOf(model) {
  const found = names().models.find(({ name }) => name.toLowerCase() === String(model).toLowerCase())
  return found?.paths ?? []
}

let kept
function names() {
  kept ??= readNames()
  return kept
}

function readNames() {
  const root = projectRoot(process.cwd())
  const modules = join(root, 'node_modules')
  const folder = existsSync(modules)
    ? join(modules, '.cache', 'goose')
    : join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'goose')
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return readJson(join(folder, `names-${key}.json`)) ?? { models: [], connections: [] }
}

function projectRoot(from) {
  const configs = ['goose.config.ts', 'goose.config.mts', 'goose.config.js', 'goose.config.mjs']
  return nearest(from, configs) ?? nearest(from, ['package.json']) ?? from
}

function nearest(from, marks) {
  for (let folder = from; ; folder = dirname(folder)) {
    if (marks.some(mark => existsSync(join(folder, mark)))) return folder
    if (dirname(folder) === folder) return undefined
  }
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
