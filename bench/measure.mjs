// Times contestants in turn in one process, and prints medians as ratios to the first of them.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

/**
 * Runs every contestant once a round, in an order that rotates, so that noise falls on all alike.
 *
 * Before each turn the young garbage is collected, so that nobody pays for the one before. A full collection would
 * make code cold: V8 then forgets the shapes of objects that nobody holds, and with them the code made for them.
 * `collect: 'all'` measures that.
 */
export async function race(title, contestants, { rounds = 9, warmups = 2, target, collect = 'young' } = {}) {
  const times = new Map(contestants.map(({ name }) => [name, []]))
  for (let round = -warmups; round < rounds; round++) {
    for (let turn = 0; turn < contestants.length; turn++) {
      const { name, before, run } = contestants[(turn + round + warmups) % contestants.length]
      const prepared = await before?.()
      collectGarbage({ type: collect === 'young' ? 'minor' : 'major' })
      const start = performance.now()
      await run(prepared)
      if (round >= 0) times.get(name).push(performance.now() - start)
    }
  }
  return print(title, times, { rounds, target })
}

/** Times something several times in a row; garbage is collected before the first only, since that makes code cold. */
export async function repeated(rounds, run) {
  const times = []
  collectGarbage()
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await run(round)
    times.push(performance.now() - start)
  }
  return median(times)
}

export function heading(title, note = '') {
  console.log(`\n${title}${note && `  (${note})`}`)
}

export function row(name, figure, note = '') {
  console.log(`  ${name.padEnd(34)} ${figure.padStart(12)}   ${note}`.trimEnd())
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

function print(title, times, { rounds, target }) {
  heading(title, `median and best of ${rounds}, interleaved`)
  const medians = new Map([...times].map(([name, values]) => [name, median(values)]))
  const base = medians.values().next().value
  for (const [name, value] of medians) {
    const best = Math.min(...times.get(name))
    const verdict = name === 'goose' && target ? `   target <= ${target.toFixed(2)}` : ''
    row(name, `${value.toFixed(1)} ms`, `${(value / base).toFixed(2)} x   best ${best.toFixed(1)} ms${verdict}`)
  }
  return medians
}
