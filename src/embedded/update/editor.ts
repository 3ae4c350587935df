// Applies changes at paths of one document, copying only the parts that change.
import type { Document, Value } from '../bson/decode.ts'
import { CommandError } from '../errors.ts'
import { isIdentical } from '../values/identity.ts'
import { textOf } from '../values/text.ts'
import type { ArrayFilters } from './array-filters.ts'
import type { Change } from './change.ts'
import { ChangedPaths } from './conflicts.ts'
import { elementIndex, placeholderName, type UpdatePath } from './update-path.ts'

/** Says that a path leads through a value that has no fields. */
export function notTraversable(
  path: string,
  { name, parent, value }: { name: string; parent: string; value: Value },
): CommandError {
  return new CommandError(
    'PathNotViable',
    `Cannot use the part (${name}) of (${path}) to traverse the element ({${parent}: ${textOf(value)}})`,
  )
}

export interface EditorOptions {
  readonly filters: ArrayFilters
  /** the array index that `$` stands for */
  readonly position: () => number | undefined
  /** whether placeholders could make several paths meet in one place */
  readonly tracks: boolean
}

const MAX_PADDING = 1_500_000

/** Holds a document while its changes are made; the original is never touched. */
export class Editor {
  readonly original: Document
  readonly options: EditorOptions
  readonly owned = new Set<object>()
  readonly changed: ChangedPaths | undefined
  document: Document
  path: UpdatePath = { text: '', parts: [], dynamic: false }
  trail: string[] = []

  constructor(original: Document, options: EditorOptions) {
    this.original = original
    this.document = original
    this.options = options
    this.changed = options.tracks ? new ChangedPaths() : undefined
  }

  change(path: UpdatePath, change: Change): void {
    this.path = path
    this.trail = []
    this.document = this.inDocument(this.document, 0, change)
  }

  /** Gives the value for what is at a depth of the path; undefined for none. */
  value(value: Value | undefined, depth: number, change: Change): Value | undefined {
    if (depth === this.path.parts.length) return this.leaf(value, change)
    if (value === undefined) return this.created(depth, change)
    if (value instanceof Map) return this.inDocument(value, depth, change)
    if (Array.isArray(value)) return this.inArray(value, depth, change)
    if (placeholderName(this.path.parts[depth]!) !== undefined) throw this.notAnArray(value)
    if (change.absent !== 'ignore') throw this.notViable(depth, value, change)
    return value
  }

  leaf(value: Value | undefined, change: Change): Value | undefined {
    this.changed?.add(this.trail)
    if (value === undefined) return change.missing()
    const result = change.existing(value, { path: this.trail.join('.'), document: this.original })
    return result !== undefined && isIdentical(result, value) ? value : result
  }

  created(depth: number, change: Change): Value | undefined {
    if (placeholderName(this.path.parts[depth]!) !== undefined) throw this.mustExist()
    const name = this.partName(depth)
    const inner = this.step(name, () => this.value(undefined, depth + 1, change))
    return inner === undefined ? undefined : this.own(new Map([[name, inner]]))
  }

  inDocument(document: Document, depth: number, change: Change): Document {
    if (placeholderName(this.path.parts[depth]!) !== undefined) throw this.notAnArray(document)
    const name = this.partName(depth)
    const old = document.get(name)
    const value = this.step(name, () => this.value(old, depth + 1, change))
    if (value === old) return document
    const target = this.owned.has(document) ? document : this.own(new Map(document))
    if (value === undefined) target.delete(name)
    else target.set(name, value)
    return target
  }

  inArray(array: Value[], depth: number, change: Change): Value[] {
    const placeholder = placeholderName(this.path.parts[depth]!)
    if (placeholder !== undefined) return this.inElements(array, depth, { change, placeholder })
    const name = this.partName(depth)
    const index = elementIndex(name)
    if (index >= 0) return this.inElement(array, depth, { change, index })
    if (change.absent !== 'ignore') throw this.notViable(depth, array, change)
    return array
  }

  inElements(array: Value[], depth: number, { change, placeholder }: { change: Change; placeholder: string }): Value[] {
    const isWanted = placeholder === '' ? () => true : this.options.filters.get(placeholder)!
    let target = array
    for (let index = 0; index < array.length; index++) {
      if (isWanted(array[index]!)) target = this.inElement(target, depth, { change, index })
    }
    return target
  }

  /** Removing an element leaves null: the others keep their places. */
  inElement(array: Value[], depth: number, { change, index }: { change: Change; index: number }): Value[] {
    const old = array[index]
    const value = this.step(String(index), () => this.value(old, depth + 1, change))
    if (value === old) return array
    if (index - array.length > MAX_PADDING)
      throw new CommandError('CannotBackfillArray', `can't backfill more than ${MAX_PADDING} elements`)
    const target = this.owned.has(array) ? array : this.own([...array])
    while (target.length < index) target.push(null)
    target[index] = value ?? null
    return target
  }

  step<Result>(name: string, go: () => Result): Result {
    this.trail.push(name)
    const result = go()
    this.trail.pop()
    return result
  }

  partName(depth: number): string {
    const part = this.path.parts[depth]!
    if (part !== '$') return part
    const position = this.options.position()
    if (position === undefined)
      throw new CommandError('BadValue', 'The positional operator did not find the match needed from the query.')
    return String(position)
  }

  own<Container extends object>(container: Container): Container {
    this.owned.add(container)
    return container
  }

  notViable(depth: number, value: Value, change: Change): CommandError {
    const name = this.partName(depth)
    const parent = this.trail.at(-1) ?? ''
    if (change.absent === 'check') return notTraversable(this.path.text, { name, parent, value })
    return new CommandError('PathNotViable', `Cannot create field '${name}' in element {${parent}: ${textOf(value)}}`)
  }

  notAnArray(value: Value): CommandError {
    return new CommandError(
      'BadValue',
      `Cannot apply array updates to non-array element ${this.trail.at(-1) ?? ''}: ${textOf(value)}`,
    )
  }

  mustExist(): CommandError {
    return new CommandError(
      'BadValue',
      `The path '${this.trail.join('.')}' must exist in the document in order to apply array updates.`,
    )
  }
}
