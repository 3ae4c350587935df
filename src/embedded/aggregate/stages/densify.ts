// Runs $densify: adds documents where a series of numbers or dates has gaps.
import type { Document, Value } from '../../bson/decode.ts'
import { CommandError } from '../../errors.ts'
import { add, isNumber, isZeroNumber, remainder, subtract } from '../../values/numbers.ts'
import { compileSort } from '../../values/sort.ts'
import { typeName } from '../../values/type-names.ts'
import { compareValues, hashValue } from '../../values/values.ts'
import { addUnits, lengthOf } from '../calendar/units.ts'
import { UTC } from '../calendar/zone.ts'
import { integerOf } from '../integer.ts'
import { isNullish } from '../operator.ts'
import type { StageOperator } from '../stage.ts'
import { generatedIn, nestedValue } from './densify-document.ts'
import { type Densifying, densifyingOf, direction } from './densify-specification.ts'

export const densify: StageOperator = (specification, { environment }) => {
  const densifying = densifyingOf(specification)
  const order = compileSort(direction(densifying), environment.collation)
  return {
    reads: null,
    run: function* (input: Iterable<Document>) {
      const documents = [...input].sort((a, b) => order.compare(a, b))
      yield* new Densifier(densifying).fill(documents)
    },
  }
}

/** How far the series of one partition has come. */
interface Reached {
  readonly sample: Document
  /** the last value on the step */
  value: Value
}

const MOST_GENERATED = 500_000

class Densifier {
  readonly #densifying: Densifying
  readonly #partitions = new Map<string, Reached>()
  #lowest: Value | undefined
  #highest: Value | undefined
  #generated = 0

  constructor(densifying: Densifying) {
    this.#densifying = densifying
  }

  /** Documents without the field pass; the others come in order, with what is missing before each. */
  *fill(documents: readonly Document[]): Iterable<Document> {
    for (const document of documents) {
      const value = nestedValue(document, this.#densifying.field)
      if (isNullish(value)) yield document
      else yield* this.#until(document, checkedPosition(value, this.#densifying))
    }
    yield* this.#rest()
  }

  *#until(document: Document, value: Value): Iterable<Document> {
    const key = this.#keyOf(document)
    const known = this.#partitions.get(key)
    this.#lowest ??= value
    this.#highest = value
    if (known) return yield* this.#gap(known, document, value)
    const reached = { sample: document, value: this.#beginning(value) }
    this.#partitions.set(key, reached)
    if (reached.value === value) yield document
    else yield* this.#gap(reached, document, value)
  }

  /** The value after which a partition is filled: one step before the lower border, or its own first one. */
  #beginning(value: Value): Value {
    const { bounds } = this.#densifying
    if (bounds === 'partition') return value
    if (bounds !== 'full') return this.#stepped(bounds[0], -1)
    return compareValues(value, this.#lowest!) === 0 ? value : this.#stepped(this.#lowest!, -1)
  }

  *#gap(reached: Reached, document: Document, value: Value): Iterable<Document> {
    yield* this.#generate(reached, this.#limited(value))
    const isNext = compareValues(this.#stepped(reached.value, 1), value) === 0
    if (isNext && compareValues(this.#limited(value), value) === 0) reached.value = value
    yield document
  }

  /** Nothing is made at or above the upper one of two borders. */
  #limited(value: Value): Value {
    const { bounds } = this.#densifying
    return typeof bounds === 'string' || compareValues(value, bounds[1]) < 0 ? value : bounds[1]
  }

  *#generate(reached: Reached, limit: Value): Iterable<Document> {
    for (;;) {
      const next = this.#stepped(reached.value, 1)
      if (compareValues(next, limit) >= 0) return
      if (++this.#generated > MOST_GENERATED)
        throw new CommandError(5897900, `$densify would generate more than ${MOST_GENERATED} documents`)
      reached.value = next
      yield generatedIn(reached.sample, next, this.#densifying)
    }
  }

  /** What the partitions lack up to the upper border, or up to the largest value of all. */
  *#rest(): Iterable<Document> {
    const { bounds, partition } = this.#densifying
    if (bounds === 'partition') return
    if (bounds !== 'full') {
      if (partition.length === 0 && this.#partitions.size === 0)
        this.#partitions.set('', { sample: new Map(), value: this.#stepped(bounds[0], -1) })
      for (const reached of this.#partitions.values()) yield* this.#generate(reached, bounds[1])
      return
    }
    for (const reached of this.#partitions.values()) {
      const highest = this.#highest!
      yield* this.#generate(reached, this.#isOnStep(highest, reached.value) ? this.#stepped(highest, 1) : highest)
    }
  }

  #isOnStep(value: Value, base: Value): boolean {
    const { step, unit } = this.#densifying
    if (isNumber(value) && isNumber(base)) return isZeroNumber(remainder(subtract(value, base), step))
    const length = lengthOf(unit!)
    const distance = (value as Date).getTime() - (base as Date).getTime()
    if (length !== undefined) return distance % (length * integerOf(step)!) === 0
    let reached = base
    while (compareValues(reached, value) < 0) reached = this.#stepped(reached, 1)
    return compareValues(reached, value) === 0
  }

  #stepped(from: Value, times: 1 | -1): Value {
    const { step, unit } = this.#densifying
    if (isNumber(from)) return times > 0 ? add(from, step) : subtract(from, step)
    return new Date(addUnits((from as Date).getTime(), times * integerOf(step)!, { unit: unit!, zone: UTC }))
  }

  #keyOf(document: Document): string {
    return this.#densifying.partition.map(names => hashValue(nestedValue(document, names))).join('\0')
  }
}

function checkedPosition(value: Value, { unit }: Densifying): Value {
  if (!isNumber(value) && !(value instanceof Date))
    throw new CommandError(5733201, `Densify field type must be numeric or a date, found ${typeName(value)}`)
  if (isNumber(value) && unit)
    throw new CommandError(6053600, 'Encountered numeric densify value in collection when step has a date unit.')
  if (value instanceof Date && !unit)
    throw new CommandError(6053600, 'Encountered date densify value in collection when step does not have a date unit.')
  return value
}
