// The soft delete plugin: delete marks, every read leaves the marked ones out, restore brings them back.
import * as z from 'zod'
import { definePlugin, type Plugin } from '../plugin.ts'

/** Who deleted a document, and in which operation. */
const deletion = z.object({ by: z.unknown().optional(), op: z.string() })

interface SoftDeleteFields {
  readonly deletedAt: z.ZodDefault<z.ZodNullable<z.ZodDate>>
  readonly deletion: z.ZodOptional<typeof deletion>
}

interface SoftDeleteMethods {
  /** Brings it back, with everything that was deleted in the same operation because of it. */
  restore(): Promise<this>
  /** Deletes it for good. */
  hardDelete(): Promise<void>
}

/** Documents that go with the one that is deleted. */
export interface Cascade {
  readonly model: () => { readonly modelName: string }
  /** The field that refers to the deleted document. */
  readonly by: string
}

/** What the runtime reads of a soft delete. */
export interface SoftDeleteSettings {
  readonly field: string
  readonly cascade: readonly Cascade[]
  readonly uniqueAmongLiving: boolean
}

interface SoftDeleteOptions<Field extends string> {
  /** The field that holds when it was deleted; `deletedAt` unless said otherwise. */
  readonly field?: Field
  readonly cascade?: readonly Cascade[]
  /** Makes unique indexes hold among living documents only. */
  readonly uniqueAmongLiving?: boolean
}

/** Makes `delete` mark instead of remove.
 *
 * ```ts
 * class Note extends model('Note', { text: z.string() }, { plugins: [softDelete()] }) {}
 * ```
 */
export function softDelete<const Field extends string = 'deletedAt'>(
  options: SoftDeleteOptions<Field> = {},
): Plugin<
  { readonly [K in Field]: SoftDeleteFields['deletedAt'] } & Pick<SoftDeleteFields, 'deletion'>,
  unknown,
  SoftDeleteMethods
> {
  const field = options.field ?? 'deletedAt'
  const softDelete: SoftDeleteSettings = {
    field,
    cascade: options.cascade ?? [],
    uniqueAmongLiving: options.uniqueAmongLiving ?? false,
  }
  const plugin = definePlugin({
    name: 'softDelete',
    fields: { [field]: z.date().nullable().default(null), deletion: deletion.optional() },
    scope: ({ deleted }) => {
      if (deleted === 'include') return undefined
      return { [field]: deleted === 'only' ? { $ne: null } : null }
    },
    settings: { softDelete },
  })
  // A computed name widens the type of the fields; the methods are every document's own.
  return plugin as never
}
