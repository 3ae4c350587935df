// The other side of a reference: the documents of another model that refer to this one.
import * as z from 'zod'
import type { Target } from './infer.ts'
import { MARKS } from './marks.ts'

/** Stands for the documents that refer to this one; nothing of it is stored. */
export interface Many<F> {
  /** Loads them. */
  load(): Promise<Target<F>[]>
  /** Counts them. */
  count(): Promise<number>
}

/** A zod schema of a reverse reference: never given, never stored. */
export interface ZodMany<F> extends z.ZodType<Many<F>, undefined> {
  readonly $ref: F
  readonly $many: true
}

/** Declares the documents of another model whose field refers to this one; loaded by `populate`.
 *
 * ```ts
 * class Article extends model('Article', { title: z.string(), remarks: many(() => Remark, 'article') }) {}
 * class Remark extends model('Remark', { article: ref(() => Article), text: z.string() }) {}
 * ```
 */
// biome-ignore lint/complexity/noBannedTypes: a type without call signature keeps circular models from being resolved early.
export function many<F extends Function>(target: F, foreign: string): ZodMany<F> {
  const definition = { type: 'transform' as const, transform: () => undefined, [MARKS]: { many: { target, foreign } } }
  return new z.ZodTransform(definition as never) as never
}
