// Reads what is exported batch by batch, one ahead, and goes on where it was when the connection comes back.
import { BSON } from 'mongodb'
import type { ModelDefinition } from '../models/definition.ts'
import type { Plan } from '../models/plan.ts'
import { readBatches } from '../runtime/execute.ts'
import { ahead } from './ahead.ts'
import { patiently } from './patience.ts'

type Batch = readonly Buffer[]

/** Reads the batches of a plan. Without an order of its own it goes by `_id`, and can be taken up again. */
export async function* batchesOf(
  definition: ModelDefinition,
  plan: Plan,
  options: { readonly patience: number | undefined },
): AsyncGenerator<Batch> {
  const isById = plan.sort.length === 0 && !plan.skip && plan.limit === undefined
  if (!isById) return yield* ahead(readBatches(definition, plan) as AsyncGenerator<Batch>)
  const ordered: Plan = { ...plan, sort: [['_id', 1]] }
  let last: Buffer | undefined
  let reading = ahead(batchesAfter(definition, ordered, last))
  const next = async (attempt: number) => {
    if (attempt > 1) reading = ahead(batchesAfter(definition, ordered, last))
    return reading.next()
  }
  try {
    for (let read = await patiently(next, options); !read.done; read = await patiently(next, options)) {
      last = read.value.at(-1)
      yield read.value
    }
  } finally {
    await reading.return(undefined)
  }
}

// $expr compares ids of all types; a plain $gt would end where another type begins.
function batchesAfter(definition: ModelDefinition, plan: Plan, last: Buffer | undefined): AsyncGenerator<Batch> {
  const after = last ? { $expr: { $gt: ['$_id', { $literal: BSON.deserialize(last, exact)._id }] } } : {}
  const filters = [...plan.filters, after]
  return readBatches(definition, { ...plan, filters }) as AsyncGenerator<Batch>
}

const exact = { promoteValues: false, promoteBuffers: false, bsonRegExp: true } as const
