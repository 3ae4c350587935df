// Schemas of what requests ask with: pages, cursors, ids in paths.
import * as z from 'zod'
import { objectId } from '../models/marks.ts'

/** How large pages may be. */
export interface PageSizes {
  /** The size where none is asked. */
  readonly size?: number
  /** The largest size a client may ask. */
  readonly most?: number
}

/** Makes the schema of `?page=2&size=20`, to be given to `query.page()`. More than `most` is refused.
 *
 * ```ts
 * const page = await Post.find().page(pageQuery({ size: 5 }).parse({ page: '2' }))
 * console.assert(page.page === 2 && page.size === 5)
 * ```
 */
export function pageQuery(sizes: PageSizes = {}): z.ZodObject<{
  page: z.ZodDefault<z.ZodCoercedNumber>
  size: z.ZodDefault<z.ZodCoercedNumber>
}> {
  return z.strictObject({ page: wholeFrom1().default(1), size: sizeSchema(sizes) }) as never
}

/** Makes the schema of `?after=CURSOR&size=20`, for `query.after()`; without a cursor it is the first page. */
export function cursorQuery(sizes: PageSizes = {}): z.ZodObject<{
  after: z.ZodOptional<z.ZodString>
  size: z.ZodDefault<z.ZodCoercedNumber>
}> {
  return z.strictObject({ after: cursorSchema().optional(), size: sizeSchema(sizes) }) as never
}

/** Makes the schema of a path with an ObjectId: `/posts/:id`.
 *
 * ```ts
 * console.assert(!objectIdParam().safeParse({ id: 'not-an-id' }).success)
 * ```
 */
export function objectIdParam(): z.ZodObject<{ id: ReturnType<typeof objectId> }>
export function objectIdParam<const Name extends string>(
  name: Name,
): z.ZodObject<Record<Name, ReturnType<typeof objectId>>>
export function objectIdParam(name = 'id'): unknown {
  return z.object({ [name]: objectId() })
}

/** The number of a page. */
export function wholeFrom1(): z.ZodCoercedNumber {
  return z.coerce.number().int().min(1).max(1_000_000_000)
}

/** The size of a page. */
export function sizeSchema({ size = 20, most = 100 }: PageSizes): z.ZodDefault<z.ZodCoercedNumber> {
  return z.coerce.number().int().min(1).max(most).default(Math.min(size, most))
}

/** A cursor, as text; whether it is one, the query says. */
export function cursorSchema(): z.ZodString {
  return z.string().max(4096)
}
