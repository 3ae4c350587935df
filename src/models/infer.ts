// The types of models: fields, input, references, populate paths and what a populate has loaded.
import type { Binary, ObjectId } from 'mongodb'
import type * as z from 'zod'

declare const SHAPE: unique symbol

/** The zod fields of a model, by name. */
export type Shape = Record<string, z.core.SomeType>

/** What every document carries for the compiler alone: the fields it was made from. */
export interface Shaped<S> {
  readonly [SHAPE]: S
}

/** The fields a document was made from. */
export type ShapeOf<D> = D extends Shaped<infer S> ? S : never

/** The document that a reference's function leads to. Resolved only inside members, so that cycles are no trouble. */
export type Target<F> = F extends () => infer C
  ? C extends abstract new (
      ...input: never
    ) => infer D
    ? D
    : never
  : never

type IdOf<D> = D extends { readonly _id: infer I } ? I : ObjectId

/** The type of a model's `_id`: an ObjectId unless the fields declare another. */
export type IdIn<S> = S extends { readonly _id: infer I extends z.core.SomeType } ? z.output<I> : ObjectId

/** A reference that is not loaded. Every document is structurally one. */
export interface Ref<F> {
  readonly _id: IdOf<Target<F>>
  /** Loads the document. Throws `DocumentNotFound` when it is gone. */
  load(): Promise<Target<F>>
  toBSON(): unknown
  toJSON(): unknown
}

/** A reference by a key other than `_id`: carries that key under its own name. */
export type KeyedRef<F, B extends string> = {
  readonly [K in B]: Target<F> extends infer D ? (K extends keyof D ? D[K] : never) : never
} & {
  /** Loads the document. Throws `DocumentNotFound` when it is gone. */
  load(): Promise<Target<F>>
  toBSON(): unknown
  toJSON(): unknown
}

/** The fields of a document, from the shape of its model. */
export type Fields<S> = { -readonly [K in keyof S]: z.output<S[K]> }

type OptionalKeys<S> = { [K in keyof S]: undefined extends z.input<S[K]> ? K : never }[keyof S]

/** What `create` takes: fields with a default or `.optional()` may be left out. */
export type Input<S> = { [K in Exclude<keyof S, OptionalKeys<S>>]: z.input<S[K]> } & {
  [K in OptionalKeys<S>]?: z.input<S[K]>
} & (S extends { readonly _id: unknown } ? unknown : { readonly _id?: ObjectId | string })

type Unwrapped<S> = S extends { readonly $ref: unknown }
  ? S
  : S extends { readonly element: infer E }
    ? Unwrapped<E>
    : S extends { readonly shape: unknown }
      ? S
      : S extends { readonly _zod: { readonly def: { readonly innerType: infer I } } }
        ? Unwrapped<I>
        : never

type IsList<S> = S extends { readonly $many: unknown }
  ? true
  : S extends { readonly $ref: unknown }
    ? false
    : S extends { readonly element: unknown }
      ? true
      : S extends { readonly _zod: { readonly def: { readonly innerType: infer I } } }
        ? IsList<I>
        : false

type RefKeys<S> = {
  [K in keyof S]: Unwrapped<S[K]> extends infer U
    ? [U] extends [never]
      ? never
      : U extends { readonly $ref: unknown }
        ? K
        : never
    : never
}[keyof S] &
  string
type OuterKeys<S> = { [K in keyof S]: [Unwrapped<S[K]>] extends [never] ? never : K }[keyof S] & string

type Inside<Z> =
  Unwrapped<Z> extends infer U
    ? U extends { readonly $ref: infer F }
      ? ShapeOf<Target<F>>
      : U extends { readonly shape: infer I }
        ? I
        : never
    : never

/** Checks one populate path segment by segment; a wrong one becomes the paths that would be right. */
export type Path<S, P extends string> = P extends `${infer H}.${infer R}`
  ? H extends OuterKeys<S>
    ? `${H}.${Path<Inside<S[H]>, R>}`
    : RefKeys<S>
  : P extends RefKeys<S>
    ? P | `${P}.`
    : RefKeys<S> | `${OuterKeys<S>}.`

// A path that ends in "?" was asked for with onMissing: 'null'.
type Head<P extends string> = P extends `${infer H}.${string}` ? H : P extends `${infer H}?` ? H : P
type Tail<P extends string, K extends string> = P extends `${K}.${infer R}` ? R : P extends `${K}?` ? '?' : never

/** The fields that a populate of the paths P has loaded. */
export type LoadedPart<S, P extends string> = {
  -readonly [K in Head<P> & keyof S & string]: LoadedField<S[K], Tail<P, K>>
}

type LoadedField<Z, R extends string> =
  IsList<Z> extends true ? LoadedOne<Z, R>[] | Nothing<Z> : LoadedOne<Z, R> | Nothing<Z>
type LoadedOne<Z, R extends string> =
  Unwrapped<Z> extends infer U
    ? U extends { readonly $ref: infer F }
      ? LoadedDocument<Target<F>, Exclude<R, '?'>> | ('?' extends R ? null : never)
      : U extends { readonly shape: infer I }
        ? LoadedPart<I, R> & Fields<I>
        : never
    : never
type Nothing<Z> = Extract<Z extends z.core.SomeType ? z.output<Z> : never, null | undefined>

/** A document with what a populate of the paths P has loaded. */
export type LoadedDocument<D, P extends string> = [P] extends [never]
  ? D
  : [Extract<P, `${string}?`>] extends [never]
    ? LoadedPart<ShapeOf<D>, P> & D
    : LoadedPart<ShapeOf<D>, P> & Omit<D, Head<Extract<P, `${string}?`>>>

/** What a reference may be given as: a key of any type, or what has one. */
export type Key = ObjectId | Binary | string | number | bigint | { readonly _id: unknown }

type Element<V> = V extends readonly (infer E)[] ? E : V
type Given<V> = V extends { load(): unknown; toBSON(): unknown }
  ? Key | { load(): unknown }
  : V extends ObjectId
    ? ObjectId | string
    : V extends Date
      ? Date | string
      : V

/** The operators of a filter on one value. */
export interface Operators<V> {
  readonly $eq?: V | null
  readonly $ne?: V | null
  readonly $gt?: V
  readonly $gte?: V
  readonly $lt?: V
  readonly $lte?: V
  readonly $in?: readonly (V | null)[]
  readonly $nin?: readonly (V | null)[]
  readonly $exists?: boolean
  readonly $type?: string | number | readonly (string | number)[]
  readonly $regex?: string | RegExp
  readonly $options?: string
  readonly $all?: readonly unknown[]
  readonly $elemMatch?: Record<string, unknown>
  readonly $size?: number
  readonly $mod?: readonly [number, number]
  readonly $not?: unknown
  readonly [operator: `$geo${string}` | `$near${string}` | `$bits${string}`]: unknown
}

type Condition<V> =
  | Given<V>
  | Given<Element<V>>
  | Operators<Given<V> | Given<Element<V>>>
  | (V extends string ? RegExp : never)

/** A filter on documents D: known fields are checked by type, dotted paths when the query is made. */
export type Filter<D> = FieldFilter<ShapeOf<D>> & {
  readonly _id?: Condition<IdOf<D>> | { readonly _id: unknown }
  readonly $or?: readonly Filter<D>[]
  readonly $and?: readonly Filter<D>[]
  readonly $nor?: readonly Filter<D>[]
  readonly $expr?: unknown
  readonly $text?: { readonly $search: string; readonly [option: string]: unknown }
  readonly $comment?: string
  readonly [path: `${string}.${string}`]: unknown
}
type FieldFilter<S> = {
  readonly [K in keyof S]?:
    | Condition<z.output<S[K]>>
    | (null extends z.output<S[K]> ? null : undefined extends z.output<S[K]> ? null : never)
}
