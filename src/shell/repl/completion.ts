// What Tab offers: models, their methods, and inside of calls the paths, operators and values of the schema.
import type { FieldDescription } from '../../models/describe.ts'
import { Query } from '../../runtime/query.ts'
import { allFields, type LoadedModel } from '../models.ts'

/** Candidates for the word that ends a line; nothing where the schema has nothing to say. */
export interface Candidates {
  readonly words: readonly string[]
  /** The part of the line that they would replace. */
  readonly stem: string
}

/** Completes the end of a line from the models alone: no database is asked, no code is run. */
export function completionOf(line: string, models: readonly LoadedModel[]): Candidates | undefined {
  const chain = chainAt(line, models)
  if (chain) return candidates(chain.members, chain.stem)
  const call = callAt(line, models)
  return call && argumentOf(call)
}

interface Call {
  readonly model: LoadedModel
  readonly method: string
  /** What has been typed of the arguments. */
  readonly typed: string
}

function chainAt(line: string, models: readonly LoadedModel[]) {
  const found =
    /(?:^|[^\w.$])([A-Za-z_$][\w$]*)((?:\.[\w$]+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*)\.([\w$]*)$/.exec(line)
  const model = models.find(candidate => candidate.name === found?.[1])
  if (!found || !model) return undefined
  return { members: found[2] === '' ? staticsOf(model) : queryMembers, stem: found[3] ?? '' }
}

const queryMembers = Object.getOwnPropertyNames(Query.prototype).filter(name => name !== 'constructor')

function staticsOf({ model }: LoadedModel): readonly string[] {
  const names = new Set<string>()
  for (let at: object = model; at !== Function.prototype; at = Object.getPrototypeOf(at) as object)
    for (const name of Object.getOwnPropertyNames(at)) if (!hiddenStatics.has(name)) names.add(name)
  return [...names]
}

const hiddenStatics = new Set(['length', 'name', 'prototype', 'caller', 'arguments', 'stateOf'])

/** Finds the call of a model that the end of the line is an argument of. */
function callAt(line: string, models: readonly LoadedModel[]): Call | undefined {
  const open = openCall(line)
  if (open === undefined) return undefined
  const found = /(?:^|[^\w.$])([A-Za-z_$][\w$]*)(?:\.[\w$]+\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\.([\w$]+)$/.exec(
    line.slice(0, open),
  )
  const model = models.find(candidate => candidate.name === found?.[1])
  return found && model ? { model, method: found[2] ?? '', typed: line.slice(open + 1) } : undefined
}

/** Gives the place of the last bracket of a call that is still open; brackets in strings do not count. */
function openCall(line: string): number | undefined {
  const open: { readonly at: number; readonly sign: string }[] = []
  let quote = ''
  for (const [at, sign] of [...line].entries()) {
    if (quote) {
      if (sign === quote && line[at - 1] !== '\\') quote = ''
    } else if (`'"\``.includes(sign)) quote = sign
    else if ('({['.includes(sign)) open.push({ at, sign })
    else if (')}]'.includes(sign)) open.pop()
  }
  return open.findLast(bracket => bracket.sign === '(')?.at
}

function argumentOf({ model, method, typed }: Call): Candidates | undefined {
  const fields = allFields(model.description)
  if (pathMethods.has(method)) return pathsIn(typed, fields, method)
  return filterMethods.has(method) || method === 'create' ? wordIn(typed, fields, method) : undefined
}

const pathMethods = new Set(['sort', 'select', 'populate', 'distinct'])
const filterMethods = new Set([
  'find',
  'findOne',
  'count',
  'exists',
  'updateMany',
  'deleteMany',
  'findDeleted',
  'plan',
  'validate',
])

function pathsIn(typed: string, fields: readonly FieldDescription[], method: string): Candidates | undefined {
  const stem = /['"`](?:[^'"`]*[\s,])?-?([\w.]*)$/.exec(typed)?.[1]
  if (stem === undefined) return undefined
  const fit = method === 'populate' ? fields.filter(field => field.ref || field.type === 'many') : fields
  return candidates(
    fit.filter(field => !field.transient).map(field => field.path),
    stem,
  )
}

function wordIn(typed: string, fields: readonly FieldDescription[], method: string): Candidates | undefined {
  const value = /['"]?([\w.]+)['"]?\s*:\s*(?:\{\s*\$\w+\s*:\s*)?(['"][^'"]*)$/.exec(typed)
  if (value) return valuesOf(fields, value[1] ?? '', value[2] ?? '')
  const operator = /(\$\w*)$/.exec(typed)?.[1]
  if (operator !== undefined)
    return candidates(method === 'updateMany' && isSecond(typed) ? updateOperators : filterOperators, operator)
  const path = /[{,]\s*['"]?([\w.]*)$/.exec(typed)?.[1]
  return path === undefined
    ? undefined
    : candidates(
        fields.filter(field => !field.transient).map(field => field.path),
        path,
      )
}

function valuesOf(fields: readonly FieldDescription[], path: string, stem: string): Candidates | undefined {
  const values = fields.find(field => field.path === path)?.values
  const quote = stem.charAt(0)
  return (
    values &&
    candidates(
      values.map(value => `${quote}${String(value)}${quote}`),
      stem,
    )
  )
}

function isSecond(typed: string): boolean {
  return /\}\s*,/.test(typed)
}

const filterOperators = [
  '$eq',
  '$ne',
  '$gt',
  '$gte',
  '$lt',
  '$lte',
  '$in',
  '$nin',
  '$exists',
  '$regex',
  '$not',
  '$and',
  '$or',
  '$nor',
  '$all',
  '$size',
  '$elemMatch',
  '$type',
  '$mod',
  '$expr',
]
const updateOperators = [
  '$set',
  '$unset',
  '$inc',
  '$mul',
  '$min',
  '$max',
  '$rename',
  '$push',
  '$pull',
  '$addToSet',
  '$pop',
  '$currentDate',
  '$setOnInsert',
  '$bit',
]

function candidates(words: readonly string[], stem: string): Candidates {
  return { words: words.filter(word => word.startsWith(stem)).toSorted(), stem }
}
