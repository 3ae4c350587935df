// Says when a write concern asks for members or modes that there are not.
import type { Document, Value } from '../bson/decode.ts'
import { document } from '../bson/literal.ts'
import { isNumber, toDouble } from '../values/numbers.ts'

/** Gives the writeConcernError of a command whose write concern cannot be met; it is written all the same. */
export function unmetConcern(body: Document): Document | undefined {
  const concern = body.get('writeConcern')
  const members = concern instanceof Map ? concern.get('w') : undefined
  if (members === undefined || members === 'majority') return undefined
  return typeof members === 'string' ? unknownMode(members) : tooMany(members)
}

function unknownMode(mode: string): Document {
  return document({
    code: 79,
    codeName: 'UnknownReplWriteConcern',
    errmsg: `No write concern mode named '${mode}' found in replica set configuration`,
  })
}

function tooMany(members: Value): Document | undefined {
  if (!isNumber(members) || toDouble(members) <= 1) return undefined
  return document({ code: 100, codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' })
}
