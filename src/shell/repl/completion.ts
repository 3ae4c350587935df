// What Tab offers: commands, names, members, and inside of calls the paths, operators and values of the schema.
import type { FieldDescription } from '../../models/describe.ts'
import { allFields, type LoadedModel } from '../models.ts'
import { type Candidates, type CompletionSetting, completeCommand } from './command-completion.ts'
import * as known from './completion-words.ts'
import { type CursorPlace, cursorPlace, type Frame } from './cursor-place.ts'
import { type Subject, Subjects } from './members.ts'
import { type ObjectPlace, objectPlace } from './object-place.ts'

const nothing: Candidates = { words: [], stem: '' }

/** Completes the ends of lines. */
export class Completion {
  readonly #setting: CompletionSetting

  constructor(setting: CompletionSetting) {
    this.#setting = setting
  }

  /** Completes the end of a line. */
  of(line: string): Candidates {
    if (!/^\s*\./.test(line)) return this.#code(line)
    const command = completeCommand(line.trimStart(), this.#setting)
    return 'code' in command ? this.#code(command.code) : command
  }

  /** Gives what all candidates go on with, once a word has begun. */
  aheadOf(line: string): string {
    const { words, stem } = this.of(line)
    if (stem === '') return ''
    const [first = '', ...others] = words.map(word => word.slice(stem.length))
    let length = first.length
    for (const rest of others) while (!rest.startsWith(first.slice(0, length))) length -= 1
    return first.slice(0, length)
  }

  #code(line: string): Candidates {
    const place = cursorPlace(line)
    const { desk, names } = this.#setting
    const subjects = new Subjects(desk.models, names.scope)
    if (place.owner) return candidates(subjects.members(subjects.of(place.owner), place.stem), place.stem)
    const at = place.frames.findLastIndex(({ sign }) => sign === '(')
    const call = place.frames[at]
    const method = call?.callee?.steps.at(-1)?.name
    const subject = call?.callee && method ? subjects.of(call.callee, 'before its last step') : undefined
    const inner = place.frames.slice(at + 1)
    const inCall = call && method && subject && inArgument({ method, subject, call, inner, models: desk.models }, place)
    if (inCall) return inCall
    return place.quote === '' ? this.#names(place.stem) : nothing
  }

  // Before a letter is typed, only what the session is about.
  #names(stem: string): Candidates {
    const { desk, names } = this.#setting
    const models = desk.models.map(({ name }) => name)
    return candidates(stem === '' ? models : [...models, ...names.all()], stem)
  }
}

interface Argument {
  readonly method: string
  readonly subject: Subject
  readonly call: Frame
  readonly inner: readonly Frame[]
  readonly models: readonly LoadedModel[]
}

function inArgument(argument: Argument, place: CursorPlace): Candidates | undefined {
  const { method, subject, call, inner } = argument
  if (subject.kind === 'value') return undefined
  const { model } = subject
  if (inner.length === 0)
    return place.quote !== '' && known.pathMethods.has(method) ? pathWord(model, argument, place.stem) : undefined
  const object = objectPlace(method, subject.kind, call, inner)
  const frame = inner.at(-1)
  return frame?.sign === '{' && frame.key === undefined
    ? keyWord(model, object, place)
    : valueWord(model, object, place)
}

/** Completes the paths of a text: `'-title, au`. */
function pathWord(model: LoadedModel, { method, models }: Argument, text: string): Candidates {
  const stem = /-?([\w$.]*)$/.exec(text)?.[1] ?? ''
  const isPopulate = method === 'populate'
  const fields = fieldsOf(model).filter(field => !isPopulate || field.ref || field.type === 'many')
  const paths = fields.map(field => field.path)
  return candidates(isPopulate ? [...paths, ...beyond(model, models, stem)] : paths, stem)
}

// `author.com` completes by what the author refers to.
function beyond(model: LoadedModel, models: readonly LoadedModel[], stem: string): readonly string[] {
  const cut = stem.indexOf('.')
  if (cut === -1) return []
  const [head, rest] = [stem.slice(0, cut), stem.slice(cut + 1)]
  const ref = fieldsOf(model).find(field => field.path === head)?.ref
  const next = models.find(({ name }) => name === ref?.model)
  if (!next) return []
  const own = fieldsOf(next).filter(field => field.ref)
  return [...own.map(field => field.path), ...beyond(next, models, rest)].map(path => `${head}.${path}`)
}

function keyWord(
  model: LoadedModel,
  { meaning, path }: ObjectPlace,
  { stem, quote }: CursorPlace,
): Candidates | undefined {
  const fields = fieldsOf(model).map(field => field.path)
  const written = (paths: readonly string[]) => paths.flatMap(name => keyOf(name, { quote, stem }))
  const below = fields.filter(name => name.startsWith(`${path}.`)).map(name => name.slice(path.length + 1))
  const words: Readonly<Record<ObjectPlace['meaning'], readonly string[]>> = {
    filter:
      path === '' ? [...written(fields), ...known.filterOperators] : [...written(below), ...known.filterOperators],
    operators: known.fieldOperators,
    update: known.updateOperators,
    paths: written(fields),
    document: written(path === '' ? fields.filter(isTop) : below.filter(isTop)),
    stages: known.stages,
    expression: stem.startsWith('$') ? known.accumulators : written(fields),
    nothing: [],
  }
  return candidates(
    words[meaning].filter(word => stem.startsWith('$') || !word.startsWith('$') || isOnlyOperators(meaning)),
    stem,
  )
}

function isOnlyOperators(meaning: ObjectPlace['meaning']): boolean {
  return meaning === 'operators' || meaning === 'update' || meaning === 'stages'
}

function isTop(path: string): boolean {
  return !path.includes('.')
}

/** A path with a dot stands in quotes, which must have been typed when something was. */
function keyOf(path: string, { quote, stem }: Pick<CursorPlace, 'quote' | 'stem'>): readonly string[] {
  if (isTop(path) || quote !== '') return [path]
  return stem === '' ? [`'${path}'`] : []
}

function valueWord(
  model: LoadedModel,
  { meaning, path }: ObjectPlace,
  { stem, quote }: CursorPlace,
): Candidates | undefined {
  if (meaning === 'stages' || meaning === 'expression')
    return quote === '' || !stem.startsWith('$')
      ? undefined
      : candidates(
          fieldsOf(model).map(field => `$${field.path}`),
          stem,
        )
  const field = fieldsOf(model).find(candidate => candidate.path === path)
  if (!field) return undefined
  const values = (field.values ?? []).filter(value => typeof value === 'string')
  if (quote !== '')
    return values.length > 0
      ? candidates(
          values.map(value => `${value}${quote}`),
          stem,
        )
      : nothing
  const begun = field.ref ? known.beginnings.objectId : known.beginnings[field.type.replace('[]', '').toLowerCase()]
  const words = values.length > 0 ? values.map(value => `'${value}'`) : (begun ?? [])
  return words.length > 0 ? candidates(words, stem) : undefined
}

function fieldsOf(model: LoadedModel): readonly FieldDescription[] {
  return allFields(model.description).filter(field => !field.transient)
}

function candidates(words: readonly string[], stem: string): Candidates {
  return { words: [...new Set(words)].filter(word => word.startsWith(stem)).toSorted(), stem }
}
