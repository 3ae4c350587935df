// What a server asks of zod schemas: whether it is one, and the text of an answer that one describes.
import * as z from 'zod'
import { jsonText } from './json-text.ts'

/** Tells a zod schema from others, of whichever copy of zod. */
export function isZod(value: unknown): value is z.core.$ZodType {
  return typeof value === 'object' && value !== null && '_zod' in value
}

/** Makes the writer of answers that a schema describes: only what it lets through is sent. */
export function responseText(schema: z.core.$ZodType): (value: unknown) => string {
  return value => jsonText(z.parse(schema, value))
}
