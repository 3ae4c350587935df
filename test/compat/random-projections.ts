// Makes random projections of a find, without those that not every server survives.
import { pick, type Random } from '../support/random-values.ts'
import { chance, type Plain, randomPath, times } from './random-documents.ts'

/** Fields kept or left out, and perhaps a part of an array; no $elemMatch and no positional operator. */
export function randomProjection(random: Random): Plain {
  const flag = chance(random, 0.5) ? 1 : 0
  const entries = times(random, [1, 3], () => [randomPath(random), flag] as const)
  const sliced = pick(random, ['a', 'b', 'a.x', 'c.x.y'])
  return {
    ...Object.fromEntries(entries),
    ...(chance(random, 0.3) ? { [sliced]: { $slice: slice(random) } } : {}),
    ...(chance(random, 0.3) ? { _id: pick(random, [0, 1]) } : {}),
  }
}

function slice(random: Random): unknown {
  const number = () => Math.floor(random() * 6) - 3
  return chance(random, 0.5) ? number() : [number(), 1 + Math.floor(random() * 3)]
}
