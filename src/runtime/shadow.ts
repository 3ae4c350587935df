// Finds members of a class that have the name of a field: they would hide what is stored.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'

interface CheckedModel {
  readonly modelName: string
  readonly definition: ModelDefinition
}

const checked = new WeakSet<object>()

/** Refuses a class that has a member of the name of a field: one of them would cover the other. */
export function refuseCovers(model: CheckedModel & { readonly prototype: object }): void {
  const { fields } = model.definition
  for (let at: object = model.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    const covered = fields.find(({ name, kind }) => kind !== 'many' && Object.hasOwn(at, name))
    if (covered)
      throw new GooseError('MODEL_INVALID', {
        model: model.modelName,
        reason: `its class has a member "${covered.name}", which covers the field`,
        hint: 'give the member another name',
      })
  }
}

/** Refuses a class whose body declares a field of its model without `declare`; looks at the first document only. */
export function refuseShadows(
  model: CheckedModel,
  document: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): void {
  if (isProven(model)) return
  for (const { name, marks } of model.definition.fields) {
    if (given[name] === undefined || document[name] !== undefined || marks.transient) continue
    const hint = `write \`declare ${name}: …\`, or leave it out: its type is known already`
    throw new GooseError('MODEL_INVALID', {
      model: model.modelName,
      reason: `its class declares "${name}" again, which hides the value`,
      hint,
    })
  }
  checked.add(model)
}

/** Tells whether a class has been looked at. */
export function isProven(model: object): boolean {
  return checked.has(model)
}
