// The version plugin: a stale save is refused and changes nothing.
import * as z from 'zod'
import { definePlugin, type Plugin } from '../plugin.ts'

interface VersionOptions<Field extends string> {
  /** The field that counts; `_v` unless said otherwise. Mongoose counts in `__v`. */
  readonly field?: Field
}

/** Counts writes in `_v`; a save of what somebody else has changed throws `VersionConflict`. */
export function version<const Field extends string = '_v'>(
  options: VersionOptions<Field> = {},
): Plugin<{ readonly [K in Field]: z.ZodDefault<z.ZodNumber> }> {
  const field = options.field ?? '_v'
  const plugin = definePlugin({
    name: 'version',
    fields: { [field]: z.number().int().default(0) },
    settings: { version: field },
  })
  // A computed name widens the type of the fields.
  return plugin as never
}
