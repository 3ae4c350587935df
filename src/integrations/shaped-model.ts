// What integrations need of a model class: its definition for them, its shape for the compiler.
import type { ModelDefinition } from '../models/definition.ts'
import type { ShapeOf } from '../models/infer.ts'
import type { DocumentBase } from '../runtime/document.ts'
import type { Constructor } from '../runtime/model-types.ts'
import type { Query } from '../runtime/query.ts'

/** Any model class. */
export type ShapedModel = Constructor & { readonly modelName: string; readonly definition: ModelDefinition }

/** The fields that a model class was made from. */
export type ShapeOfModel<M extends ShapedModel> = ShapeOf<InstanceType<M>>

/** A document, as far as any has the same members. */
export type AnyDocument = DocumentBase & {
  save(): Promise<unknown>
  delete(): Promise<void>
  populate(path: string, options: object): Promise<unknown>
}

/** A model class as routes use it: through its own statics, so that those of an application count. */
export interface AnyModel {
  readonly modelName: string
  readonly definition: ModelDefinition
  find(filter?: object): Query<unknown>
  create(input: unknown): Promise<AnyDocument>
}

/** Gives a model class as routes use it: its own types say nothing to a route for any model. */
export function anyModel(model: ShapedModel): AnyModel {
  return model as unknown as AnyModel
}
