// Says which open transaction of this process has written what: the second to write the same is in conflict.
import { writeConflict } from './write-conflict.ts'

type Owners<Key> = Map<Key, object>

export class Claims {
  readonly #keys: Owners<string> = new Map()
  readonly #documents = new Map<number, Owners<number>>()
  /** what each has, so that it can let go of it */
  readonly #claimed = new Map<object, { readonly keys: string[]; readonly documents: Map<number, number[]> }>()

  /** Takes an entry; throws a write conflict when another has it. */
  claim(owner: object, key: string): void {
    if (isTaken(this.#keys, key, owner)) this.#of(owner).keys.push(key)
  }

  /** Takes a document; throws a write conflict when another has it. */
  claimDocument(owner: object, collection: number, record: number): void {
    if (
      !isTaken(
        listed(this.#documents, collection, () => new Map()),
        record,
        owner,
      )
    )
      return
    listed(this.#of(owner).documents, collection, () => []).push(record)
  }

  release(owner: object): void {
    const { keys, documents } = this.#of(owner)
    for (const key of keys) this.#keys.delete(key)
    for (const [collection, records] of documents) {
      const owners = this.#documents.get(collection)!
      for (const record of records) owners.delete(record)
      if (owners.size === 0) this.#documents.delete(collection)
    }
    this.#claimed.delete(owner)
  }

  #of(owner: object) {
    return listed(this.#claimed, owner, () => ({ keys: [], documents: new Map() }))
  }
}

/** Gives false where it was the owner's already. */
function isTaken<Key>(owners: Owners<Key>, key: Key, owner: object): boolean {
  const other = owners.get(key)
  if (other === owner) return false
  if (other !== undefined) throw writeConflict()
  owners.set(key, owner)
  return true
}

function listed<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const there = map.get(key)
  if (there !== undefined) return there
  const made = make()
  map.set(key, made)
  return made
}
