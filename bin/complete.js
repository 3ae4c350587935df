// Completes a command line from the manifest and the names kept of the project; no user code is loaded.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** The topics of `goose help`, beside the commands. */
export const topics = ['filters', 'exit-codes', 'environment', 'formatting', 'safety']

/** Writes the candidates for the last word, one on each line, with what they mean after a tab. */
export function complete(words, root) {
  const lines = candidates(words, root).map(([value, meaning]) => (meaning ? `${value}\t${meaning}` : value))
  process.stdout.write(lines.map(line => `${line}\n`).join(''))
}

/** Gives the candidates for the last word, each with what it means; of the project, what is known of it elsewhere. */
export function candidates(words, root, project) {
  kept = project ?? kept
  manifest ??= readJson(join(root, 'oclif.manifest.json')) ?? { commands: {} }
  const current = words.at(-1) ?? ''
  const begins = value => value.toLowerCase().startsWith(current.toLowerCase())
  return candidatesFor(words.slice(0, -1), current, manifest.commands).filter(([value]) => begins(value))
}

let manifest

function candidatesFor(before, current, commands) {
  if (before[0] === 'help') return helpWords(before.slice(1), commands)
  const { id, rest } = commandIn(before, commands)
  const nextWords = wordsAfter(before, commands)
  if (!id || (rest.length === 0 && nextWords.length > 0 && !current.startsWith('-'))) {
    return id ? [...nextWords, ...argument(commands[id], rest)] : nextWords
  }
  const command = commands[id]
  const asked = optionBefore(rest, command)
  const model = modelIn(rest, command)
  if (asked) return valuesOf(asked, current, model)
  const [, name, value] = /^--([\w-]+)=(.*)$/s.exec(current) ?? []
  const flag = command.flags[name]
  if (flag?.type === 'option')
    return valuesOf(flag, value, model).map(([each, meaning]) => [`--${name}=${each}`, meaning])
  return current.startsWith('-') ? flagsOf(command, rest) : argument(command, rest)
}

function helpWords(before, commands) {
  const words = wordsAfter(before, commands).filter(([word]) => word !== 'help')
  return before.length === 0 ? [...words, ...topics.map(topic => [topic, ''])] : words
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

const listsOfPaths = new Set(['sort', 'select', 'unset', 'populate', 'parent', 'label', 'by'])
const throughReferences = new Set(['select', 'populate'])

function valuesOf(flag, current, model) {
  if (flag.options) return flag.options.map(option => [option, ''])
  if (flag.name === 'connection') return names().connections.map(name => [name, ''])
  if (flag.name === 'policy') return names().policies.map(name => [name, ''])
  if (flag.name === 'model') return names().models.map(({ name }) => [name, ''])
  if (flag.name === 'where' || flag.name === 'set') return conditions(current, model)
  if (!listsOfPaths.has(flag.name)) return []
  const head = current.slice(0, current.lastIndexOf(',') + 1)
  const last = current.slice(head.length)
  const sign = last.startsWith('-') ? '-' : ''
  const paths = throughReferences.has(flag.name) ? pathsThrough(model, last.slice(sign.length)) : pathsOf(model)
  return paths
    .filter(path => flag.name !== 'populate' || path.ref)
    .map(({ path, type }) => [`${head}${sign}${path}`, type])
}

/** Completes a path and, behind it, the values that it may have. */
function conditions(current, model) {
  const [, before, name] = /^((\S+?)(?:!?==?|\s+(?:not\s+)?in\s+(?:[^,]*,)*))[^=,\s]*$/.exec(current) ?? []
  if (before === undefined) return pathsOf(model).map(({ path, type }) => [`${path}=`, type])
  const { values = [], type } = pathsOf(model).find(({ path }) => path === name) ?? {}
  return values.map(value => [before + value, type])
}

/** Gives the paths of a model, and behind a reference those of the model it refers to. */
function pathsThrough(model, current) {
  const own = pathsOf(model)
  const reference = own.find(({ path, ref }) => ref && current.startsWith(`${path}.`))
  if (!reference) return own
  const { path: before, ref } = reference
  return pathsThrough(ref, current.slice(before.length + 1)).map(inner => ({
    ...inner,
    path: `${before}.${inner.path}`,
  }))
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
  return readJson(join(folder, `names-${key}.json`)) ?? { models: [], connections: [], policies: [] }
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
