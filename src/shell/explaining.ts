// How the database answers a query: the plan it chose, what it read for it, and the index that would help.
import type { IndexDeclaration } from '../models/index-declaration.ts'
import { type ExplainedFacts, explainedFacts } from '../runtime/explained.ts'
import { diffIndexes } from '../runtime/indexes.ts'
import type { Query } from '../runtime/query.ts'
import type { Answer } from './answer.ts'

/** Explains a query; with `isStrict`, a scan of the whole collection is a finding. */
export async function explainQuery(
  query: Query<unknown>,
  flags: { readonly strict?: boolean | undefined },
): Promise<Answer> {
  const explained = explainedFacts(await query.explain())
  const index = explained.scans ? suggestedIndex(query) : undefined
  const advice = index && (await adviceOn(query, index))
  const data = { ...explained, ...(advice ? { suggestion: index } : {}) }
  const text = [...linesOf(explained), ...(advice ? [`try       ${advice}`] : [])].join('\n')
  return { kind: 'value', data, text, exit: flags.strict && explained.scans ? 9 : 0 }
}

type Keys = Readonly<Record<string, 1 | -1>>

/** Says how to come by an index; nothing where there is one, and the database leaves it alone. */
async function adviceOn({ model }: Query<unknown>, index: Keys): Promise<string | undefined> {
  const paths = Object.keys(index)
  const serves = ({ key }: IndexDeclaration) => paths.every((path, at) => Object.keys(key)[at] === path)
  if (!model.definition.indexes.some(serves))
    return `indexes: [{ key: { ${paths.map(path => `${keyName(path)}: ${index[path]}`).join(', ')} } }]`
  const { create } = await diffIndexes(model.definition)
  return create.some(serves) ? `goose indexes sync ${model.modelName}, which the model declares` : undefined
}

function keyName(path: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(path) ? path : `'${path}'`
}

/** Names the index that answers a query, or says that there is none; nothing where the server does not tell. */
export async function indexUsed(query: Query<unknown>): Promise<string | undefined> {
  try {
    const { index, scans } = explainedFacts(await query.explain('queryPlanner'))
    return index === null ? (scans ? 'no index used' : undefined) : `index ${index}`
  } catch {
    return undefined
  }
}

function linesOf(facts: ExplainedFacts): readonly string[] {
  const read =
    facts.documents === null ? 'not told by this server' : `${facts.keys ?? 0} keys, ${facts.documents} documents`
  return [
    `plan      ${facts.stages.join(' ← ')}`,
    `index     ${facts.index ?? (facts.scans ? 'none: the whole collection is read' : 'none')}`,
    `read      ${read}`,
    `returned  ${facts.returned ?? 'not told by this server'}`,
    ...(facts.milliseconds === null ? [] : [`time      ${facts.milliseconds} ms`]),
  ]
}

/** Suggests keys in the order that serves best: what is equal, what sorts, what is a range. */
function suggestedIndex(query: Query<unknown>): Keys | undefined {
  const conditions = query.state.filters
    .flatMap(filter => Object.entries(filter))
    .filter(([path]) => !path.startsWith('$'))
  const isRange = (value: unknown) =>
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).some(key => ['$gt', '$gte', '$lt', '$lte', '$ne', '$regex', '$nin'].includes(key))
  const equal = conditions.filter(([, value]) => !isRange(value)).map(([path]) => [path, 1] as const)
  const ranges = conditions.filter(([, value]) => isRange(value)).map(([path]) => [path, 1] as const)
  const keys = new Map<string, 1 | -1>()
  for (const [path, direction] of [...equal, ...query.state.sort, ...ranges])
    if (!keys.has(path)) keys.set(path, direction)
  return keys.size === 0 ? undefined : Object.fromEntries(keys)
}
