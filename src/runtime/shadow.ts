// Finds fields that a class declares again: they would hide what is stored.
import { GooseError } from '../errors.ts'
import type { ModelDefinition } from '../models/definition.ts'

interface CheckedModel {
  readonly modelName: string
  readonly definition: ModelDefinition
}

const checked = new WeakSet<object>()

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
