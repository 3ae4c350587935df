// What a field's schema has to say against a value, as one sentence for the person who gave it.
import * as z from 'zod'
import type { Field } from '../../models/field.ts'

/** Gives true where a value fits its field, or what is wrong with it. */
export async function fits(field: Field, value: unknown): Promise<true | string> {
  const { success, error } = await z.safeParseAsync(field.schema as z.core.$ZodType, value)
  return success ? true : error.issues.map(sentence).join('; ')
}

function sentence({ path, message }: z.core.$ZodIssue): string {
  const where = path.length === 0 ? '' : `${path.map(String).join('.')}: `
  return `${where}${message.replace(/^Invalid input: /, '')}`
}
