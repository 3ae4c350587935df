// Makes the class that a user extends, with its statics and its methods.
import { GooseError } from '../errors.ts'
import { defineModel, type ModelDefinition, type ModelOptions } from '../models/definition.ts'
import type { Shape } from '../models/infer.ts'
import type { MethodsOf, Plugin, StaticsOf, WithFields } from '../models/plugin.ts'
import { register } from '../models/registry.ts'
import { settingsOf } from '../models/settings.ts'
import { DocumentBase } from './document.ts'
import { methods } from './methods.ts'
import type { ModelStatic } from './model-types.ts'
import { defineReverse } from './reverse.ts'
import { schemaStatics } from './schema-statics.ts'
import { statics } from './statics.ts'
import { treeMethods, treeStatics } from './tree.ts'
import { variantStatics } from './variant.ts'

/** Defines a model, as a class to extend.
 *
 * ```ts
 * class User extends model('User', { name: z.string(), email: z.email() }) {}
 * const ada = await User.create({ name: 'Ada', email: 'ada@example.org' })
 * ```
 */
export function model<N extends string, const S extends Shape, const P extends readonly Plugin[] = []>(
  name: N,
  fields: S,
  options?: ModelOptions<P>,
): ModelStatic<N, WithFields<S, P>, MethodsOf<P>> & StaticsOf<P> {
  const definition = defineModel(name, fields, options as ModelOptions)
  const made = class extends DocumentBase {
    static override readonly definition: ModelDefinition = definition
    static override readonly modelName = name
  }
  Object.defineProperty(made, 'name', { value: name })
  const forTrees = settingsOf(definition).tree ? [{ statics: treeStatics, methods: treeMethods }] : []
  for (const members of [
    { statics, methods },
    { statics: schemaStatics },
    { statics: variantStatics },
    ...forTrees,
    ...definition.plugins,
  ])
    extend(made, members)
  defineReverse(made.prototype, definition)
  register(definition, made)
  return made as never
}

function extend(made: typeof DocumentBase, plugin: Pick<Plugin, 'statics' | 'methods'>): void {
  const parts = [
    [made, plugin.statics],
    [made.prototype, plugin.methods],
  ] as const
  for (const name of Object.keys(plugin.methods ?? {})) refuseField(made.definition, name)
  for (const [target, members] of parts) {
    if (members) Object.defineProperties(target, Object.getOwnPropertyDescriptors(members as object))
  }
}

function refuseField(definition: ModelDefinition, name: string): void {
  if (!definition.fieldByName.has(name)) return
  const reason = `"${name}" is a field and a method`
  throw new GooseError('MODEL_INVALID', { model: definition.name, reason, hint: 'give the field another name' })
}
