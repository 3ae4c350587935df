// What --select asks for: of the documents themselves, and of those that --populate fills in.
import type { ModelDefinition } from '../models/definition.ts'
import { referenceOn } from '../models/path.ts'

/** What to read of the documents themselves, and of what each path is filled in with. */
export interface Selection {
  readonly own: readonly string[]
  readonly populated: readonly { readonly path: string; readonly select: readonly string[] }[]
}

/** Shares paths out: those behind a populated path are read of what it refers to. */
export function selectionOf(
  definition: ModelDefinition,
  select: readonly string[],
  populate: readonly string[],
): Selection {
  const shares = new Map(populate.map(path => [path, [] as string[]]))
  const own: string[] = []
  for (const asked of select) {
    const sign = asked.startsWith('-') ? '-' : ''
    const path = asked.slice(sign.length)
    const holder = longest(populate.filter(one => path.startsWith(`${one}.`)))
    if (holder !== undefined) shares.get(holder)?.push(sign + path.slice(holder.length + 1))
    if (holder === undefined && !populate.includes(path)) own.push(asked)
    else if (sign === '') own.push(ownPart(definition, path))
  }
  const populated = [...shares].map(([path, paths]) => ({ path, select: [...paths, ...next(path, paths, populate)] }))
  return { own: [...new Set(own)], populated }
}

/** Gives what to read of the documents themselves for a path; what refers to them is not stored in them. */
function ownPart(definition: ModelDefinition, path: string): string {
  const isReverse = definition.fieldByName.get(path.split('.')[0] ?? '')?.kind === 'many'
  return isReverse ? '_id' : (referenceOn(definition, path) ?? path)
}

/** Gives what has to be read so that other paths can be populated further on. */
function next(path: string, select: readonly string[], populate: readonly string[]): readonly string[] {
  if (select.length === 0 || select[0]?.startsWith('-')) return []
  const further = populate.filter(one => one.startsWith(`${path}.`)).map(one => one.slice(path.length + 1))
  return further.map(one => one.split('.')[0] ?? one).filter(one => !select.includes(one))
}

function longest(paths: readonly string[]): string | undefined {
  return paths.reduce<string | undefined>((best, path) => (path.length > (best?.length ?? 0) ? path : best), undefined)
}
