// The version plugin: a stale save is refused and changes nothing.
import * as z from 'zod'
import { definePlugin, type Plugin } from '../plugin.ts'

/** Counts writes in `_v`; a save of what somebody else has changed throws `VersionConflict`. */
export function version(): Plugin<{ readonly _v: z.ZodDefault<z.ZodNumber> }> {
  return definePlugin({ name: 'version', fields: { _v: z.number().int().default(0) }, settings: { version: '_v' } })
}
