// How a document looks when it is logged: its fields in order, secret ones masked.
import { type DocumentBase, modelOf } from './document.ts'

type Inspect = (value: unknown, options: unknown) => string

/** Gives the text of a document for `console.log` and the console of goose. */
export function inspected(document: DocumentBase, options: unknown, inspect: Inspect): string {
  const { definition, modelName } = modelOf(document)
  const shown = Object.entries({ ...document }).map(([name, value]) => {
    const { secret, encrypted } = definition.fieldByName.get(name)?.marks ?? {}
    return [name, secret && value != null ? '***' : encrypted && value != null ? '(encrypted)' : value] as const
  })
  return `${modelName} ${inspect(Object.fromEntries(shown), options)}`
}
