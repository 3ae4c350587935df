// The digest of what a plan matches, in whatever order it comes: the server may read it in its own.
import { hash } from 'node:crypto'
import { type WalkRequest, walkAll } from './bulk-walk.ts'

const LENGTH = 32

/** Takes documents one by one; the hashes of all of them are laid over each other. */
export class PlanDigest {
  readonly #sum = new Uint8Array(LENGTH)

  /** Adds a document; none may come twice. */
  add(document: Uint8Array): void {
    const text = hash('sha256', document, 'binary')
    for (let at = 0; at < LENGTH; at++) this.#sum[at]! ^= text.charCodeAt(at)
  }

  hex(): string {
    return Buffer.from(this.#sum).toString('hex')
  }
}

/** Gives the digest of what would be matched now. */
export async function digestNow(request: WalkRequest): Promise<string> {
  const digest = new PlanDigest()
  for await (const found of walkAll(request, { isOrdered: false })) for (const document of found) digest.add(document)
  return digest.hex()
}
