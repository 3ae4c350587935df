// Schemas of bodies: what a client may set of a model, and nothing that the server sets.
import type * as z from 'zod'
import { UnknownPath } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'
import type { Input } from '../models/infer.ts'
import { createSchemaOf, updateSchemaOf } from '../models/input-schema.ts'
import { suggestion } from '../models/nearest.ts'
import type { ShapedModel, ShapeOfModel } from './shaped-model.ts'

/** What a body may not set, beside secret fields and those of plugins. */
export interface BodyOptions<Names = string> {
  readonly serverSet?: readonly Names[]
}

/** Makes the schema of a body that creates a document: secret fields, fields of plugins and unknown ones are refused.
 *
 * ```ts
 * const body = createSchema(User, { serverSet: ['role'] })
 * console.assert(!body.safeParse({ name: 'Eve', email: 'eve@example.com', role: 'admin' }).success)
 * ```
 */
export function createSchema<M extends ShapedModel, const N extends keyof ShapeOfModel<M> & string = never>(
  model: M,
  options: BodyOptions<N> = {},
): z.ZodType<Omit<Input<ShapeOfModel<M>>, N>> {
  return without(createSchemaOf(model.definition), model.definition, options.serverSet) as never
}

/** Makes the schema of a body that changes a document: any of the same fields, and no defaults for those left out. */
export function updateSchema<M extends ShapedModel, const N extends keyof ShapeOfModel<M> & string = never>(
  model: M,
  options: BodyOptions<N> = {},
): z.ZodType<Partial<Omit<Input<ShapeOfModel<M>>, N>>> {
  return without(updateSchemaOf(model.definition), model.definition, options.serverSet) as never
}

function without(schema: z.ZodObject, definition: ModelDefinition, names: readonly string[] = []): z.ZodObject {
  const known = [...definition.fieldByName.keys()]
  for (const name of names)
    if (!known.includes(name))
      throw new UnknownPath({ model: definition.name, path: name, nearest: suggestion(name, known) })
  const masked = names.filter(name => name in schema.shape).map(name => [name, true] as const)
  return schema.omit(Object.fromEntries(masked) as Record<string, true>)
}
