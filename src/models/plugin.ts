// Plugins: plain objects that add fields, statics, methods, hooks and scopes to a model.

import type { DocumentHooks } from './hooks.ts'
import type { IndexDeclaration } from './index-declaration.ts'
import type { Shape } from './infer.ts'

/** Whether a read sees what is marked as deleted. */
export type DeletedMode = 'exclude' | 'include' | 'only'

/** What a plugin may add to a model; documented, so that users write their own. */
export interface Plugin<PluginFields = unknown, Statics = unknown, Methods = unknown> {
  readonly name: string
  readonly fields?: PluginFields
  readonly statics?: Statics
  readonly methods?: Methods
  readonly hooks?: DocumentHooks
  /** Indexes that the model has beside its own. */
  readonly indexes?: readonly IndexDeclaration[]
  /** Narrows every read and bulk write of the model; gives a filter, or nothing. */
  readonly scope?: (request: { readonly deleted: DeletedMode }) => Readonly<Record<string, unknown>> | undefined
  /** Settings that the runtime reads, such as the field that a soft delete marks. */
  readonly settings?: Readonly<Record<string, unknown>>
}

/** Declares a plugin of one's own.
 *
 * ```ts
 * const named = definePlugin({ name: 'named', fields: { title: z.string() }, methods: { shout(this: { title: string }) { return this.title.toUpperCase() } } })
 * class Song extends model('Song', {}, { plugins: [named] }) {}
 * ```
 */
export function definePlugin<
  const PluginFields extends Shape = Record<never, never>,
  Statics extends object = Record<never, never>,
  Methods extends object = Record<never, never>,
>(plugin: Plugin<PluginFields, Statics, Methods>): Plugin<PluginFields, Statics, Methods> {
  return Object.freeze({ ...plugin })
}

type FieldsOfPlugin<P> = P extends { readonly fields?: infer F }
  ? unknown extends F
    ? unknown
    : NonNullable<F>
  : unknown
type StaticsOfPlugin<P> = P extends { readonly statics?: infer S }
  ? unknown extends S
    ? unknown
    : NonNullable<S>
  : unknown
type MethodsOfPlugin<P> = P extends { readonly methods?: infer M }
  ? unknown extends M
    ? unknown
    : NonNullable<M>
  : unknown

/** The fields of a model together with those of its plugins. */
export type WithFields<S, P extends readonly Plugin[]> = P extends readonly [
  infer A,
  ...infer R extends readonly Plugin[],
]
  ? WithFields<S & FieldsOfPlugin<A>, R>
  : S
/** The statics that plugins add. */
export type StaticsOf<P extends readonly Plugin[]> = P extends readonly [infer A, ...infer R extends readonly Plugin[]]
  ? StaticsOfPlugin<A> & StaticsOf<R>
  : unknown
/** The methods that plugins add. */
export type MethodsOf<P extends readonly Plugin[]> = P extends readonly [infer A, ...infer R extends readonly Plugin[]]
  ? MethodsOfPlugin<A> & MethodsOf<R>
  : unknown
