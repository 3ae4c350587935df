// Data as canonical Extended JSON, which keeps every BSON type.
import { escapeJson } from './escape.ts'

/** Writes a value as one line of canonical Extended JSON. */
export async function ejsonText(value: unknown): Promise<string> {
  const { BSON } = await import('mongodb')
  return escapeJson(BSON.EJSON.stringify(value, { relaxed: false }))
}
