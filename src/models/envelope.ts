// The stored form of an encrypted value: which bytes it consists of, and where its blind index lies.
import { Binary } from 'mongodb'

/** The name of the ciphertext of a queryable value. */
export const CIPHER = 'c'

/** The name of the blind index beside it. */
export const BLIND = 'h'
