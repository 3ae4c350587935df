// Random numbers that are the same for the same seed.

/** Gives a function for whole numbers from 0 to below a bound. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761
  return below => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x6d2b79f5) | 0
    return ((state ^ (state >>> 13)) >>> 0) % below
  }
}
