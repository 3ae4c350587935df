// Lean reads: plain objects with what is stored, for when documents are not needed.
import type { ObjectId } from 'mongodb'
import { GooseError } from '../errors.ts'
import { encryptedFields } from '../models/encrypted-fields.ts'
import type { Fields, IdIn, ShapeOf } from '../models/infer.ts'
import type { Plan } from '../models/plan.ts'
import { storedFrom } from './codec.ts'
import type { RuntimeModel } from './document.ts'
import { readAll, readBatches } from './execute.ts'

/** A stored document as a plain object: ids where references are, nothing filled in. */
export type Lean<D> = { readonly _id: IdIn<ShapeOf<D>> } & {
  [K in keyof ShapeOf<D>]?: PlainValue<Fields<ShapeOf<D>>[K]>
}

type PlainValue<V> = V extends { load(): unknown; toBSON(): unknown }
  ? V extends { readonly _id: infer I }
    ? I
    : unknown
  : V extends Date | ObjectId
    ? V
    : V extends readonly (infer E)[]
      ? PlainValue<E>[]
      : V

/** Reads plain objects. */
export interface LeanQuery<D> extends AsyncIterable<Lean<D>> {
  /** Reads all of them. */
  all(): Promise<Lean<D>[]>
  /** Reads the first, or null. */
  first(): Promise<Lean<D> | null>
}

/** Makes a lean query of a plan. Refuses what needs documents: populate, and encrypted fields. */
export function leanQuery<D>(model: RuntimeModel, plan: Plan): LeanQuery<D> {
  const { definition } = model
  const refuse = (reason: string) =>
    new GooseError('INVALID_QUERY', { model: definition.name, reason, hint: 'leave lean() out' })
  if (plan.populate.length > 0) throw refuse('lean() reads no references')
  if (encryptedFields(definition).length > 0) throw refuse('lean() does not decrypt')
  const read = async (limited: Plan) => (await readAll(definition, limited)).map(storedFrom) as Lean<D>[]
  return {
    all: () => read(plan),
    first: async () => (await read({ ...plan, limit: 1 }))[0] ?? null,
    async *[Symbol.asyncIterator]() {
      for await (const batch of readBatches(definition, plan)) yield* batch.map(storedFrom) as Lean<D>[]
    },
  }
}
