// Which fields of imported documents their model does not declare.
import type { ModelDefinition } from '../models/definition.ts'
import { registeredModels } from '../models/registry.ts'
import type { Prepared } from './import-document.ts'

/** Collects names of fields that a model does not know. */
export interface Strangers {
  readonly names: ReadonlySet<string>
  look(documents: readonly Prepared[]): void
}

// A file of random keys must not fill the memory.
const MOST = 100

/** Makes what looks for them; the documents of a model with variants may have any field of these. */
export function strangersOf(definition: ModelDefinition): Strangers {
  const family = registeredModels().map(model => model.definition)
  const all = family.filter(other => other === definition || other.variant?.of === definition)
  const known = new Set(['_id', ...all.flatMap(one => [...one.fieldByName.keys(), one.variant?.by ?? '_id'])])
  const names = new Set<string>()
  const look = (documents: readonly Prepared[]) => {
    for (const { document } of documents)
      for (const name of document?.keys() ?? []) if (!known.has(name) && names.size < MOST) names.add(name)
  }
  return { names, look }
}
