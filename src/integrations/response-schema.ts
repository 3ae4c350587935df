// Schemas of answers: documents of a model, and pages of them, as the OpenAPI document describes them.
import * as z from 'zod'
import type { ModelDefinition } from '../models/definition.ts'
import type { CursorPage } from '../runtime/cursor-page.ts'
import type { Page } from '../runtime/page.ts'
import type { ShapedModel } from './shaped-model.ts'

const definitions = new WeakMap<object, ModelDefinition>()

/** Makes the schema of an answer that is a document; it lets documents through as they are. */
export function documentSchema<M extends ShapedModel>(model: M): z.ZodType<InstanceType<M>, InstanceType<M>> {
  const made = z.custom<InstanceType<M>>(value => typeof value === 'object' && value !== null)
  definitions.set(made, model.definition)
  return made
}

type AnyPage<M extends ShapedModel> = Page<InstanceType<M>> | CursorPage<InstanceType<M>>

/** Makes the schema of an answer that is a page, by number or by cursor. */
export function pageSchema<M extends ShapedModel>(model: M): z.ZodType<AnyPage<M>, AnyPage<M>> {
  const items = z.array(documentSchema(model))
  const numbered = z.object({
    items,
    total: z.int().min(0),
    page: z.int().min(1),
    size: z.int().min(1),
    pages: z.int().min(0),
    hasNext: z.boolean(),
    hasPrevious: z.boolean(),
  })
  const walked = z.object({
    items,
    next: z.string().nullable(),
    previous: z.string().nullable(),
    hasMore: z.boolean(),
  })
  return z.union([numbered, walked]) as never
}

/** Gives the model whose documents a schema stands for. */
export function modelBehind(schema: z.core.$ZodType): ModelDefinition | undefined {
  return definitions.get(schema)
}
