// Variants at run time: the class of each, made from the class of its model.
import type { Shape } from '../models/infer.ts'
import { adopt, register } from '../models/registry.ts'
import { defineVariant, type VariantOptions } from '../models/variant.ts'
import { livingClass, sameArchive } from './archive-class.ts'
import type { DocumentBase, RuntimeModel } from './document.ts'
import { defineReverse } from './reverse.ts'

/** The statics of every model about its variants. */
export const variantStatics = {
  variant(this: RuntimeModel, name: string, fields: Shape, options: VariantOptions = {}): unknown {
    adopt(this)
    const definition = defineVariant(this.definition, name, fields, options)
    const Base = this as unknown as new (...input: never[]) => DocumentBase
    const made = class extends Base {
      static readonly definition = definition
      static readonly modelName = definition.name
    }
    Object.defineProperty(made, 'name', { value: definition.name })
    Object.defineProperty(made, Symbol.hasInstance, { value: isInstance })
    defineReverse(made.prototype, definition)
    register(definition, made)
    return made
  },
}

// A class is not told of those that extend it: what was read before the user's own class was seen joins it here.
function isInstance(this: RuntimeModel, value: unknown): boolean {
  adopt(this)
  if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
  const made = (value as object | null)?.constructor as Partial<RuntimeModel> | undefined
  if (made?.modelName !== this.modelName || !Object.prototype.isPrototypeOf.call(livingClass(made), this)) return false
  Object.setPrototypeOf(value, sameArchive(made.definition!, this).prototype as object)
  return true
}
