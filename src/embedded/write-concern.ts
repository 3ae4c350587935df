// Says when a write concern asks for more members than there are.
import type { Document } from './bson.ts'
import { document } from './literal.ts'
import { isNumber, toDouble } from './numbers.ts'

/** Gives the writeConcernError of a command whose write concern cannot be met; it is written all the same. */
export function unmetConcern(body: Document): Document | undefined {
  const concern = body.get('writeConcern')
  const members = concern instanceof Map ? concern.get('w') : undefined
  if (members === undefined || !isNumber(members) || toDouble(members) <= 1) return undefined
  return document({ code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' })
}
